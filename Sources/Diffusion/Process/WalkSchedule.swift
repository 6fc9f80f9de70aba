/// A random walk: each step adds noise of the same deviation, and the data is not scaled.
public struct WalkSchedule: ScheduleFamily {
  public static let name = "walk"
  public static let meaning = "Each step adds the same noise to data that is not scaled."

  public var timesteps = 10
  /// The deviation of the noise that a step adds.
  public var standardDeviation = 0.1

  public init() {}

  public static let table: [Setting<Self>] = [
    .timesteps,
    .real(
      \.standardDeviation, "deviation", Interval(1e-4...10), by: .logarithmic(perDecade: 20),
      "the noise that a step adds; all of them add the root of their number times as much"
    ).label("step σ"),
  ]

  public func make() -> Schedule {
    Schedule(.sigmas((1...timesteps).map { standardDeviation * Double($0).squareRoot() }))
  }
}
