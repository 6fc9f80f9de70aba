public import Diffusion

/// The levels of a rectified flow, where σ/α = t/(1 − t) with evenly spaced t.
///
/// A flow's samples are (1 − t)·x_0 + t·ε; here the data is not scaled, and σ is that ratio.
///
/// Source: Liu et al. 2022, <https://arxiv.org/abs/2209.03003>; the shift of Esser et al. 2024, equation
/// 23, <https://arxiv.org/abs/2403.03206>, which multiplies every σ but keeps the last.
public struct UnscaledFlowSchedule: ScheduleFamily {
  public static let name = "unscaled-flow"
  public static let meaning =
    "Rectified flow's levels, with data that is not scaled."

  public var timesteps = 200
  public var shift = 1.0
  public var sigmaMax = 10.0

  public init() {}

  public static let table: [Setting<Self>] = [
    .timesteps,
    .real(
      \.shift, "shift", Interval(0.1...20), by: .logarithmic(perDecade: 20),
      "above 1 puts more levels at high noise, below 1 at low noise"),
    .real(
      \.sigmaMax, "sigma_max", Interval(0.1...2000), by: .logarithmic(perDecade: 20),
      "the highest noise level; it must drown out the data, which is about 1 in size"
    ).label("σ max"),
  ]

  public func make() -> Schedule {
    let last = sigmaMax / (shift + sigmaMax)
    return Schedule(
      .sigmas(
        (1...timesteps).map { i in
          let t = last * Double(i) / Double(timesteps)
          return shift * t / (1 - t)
        }))
  }
}
