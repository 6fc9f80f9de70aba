/// The sigmoid schedule of GeoDiff: β rises along a sigmoid.
///
/// Source: Xu et al. 2022, the code published with it, <https://arxiv.org/abs/2203.02923>.
public struct BetaSigmoidSchedule: BetaRangeSchedule {
  public static let name = "beta-sigmoid"
  public static let meaning = "GeoDiff's: β rises along a sigmoid, slowly at both ends."
  public static let shortName = "β-sigm"
  public static let diffusersName: String? = "sigmoid"

  public var timesteps = 1000
  public var betaStart = 1e-4
  public var betaEnd = 0.02
  public var zeroSNR = false

  public init() {}

  public static let table: [Setting<Self>] = [
    .timesteps, .betaStart, .betaEnd, .zeroSNR,
  ]

  public var betas: [Double] {
    evenlySpaced(-6, 6, timesteps).map { sigmoid($0) * (betaEnd - betaStart) + betaStart }
  }
}
