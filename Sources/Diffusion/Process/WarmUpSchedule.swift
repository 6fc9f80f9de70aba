/// β grows evenly in the first part of the steps, and is constant then.
///
/// Source: Ho et al. 2020, `warmup10` and `warmup50` of the code published with it.
package struct WarmUpSchedule: BetaRangeSchedule {
  package static let name = "warm-up"
  package static let meaning = "β grows linearly over the first steps, then stays constant."

  package var timesteps = 1000
  package var betaStart = 1e-4
  package var betaEnd = 0.02
  /// The share of the steps in which β grows.
  package var share = 0.1
  package var zeroSNR = false

  package init() {}

  package static let table: [Setting<Self>] = [
    .timesteps, .betaStart, .betaEnd,
    .real(
      \.share, "share", Interval(0...1), by: .linear(step: 0.05),
      "fraction of the steps over which β grows: 0.1 for warmup10, 0.5 for warmup50"),
    .zeroSNR,
  ]

  package var betas: [Double] {
    let growing = Int(Double(timesteps) * share)
    let ramp = growing > 0 ? evenlySpaced(betaStart, betaEnd, growing) : []
    return ramp + Array(repeating: betaEnd, count: timesteps - growing)
  }
}
