internal import Platform

/// The learning rate as a function of the step.
public struct LearningRateSchedule: Sendable, Hashable {
  /// How the rate falls after warm-up.
  public enum Decay: String, RecipeWord {
    /// Not at all.
    case constant
    /// Half a cosine from the base rate to zero at the last step.
    case cosine

    public var meaning: String {
      switch self {
      case .constant: ""
      case .cosine: "down to 0 at the last step"
      }
    }
  }

  /// The rate after warm-up.
  public var base: Double
  /// The number of steps over which the rate grows linearly to the base.
  public var warmup: Int
  /// How the rate falls after warm-up.
  public var decay: Decay

  /// The rate `base`, reached after `warmup` steps.
  public init(_ base: Double, warmup: Int = 0, decay: Decay = .constant) {
    self.base = base
    self.warmup = warmup
    self.decay = decay
  }

  /// The rate of a step, counted from 0, of `total`.
  package func rate(at step: Int, of total: Int) -> Double {
    if step < warmup { return base * Double(step + 1) / Double(warmup) }
    switch decay {
    case .constant: return base
    case .cosine:
      let progress = Double(step - warmup) / Double(max(total - warmup, 1))
      return base * 0.5 * (1 + cos(.pi * min(progress, 1)))
    }
  }
}
