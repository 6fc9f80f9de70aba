/// The sigmoid schedule of GeoDiff: β rises along a sigmoid.
///
/// Source: Xu et al. 2022, the code published with it, <https://arxiv.org/abs/2203.02923>.
package struct BetaSigmoidSchedule: KnownSchedule {
  package static let name = "beta-sigmoid"
  package static let meaning = "GeoDiff's: β rises along a sigmoid, slowly at both ends."
  package static let shortName = "β-sigm"
  package static let diffusersName: String? = "sigmoid"

  package var timesteps = 1000
  /// β at the first step, above 0.
  package var betaStart = 1e-4
  /// β at the last step, below 1.
  package var betaEnd = 0.02
  /// Whether the last level has no signal.
  package var zeroSNR = false

  package init() {}

  package static let table: [Setting<Self>] = [
    .timesteps, .betaStart(\.betaStart), .betaEnd(\.betaEnd), .zeroSNR(\.zeroSNR),
  ]

  package var conflict: SettingConflict? {
    orderConflict(("beta_start", betaStart), ("beta_end", betaEnd))
  }

  package func make() -> Schedule {
    let betas = evenlySpaced(-6, 6, timesteps).map {
      sigmoid($0) * (betaEnd - betaStart) + betaStart
    }
    return Schedule(.betas(betas)).endingWithoutSignal(zeroSNR)
  }
}
