/// A constant β.
///
/// Source: Ho et al. 2020, the ablation in the code published with it.
public struct ConstantSchedule: BetaSchedule {
  public static let name = "constant"
  public static let meaning = "The same noise β is added at each step."
  public static let shortName = "const"

  public var timesteps = 1000
  /// β at every step, above 0 and below 1.
  public var beta = 0.02
  public var zeroSNR = false

  public init() {}

  public static let table: [Setting<Self>] = [
    .timesteps,
    .real(
      \.beta, "beta", Interval(1e-5...0.999), by: .logarithmic(perDecade: 20),
      "the noise added at each step"
    ).label("β"),
    .zeroSNR,
  ]

  public var betas: [Double] { Array(repeating: beta, count: timesteps) }
}
