internal import Platform

/// The Laplace schedule: most levels have about as much signal as noise.
///
/// Source: Hang and Gu 2024, <https://arxiv.org/abs/2407.03297>, as `betas_for_alpha_bar` of diffusers
/// has it, where ᾱ is the root of SNR/(1 + SNR).
package struct LaplaceSchedule: AlphaBarSchedule {
  package static let name = "laplace"
  package static let meaning = "Most levels have about as much signal as noise."
  package static let diffusersName: String? = "laplace"

  package var timesteps = 1000
  /// The width of the distribution of log-SNR, above 0.
  package var scale = 0.5
  package var maxBeta = 0.999
  package var zeroSNR = false

  package init() {}

  package static let table: [Setting<Self>] = [
    .timesteps,
    .real(
      \.scale, "scale", Interval(0.1...2), by: .linear(step: 0.05),
      "spread of log-SNR around 0"),
    .maxBeta, .zeroSNR,
  ]

  package func alphaBar(_ u: Double) -> Double {
    let sign: Double = 0.5 - u < 0 ? -1 : 1
    let snr = exp(-scale * sign * log(1 - 2 * abs(0.5 - u) + 1e-6))
    return (snr / (1 + snr)).squareRoot()
  }
}
