internal import CKernels

/// Gaussian noise at drawn levels, and the mean squared error of what is predicted, weighted by level.
///
/// Source: Ho et al. 2020, Algorithm 1 and equation 14, <https://arxiv.org/abs/2006.11239>.
public struct DenoisingObjective: Objective {
  public static let name = "denoising"
  public static let meaning = "the mean squared error of what is predicted, at drawn noise levels"

  /// What a batch is judged against: the target, (B, H, W, C), and what each error counts.
  public struct Truth {
    let target: Tensor
    let weights: [Double]
    let shares: [Double]
  }

  public var parameterization = Parameterization.epsilon
  /// How the loss is weighted by noise level.
  public var weighting = Weighting()
  /// Which noise levels are trained, and how often.
  public var noise = TrainingNoise()

  public init() {}

  /// The objective of a network that predicts this.
  public init(predicting parameterization: Parameterization) {
    self.parameterization = parameterization
  }

  public static let table: [Setting<Self>] = [
    .word(\.parameterization.kind, "predict", "what the network answers"),
    .word(\.weighting.kind, "weighting", "how much the error at a noise level counts"),
    .word(\.noise.kind, "noise", "which noise levels are drawn"),
    .flag(\.noise.stratified, "stratified", "spreads the levels of a batch evenly"),
    .real(
      \.noise.mean, "noise_mean", Interval(-10...10), by: .linear(step: 0.1),
      "of ln σ/α in log-normal noise, −1.2 in EDM; of the logit in logit-normal noise, often 0"
    ).label("mean"),
    .real(
      \.noise.standardDeviation, "noise_deviation", Interval(0.05...10), by: .linear(step: 0.1),
      "of the same; 1.2 in EDM, often 1 in logit-normal noise"
    ).label("deviation"),
    .real(
      \.sigmaData, "sigma_data", Interval(0.01...100), by: .logarithmic(perDecade: 20),
      "the deviation of the data, for edm and for the weightings that know it"
    ).label("σ data"),
    .real(
      \.weighting.gamma, "gamma", Interval(0...100), by: .linear(step: 0.5),
      "the highest weight of min-snr; the exponent of p2"
    ).label("γ"),
    .real(
      \.weighting.offset, "p2_k", Interval(0.01...100), by: .logarithmic(perDecade: 20),
      "added to the SNR in p2"
    ).label("k of P2"),
    .real(
      \.weighting.power, "power", Interval(-4...8), by: .linear(step: 0.5),
      "of the noise, in the weighting power"),
    Setting(
      "scale_input", .flag, "divides what the network sees by its size √(α² + σ²)",
      absent: "as the network was made for",
      get: { $0.parameterization.scalesInput.map { .flag($0) } },
      set: {
        guard case .flag(let flag) = $1 else { return false }
        $0.parameterization.scalesInput = flag
        return true
      }
    ).label("scale in"),
  ]

  /// The deviation of the data, wherever it counts.
  private var sigmaData: Double {
    get { parameterization.sigmaData }
    set { (parameterization.sigmaData, weighting.sigmaData) = (newValue, newValue) }
  }

  public var conflict: SettingConflict? {
    guard weighting.kind == .vlb, !noise.staysOnList else { return nil }
    return SettingConflict(
      ["weighting", "noise"],
      "weighting = vlb counts the schedule's own levels; noise = uniform or importance draws those."
    )
  }

  public func begin() -> TrainingNoise.History { TrainingNoise.History() }

  public func corrupt(
    _ batch: Batch, along schedule: Schedule, _ state: TrainingNoise.History,
    using random: inout Random, ask: (Query) -> Tensor
  ) -> (Query, Truth) {
    let (steps, shares) = noise.draw(
      batch.x0.shape.batch, along: schedule, state, using: &random)
    let (epsilon, x, target) = (batch.makeTensor(), batch.makeTensor(), batch.makeTensor())
    random.fillNormal(epsilon)
    let levels = steps.map(\.level)
    // x_t = α·x_0 + σ·ε
    x.assignNoisy(x0: batch.x0, epsilon: epsilon, levels: levels)
    parameterization.target(x0: batch.x0, epsilon: epsilon, levels: levels, into: target)
    let weights = weighting.weights(at: steps, along: schedule, predicting: parameterization)
    return (
      Query(x, steps: steps, condition: batch.condition),
      Truth(target: target, weights: weights, shares: shares)
    )
  }

  public func loss(_ output: Tensor, _ truth: Truth, gradient: Tensor) -> [Double] {
    let size = output.shape.sampleCount
    return withExtendedLifetime((output, truth, gradient)) {
      (0..<output.shape.batch).map { sample in
        let start = sample * size
        let weight = truth.weights[sample]
        let counted = truth.shares.isEmpty ? weight : weight * truth.shares[sample]
        return weight
          * ck_mse(
            gradient.pointer + start, output.pointer + start, truth.target.pointer + start,
            2 / Float(output.count) * Float(counted), size) / Double(size)
      }
    }
  }

  public func shares(_ truth: Truth) -> [Double] { truth.shares }

  public func observe(
    _ losses: [Double], at steps: [NoiseStep], along schedule: Schedule,
    _ state: inout TrainingNoise.History
  ) {
    guard noise.kind == .importance else { return }
    state.add(losses, at: steps, count: schedule.count)
  }
}

extension DenoisingObjective {
  /// The loss of the best possible network on a data set, estimated by sampling: no expected training
  /// loss can be lower, though that of a batch may be.
  ///
  /// Noise is drawn `draws` times, as in training.
  public func expectedLoss(
    of ideal: IdealDenoiser, along schedule: Schedule, draws: Int, using random: inout Random
  ) -> Double {
    var noise = noise
    // What is drawn more often counts less: what is expected is the same.
    if noise.kind == .importance { noise.kind = .uniform }
    let steps = noise.draw(draws, along: schedule, TrainingNoise.History(), using: &random).steps
    return ideal.expectedLoss(
      over: steps.map(\.level),
      weights: weighting.weights(at: steps, along: schedule, predicting: parameterization),
      draws: 1, predicting: parameterization, using: &random)
  }
}
