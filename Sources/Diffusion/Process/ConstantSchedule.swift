/// A constant β.
///
/// Source: Ho et al. 2020, the ablation in the code published with it.
package struct ConstantSchedule: BetaSchedule {
  package static let name = "constant"
  package static let meaning = "The same amount of noise, β, is added at each step."
  package static let shortName = "const"

  package var timesteps = 1000
  /// β at every step, above 0 and below 1.
  package var beta = 0.02
  package var zeroSNR = false

  package init() {}

  package static let table: [Setting<Self>] = [
    .timesteps,
    .real(
      \.beta, "beta", Interval(1e-5...0.999), by: .logarithmic(perDecade: 20),
      "the noise added at each step"
    ).label("β"),
    .zeroSNR,
  ]

  package var betas: [Double] { Array(repeating: beta, count: timesteps) }
}
