internal import Platform

/// The factor on the mean squared error of the network's own target, depending on the noise level.
///
/// All but ``Kind/plain`` are defined by the factor on the error of x̂_0, so they mean the same whatever the
/// network predicts. SNR is (α/σ)², r is σ/α.
public struct Weighting: Sendable, Hashable {
  /// The weightings of the loss.
  public enum Kind: String, RecipeWord {
    /// 1 for the network's own target.
    case plain
    /// SNR, which equals plain for ε.
    case snr
    /// min(SNR, γ), Hang et al. 2023, <https://arxiv.org/abs/2303.09556>.
    case minSNR = "min-snr"
    /// 1/(r² + σ_data²), Crowson et al. 2024, <https://arxiv.org/abs/2401.11605>.
    case softMinSNR = "soft-min-snr"
    /// (r² + σ_data²)/(r·σ_data)², Karras et al. 2022, which equals plain for ``Parameterization/edm``.
    case edm
    /// SNR/(k + SNR)^γ, Choi et al. 2022, <https://arxiv.org/abs/2204.00227>.
    case p2
    /// r^a for the score of data that is not scaled, Song and Ermon 2019, with a = 2.
    case power
    /// That of the variational bound per value, ½·(SNR_{t−1} − SNR_t), in nats, Kingma et al. 2021,
    /// <https://arxiv.org/abs/2107.00630>; at the lowest noise 1/(2·β̃_1), for a Gaussian with the variance
    /// of the step before.
    case vlb

    public var meaning: String {
      switch self {
      case .plain: "the same at all levels"
      case .snr: "SNR for x_0, which equals plain for ε"
      case .minSNR: "SNR for x_0, at most γ"
      case .softMinSNR: "SNR for x_0, smoothly limited by the size of the data"
      case .edm: "EDM's, which equals plain for its own target"
      case .p2: "less at low noise, where only fine detail is left"
      case .power: "the score's error times a power of the noise"
      case .vlb: "that of the variational bound"
      }
    }
  }

  /// The weighting.
  public var kind: Kind
  /// γ of ``Kind/minSNR`` and the exponent of ``Kind/p2``.
  public var gamma = 5.0
  /// k of ``Kind/p2``.
  public var offset = 1.0
  /// a of ``Kind/power``.
  public var power = 2.0
  /// The deviation of the data.
  public var sigmaData = 0.5

  /// A weighting with its usual parameters.
  public init(_ kind: Kind = .plain) { self.kind = kind }

  /// The weights at levels of a schedule.
  ///
  /// - Precondition: with ``Kind/vlb`` the levels are in its list.
  package func weights(
    at steps: [NoiseStep], along schedule: Schedule, predicting parameterization: Parameterization
  ) -> [Double] {
    guard kind != .plain else { return Array(repeating: 1, count: steps.count) }
    return steps.map { step in
      // The error of a·x_0 + b·ε at a given x is a − b·α/σ times that of x_0.
      let (a, b) = parameterization.weights(at: step.level)
      let factor = a - b * step.level.alpha / step.level.sigma
      return weight(step, schedule) / (factor * factor)
    }
  }

  /// What the squared error of x̂_0 is multiplied by.
  private func weight(_ step: NoiseStep, _ schedule: Schedule) -> Double {
    let (snr, ratio) = (step.level.snr, step.level.sigmaOverAlpha)
    switch kind {
    case .plain, .snr: return snr
    case .minSNR: return min(snr, gamma)
    case .softMinSNR: return 1 / (ratio * ratio + sigmaData * sigmaData)
    case .edm: return 1 / (sigmaData * sigmaData) + snr
    case .p2: return snr / pow(offset + snr, gamma)
    case .power: return pow(ratio, power - 4)
    case .vlb:
      guard let t = step.index else {
        preconditionFailure("the bound counts the schedule's levels")
      }
      guard t == 0 else { return (schedule[t - 1].snr - snr) / 2 }
      let (low, next) = (step.level, schedule[min(1, schedule.count - 1)])
      let alpha = next.alpha / low.alpha
      let forward = next.sigma * next.sigma - alpha * alpha * low.sigma * low.sigma
      return next.sigma * next.sigma / (2 * forward * low.sigma * low.sigma)
    }
  }
}
