internal import Platform

/// The exponential schedule: ᾱ falls by the same factor at each step.
///
/// Source: `betas_for_alpha_bar` of diffusers, whose rate is 12.
package struct ExponentialSchedule: AlphaBarSchedule {
  package static let name = "exponential"
  package static let meaning = "The signal ᾱ falls by the same factor at each step."
  package static let shortName = "exp"
  package static let diffusersName: String? = "exp"

  package var timesteps = 1000
  /// How fast ᾱ falls, above 0.
  package var rate = 12.0
  package var maxBeta = 0.999
  package var zeroSNR = false

  package init() {}

  package static let table: [Setting<Self>] = [
    .timesteps,
    .real(
      \.rate, "rate", Interval(0.5...50), by: .linear(step: 0.5),
      "how fast the signal falls: exp(−rate) of it is left at the end"),
    .maxBeta, .zeroSNR,
  ]

  package func alphaBar(_ u: Double) -> Double { exp(-rate * u) }
}
