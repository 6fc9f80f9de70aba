/// The sigmoid schedule of GeoDiff: β rises along a sigmoid.
///
/// Source: Xu et al. 2022, the code published with it, <https://arxiv.org/abs/2203.02923>.
public struct BetaSigmoidSchedule: ScheduleFamily {
  public static let name = "beta-sigmoid"
  public static let meaning = "GeoDiff's: β rises along a sigmoid, slowly at both ends."
  public static let shortName = "β-sigm"
  public static let diffusersName: String? = "sigmoid"

  public var timesteps = 1000
  /// β at the first step, above 0.
  public var betaStart = 1e-4
  /// β at the last step, below 1.
  public var betaEnd = 0.02
  /// Whether the last level has no signal.
  public var zeroSNR = false

  public init() {}

  public static let table: [Setting<Self>] = [
    .timesteps, .betaStart(\.betaStart), .betaEnd(\.betaEnd), .zeroSNR(\.zeroSNR),
  ]

  public var conflict: SettingConflict? {
    orderConflict(("beta_start", betaStart), ("beta_end", betaEnd))
  }

  public func make() -> Schedule {
    let betas = evenlySpaced(-6, 6, timesteps).map {
      sigmoid($0) * (betaEnd - betaStart) + betaStart
    }
    return Schedule(.betas(betas)).endingWithoutSignal(zeroSNR)
  }
}
