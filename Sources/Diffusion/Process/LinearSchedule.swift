/// The linear schedule of DDPM.
public struct LinearSchedule: ScheduleFamily {
  public static let name = "linear"
  public static let meaning = "DDPM's: the noise added at each step, β, grows evenly."
  public static let diffusersName: String? = "linear"

  public var timesteps = 1000
  /// The first β.
  public var betaStart = 1e-4
  /// The last β.
  public var betaEnd = 0.02

  public init() {}

  public static let table: [Setting<Self>] = [
    .timesteps, .betaStart(\.betaStart), .betaEnd(\.betaEnd),
  ]

  public var conflict: SettingConflict? {
    orderConflict(("beta_start", betaStart), ("beta_end", betaEnd))
  }

  public func make() -> Schedule {
    .linear(timesteps: timesteps, betaStart: betaStart, betaEnd: betaEnd)
  }
}

extension Schedule {
  /// The linear schedule of DDPM: evenly spaced β.
  ///
  /// Source: Ho et al. 2020, section 4.
  ///
  /// - Precondition: 0 ≤ `betaStart` ≤ `betaEnd` ≤ 1.
  public static func linear(
    timesteps: Int = 1000, betaStart: Double = 1e-4, betaEnd: Double = 0.02
  ) -> Schedule {
    Schedule(.betas(evenlySpaced(betaStart, betaEnd, timesteps)))
  }
}
