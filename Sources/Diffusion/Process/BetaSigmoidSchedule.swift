/// The sigmoid schedule of GeoDiff: β rises along a sigmoid.
///
/// Source: Xu et al. 2022, the code published with it, <https://arxiv.org/abs/2203.02923>.
package struct BetaSigmoidSchedule: BetaRangeSchedule {
  package static let name = "beta-sigmoid"
  package static let meaning = "GeoDiff's: β rises along a sigmoid, slowly at both ends."
  package static let shortName = "β-sigm"
  package static let diffusersName: String? = "sigmoid"

  package var timesteps = 1000
  package var betaStart = 1e-4
  package var betaEnd = 0.02
  package var zeroSNR = false

  package init() {}

  package static let table: [Setting<Self>] = [
    .timesteps, .betaStart, .betaEnd, .zeroSNR,
  ]

  package var betas: [Double] {
    evenlySpaced(-6, 6, timesteps).map { sigmoid($0) * (betaEnd - betaStart) + betaStart }
  }
}
