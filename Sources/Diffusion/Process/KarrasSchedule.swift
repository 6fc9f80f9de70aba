internal import Platform

/// The noise levels of Karras et al.: σ^{1/ρ} grows evenly.
///
/// Source: Karras et al. 2022, equation 5, <https://arxiv.org/abs/2206.00364>.
package struct KarrasSchedule: SigmaRangeSchedule {
  package static let name = "karras"
  package static let meaning =
    "EDM's: the ρ-th root of σ grows evenly, so that most levels have little noise."

  package var timesteps = 1000
  package var sigmaMin = 0.002
  package var sigmaMax = 80.0
  /// The exponent: larger values put more levels at low noise.
  package var rho = 7.0

  package init() {}

  package static let table: [Setting<Self>] = [
    .timesteps, .preset, .sigmaMin, .sigmaMax,
    .real(
      \.rho, "rho", Interval(0.5...20), by: .linear(step: 0.5),
      "1 spaces σ evenly; larger values put more levels at low noise"
    ).label("ρ"),
  ]

  package static let presets = [
    SchedulePreset(
      "edm", "that of Karras et al. 2022",
      ["sigma_min": .real(0.002), "sigma_max": .real(80), "rho": .real(7)]),
    SchedulePreset(
      "even", "even σ",
      ["sigma_min": .real(0.002), "sigma_max": .real(80), "rho": .real(1)]),
  ]

  package func make() -> Schedule {
    Schedule(.sigmas(karrasSpaced(sigmaMin, sigmaMax, timesteps, rho: rho)))
  }
}

/// `count` numbers whose roots of order ρ are evenly spaced from `low` to `high`; the higher one
/// alone where `count` is 1.
func karrasSpaced(_ low: Double, _ high: Double, _ count: Int, rho: Double) -> [Double] {
  guard count > 1 else { return [high] }
  let (bottom, top) = (pow(low, 1 / rho), pow(high, 1 / rho))
  return (0..<count).map { i in
    pow(top + Double(count - 1 - i) / Double(count - 1) * (bottom - top), rho)
  }
}
