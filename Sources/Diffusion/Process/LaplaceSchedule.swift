internal import Platform

/// The Laplace schedule: most levels have about as much signal as noise.
///
/// Source: Hang and Gu 2024, <https://arxiv.org/abs/2407.03297>, as `betas_for_alpha_bar` of diffusers
/// has it, where ᾱ is the root of SNR/(1 + SNR).
public struct LaplaceSchedule: AlphaBarSchedule {
  public static let name = "laplace"
  public static let meaning = "Most levels have about as much signal as noise."
  public static let diffusersName: String? = "laplace"

  public var timesteps = 1000
  /// The width of the distribution of log-SNR, above 0.
  public var scale = 0.5
  public var maxBeta = 0.999
  public var zeroSNR = false

  public init() {}

  public static let table: [Setting<Self>] = [
    .timesteps,
    .real(
      \.scale, "scale", Interval(0.1...2), by: .linear(step: 0.05),
      "how far the levels reach from as much signal as noise"),
    .maxBeta, .zeroSNR,
  ]

  public func alphaBar(_ u: Double) -> Double {
    let sign: Double = 0.5 - u < 0 ? -1 : 1
    let snr = exp(-scale * sign * log(1 - 2 * abs(0.5 - u) + 1e-6))
    return (snr / (1 + snr)).squareRoot()
  }
}
