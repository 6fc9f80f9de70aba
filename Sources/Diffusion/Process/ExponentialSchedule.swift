internal import Platform

/// The exponential schedule: ᾱ falls by the same factor at each step.
///
/// Source: `betas_for_alpha_bar` of diffusers, whose rate is 12.
public struct ExponentialSchedule: AlphaBarSchedule {
  public static let name = "exponential"
  public static let meaning = "The signal ᾱ falls by the same factor at each step."
  public static let shortName = "exp"
  public static let diffusersName: String? = "exp"

  public var timesteps = 1000
  /// How fast ᾱ falls, above 0.
  public var rate = 12.0
  public var maxBeta = 0.999
  public var zeroSNR = false

  public init() {}

  public static let table: [Setting<Self>] = [
    .timesteps,
    .real(
      \.rate, "rate", Interval(0.5...50), by: .linear(step: 0.5),
      "how fast the signal falls: e to the power of minus this is left at the end"),
    .maxBeta, .zeroSNR,
  ]

  public func alphaBar(_ u: Double) -> Double { exp(-rate * u) }
}
