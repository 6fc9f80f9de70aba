/// β grows evenly in the first part of the steps, and is constant then.
///
/// Source: Ho et al. 2020, `warmup10` and `warmup50` of the code published with it.
public struct WarmUpSchedule: ScheduleFamily {
  public static let name = "warm-up"
  public static let meaning = "β grows evenly in the first steps, then stays constant."

  public var timesteps = 1000
  /// β at the first step, above 0.
  public var betaStart = 1e-4
  /// β after the warm-up, below 1.
  public var betaEnd = 0.02
  /// The share of the steps in which β grows.
  public var share = 0.1
  /// Whether the last level has no signal.
  public var zeroSNR = false

  public init() {}

  public static let table: [Setting<Self>] = [
    .timesteps, .betaStart(\.betaStart), .betaEnd(\.betaEnd),
    .real(
      \.share, "share", Interval(0...1), by: .linear(step: 0.05),
      "the share of the steps in which β grows: 0.1 for warmup10, 0.5 for warmup50"),
    .zeroSNR(\.zeroSNR),
  ]

  public var conflict: SettingConflict? {
    orderConflict(("beta_start", betaStart), ("beta_end", betaEnd))
  }

  public func make() -> Schedule {
    let growing = Int(Double(timesteps) * share)
    let ramp = growing > 0 ? evenlySpaced(betaStart, betaEnd, growing) : []
    return Schedule(.betas(ramp + Array(repeating: betaEnd, count: timesteps - growing)))
      .endingWithoutSignal(zeroSNR)
  }
}
