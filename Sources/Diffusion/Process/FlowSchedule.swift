/// The levels of rectified flows: samples are (1 − t)·x_0 + t·ε.
///
/// Source: Liu et al. 2022, <https://arxiv.org/abs/2209.03003>; the shift of Esser et al. 2024, equation
/// 23, <https://arxiv.org/abs/2403.03206>, of which e^μ is the one that FLUX lets depend on the size.
package struct FlowSchedule: ScheduleFamily {
  package static let name = "flow"
  package static let meaning = "Rectified flow's: straight lines from data to pure noise."

  package var timesteps = 1000
  /// How far times are moved towards noise, above 0; 1 for not at all.
  package var shift = 1.0
  /// The times of the lowest and the highest noise.
  package var tMin = 0.001
  /// The last time, above 0 and up to 1, where only noise is left.
  package var tMax = 1.0

  package init() {}

  package static let table: [Setting<Self>] = [
    .timesteps,
    .real(
      \.shift, "shift", Interval(0.1...20), by: .logarithmic(perDecade: 20),
      "above 1 puts more levels at high noise, below 1 at low noise"),
    .real(
      \.tMin, "t_min", Interval(1e-5...0.1), by: .logarithmic(perDecade: 20),
      "the time of the lowest noise, before the shift"
    ).label("t min"),
    .real(
      \.tMax, "t_max", Interval(0.5...1), by: .linear(step: 0.001),
      "the time of the highest noise, before the shift; below 1 for networks conditioned on σ/α"
    ).label("t max"),
  ]

  package func make() -> Schedule {
    Schedule(
      .levels(
        evenlySpaced(tMin, tMax, timesteps).map { t in
          let sum = 1 + (shift - 1) * t
          return NoiseLevel(alpha: (1 - t) / sum, sigma: shift * t / sum)
        }))
  }
}
