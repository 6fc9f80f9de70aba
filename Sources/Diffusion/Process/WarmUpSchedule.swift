/// β grows evenly in the first part of the steps, and is constant then.
///
/// Source: Ho et al. 2020, `warmup10` and `warmup50` of the code published with it.
public struct WarmUpSchedule: BetaRangeSchedule {
  public static let name = "warm-up"
  public static let meaning = "β grows evenly in the first steps, then stays constant."

  public var timesteps = 1000
  public var betaStart = 1e-4
  public var betaEnd = 0.02
  /// The share of the steps in which β grows.
  public var share = 0.1
  public var zeroSNR = false

  public init() {}

  public static let table: [Setting<Self>] = [
    .timesteps, .betaStart, .betaEnd,
    .real(
      \.share, "share", Interval(0...1), by: .linear(step: 0.05),
      "the share of the steps in which β grows: 0.1 for warmup10, 0.5 for warmup50"),
    .zeroSNR,
  ]

  public var betas: [Double] {
    let growing = Int(Double(timesteps) * share)
    let ramp = growing > 0 ? evenlySpaced(betaStart, betaEnd, growing) : []
    return ramp + Array(repeating: betaEnd, count: timesteps - growing)
  }
}
