internal import Platform

/// How a text is masked: at time t every position is still there with probability α_t, and masked with
/// σ_t = 1 − α_t, independently of the others.
///
/// Source: the absorbing process of Austin et al. 2021, <https://arxiv.org/abs/2107.03006>, in continuous time as
/// in Sahoo et al. 2024, <https://arxiv.org/abs/2406.07524>; the cosine of Chang et al. 2022,
/// <https://arxiv.org/abs/2202.04200>.
public struct MaskingSchedule: ScheduleFamily {
  /// How the masked share rises.
  public enum Curve: String, RecipeWord {
    /// σ_t = t.
    case linear
    /// σ_t = cos ½π(1 − t).
    case cosine

    public var meaning: String {
      switch self {
      case .linear: "the masked share rises evenly"
      case .cosine:
        "the masked share rises fast at first, so that sampling begins with few letters a step"
      }
    }

    /// σ_t for t from 0 to 1.
    package func maskedShare(_ t: Double) -> Double {
      switch self {
      case .linear: t
      case .cosine: t < 1 ? sin(.pi / 2 * t) : 1
      }
    }
  }

  public static let name = "masking"
  public static let meaning =
    "For text: positions are masked, one after the other, until nothing is left."
  public static let isForText = true

  public var timesteps = 1000
  /// How the masked share rises.
  public var curve = Curve.linear

  public init() {}

  public static let table: [Setting<Self>] = [
    .timesteps, .word(\.curve, "curve", "how the masked share rises with time"),
  ]

  public func make() -> Schedule {
    Schedule(
      .levels(
        (1...timesteps).map { index in
          let share = curve.maskedShare(Double(index) / Double(timesteps))
          return NoiseLevel(alpha: 1 - share, sigma: share)
        }))
  }
}

extension Schedule {
  /// Whether its levels are those of masking: what is not there any more is masked, and in the end all is.
  package var isMasking: Bool {
    levels.allSatisfy { abs($0.alpha + $0.sigma - 1) < 1e-9 } && levels[count - 1].alpha < 1e-9
  }

  /// The level at a time from 0 to 1, α linear between those of the list, and −dα/dt ÷ (1 − α): the
  /// weight of the masked cross-entropy in the continuous-time bound.
  ///
  /// Source: Sahoo et al. 2024, equation 10.
  func maskingLevel(atTime t: Double) -> (step: NoiseStep, weight: Double) {
    let place = t * Double(count)
    let index = min(Int(place), count - 1)
    let (before, after) = (index == 0 ? 1 : levels[index - 1].alpha, levels[index].alpha)
    let alpha = before + (place - Double(index)) * (after - before)
    let masked = max(1 - alpha, .leastNormalMagnitude)
    let level = NoiseLevel(alpha: alpha, sigma: masked)
    return (
      NoiseStep(index: nil, timestep: place - 1, level: level),
      Double(count) * (before - after) / masked
    )
  }
}
