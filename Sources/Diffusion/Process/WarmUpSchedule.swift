/// β grows evenly in the first part of the steps, and is constant then.
///
/// Source: Ho et al. 2020, `warmup10` and `warmup50` of the code published with it.
package struct WarmUpSchedule: ScheduleFamily {
  package static let name = "warm-up"
  package static let meaning = "β grows evenly in the first steps, then stays constant."

  package var timesteps = 1000
  /// β at the first step, above 0.
  package var betaStart = 1e-4
  /// β after the warm-up, below 1.
  package var betaEnd = 0.02
  /// The share of the steps in which β grows.
  package var share = 0.1
  /// Whether the last level has no signal.
  package var zeroSNR = false

  package init() {}

  package static let table: [Setting<Self>] = [
    .timesteps, .betaStart(\.betaStart), .betaEnd(\.betaEnd),
    .real(
      \.share, "share", Interval(0...1), by: .linear(step: 0.05),
      "the share of the steps in which β grows: 0.1 for warmup10, 0.5 for warmup50"),
    .zeroSNR(\.zeroSNR),
  ]

  package var conflict: SettingConflict? {
    orderConflict(("beta_start", betaStart), ("beta_end", betaEnd))
  }

  package func make() -> Schedule {
    let growing = Int(Double(timesteps) * share)
    let ramp = growing > 0 ? evenlySpaced(betaStart, betaEnd, growing) : []
    return Schedule(.betas(ramp + Array(repeating: betaEnd, count: timesteps - growing)))
      .endingWithoutSignal(zeroSNR)
  }
}
