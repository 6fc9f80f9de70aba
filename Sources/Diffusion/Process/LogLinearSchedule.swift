internal import Platform

/// The log-linear schedule.
public struct LogLinearSchedule: ScheduleFamily {
  public static let name = "log-linear"
  public static let meaning =
    "The noise σ grows by the same factor at each step; the data is not scaled."
  public static let shortName = "log-lin"

  public var timesteps = 200
  /// The lowest σ.
  public var sigmaMin = 0.02
  /// The highest σ; it must drown the data, whose size is about 1.
  public var sigmaMax = 10.0

  public init() {}

  public static let table: [Setting<Self>] = [
    .timesteps,
    .real(
      \.sigmaMin, "sigma_min", Interval(1e-4...10), by: .logarithmic(perDecade: 20),
      "the lowest noise; finer detail than this is not learned"
    ).label("σ min"),
    .real(
      \.sigmaMax, "sigma_max", Interval(0.1...2000), by: .logarithmic(perDecade: 20),
      "the highest noise; it must drown the data, whose size is about 1"
    ).label("σ max"),
  ]

  public var conflict: SettingConflict? {
    orderConflict(("sigma_min", sigmaMin), ("sigma_max", sigmaMax))
  }

  public func make() -> Schedule {
    .logLinear(timesteps: timesteps, sigmaMin: sigmaMin, sigmaMax: sigmaMax)
  }
}

extension Schedule {
  /// The log-linear, or geometric, schedule: evenly spaced log σ of a variance-exploding process.
  ///
  /// Source: Song and Ermon 2019; Permenter and Yuan 2024.
  ///
  /// - Precondition: 0 < `sigmaMin` ≤ `sigmaMax`.
  public static func logLinear(
    timesteps: Int = 200, sigmaMin: Double = 0.02, sigmaMax: Double = 10
  ) -> Schedule {
    precondition(sigmaMin > 0, "a log-linear schedule needs a sigma above 0, got \(sigmaMin)")
    return Schedule(.sigmas(evenlySpaced(log(sigmaMin), log(sigmaMax), timesteps).map { exp($0) }))
  }
}
