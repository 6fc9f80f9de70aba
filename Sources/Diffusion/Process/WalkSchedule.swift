/// A random walk: each step adds noise of the same deviation, and the data is not scaled.
package struct WalkSchedule: ScheduleFamily {
  package static let name = "walk"
  package static let meaning = "Each step adds the same amount of noise; the data is not scaled."

  package var timesteps = 10
  /// The deviation of the noise that a step adds.
  package var standardDeviation = 0.1

  package init() {}

  package static let table: [Setting<Self>] = [
    .timesteps,
    .real(
      \.standardDeviation, "deviation", Interval(1e-4...10), by: .logarithmic(perDecade: 20),
      "standard deviation of the noise added at each step; n steps add √n times as much"
    ).label("step σ"),
  ]

  package func make() -> Schedule {
    Schedule(.sigmas((1...timesteps).map { standardDeviation * Double($0).squareRoot() }))
  }
}
