/// A step of a trajectory.
public struct Transition: Sendable, Hashable {
  /// The level with more noise.
  public let from: NoiseStep
  /// The level with less noise.
  public let to: NoiseStep
  /// Which step of the trajectory this is, from 1.
  public let number: Int
  /// The number of steps of the whole trajectory.
  public let count: Int
  /// Whose rules the step follows.
  package let rules: StepRules
  /// The levels that the step goes by where its rules count timesteps by themselves.
  package let stride: Stride?

  /// A step of a trajectory of `count`, `number` counting from 1.
  package init(
    from: NoiseStep, to: NoiseStep, number: Int, count: Int, rules: StepRules = .workbench,
    stride: Stride? = nil
  ) {
    self.from = from
    self.to = to
    self.number = number
    self.count = count
    self.rules = rules
    self.stride = stride
  }

  /// The steps from each level of a list to the next.
  static func moves(along steps: [NoiseStep], rules: StepRules = .workbench) -> [Transition] {
    zip(steps, steps.dropFirst()).enumerated().map { index, pair in
      Transition(
        from: pair.0, to: pair.1, number: index + 1, count: steps.count - 1, rules: rules)
    }
  }

  /// Whether it leads to more noise, which is added without a sampler.
  var isRise: Bool { stride == nil && to.level.sigmaOverAlpha > from.level.sigmaOverAlpha }

  /// Where the step's formula ends.
  var end: NoiseStep { stride?.end ?? to }
}

/// The levels by which DDIM and PNDM of diffusers compute a step from t, to which the list of timesteps
/// need not agree: each step is ⌊T/n⌋ timesteps long, whatever the next entry t′ of the list.
package struct Stride: Sendable, Hashable {
  /// Where the step ends: t − ⌊T/n⌋.
  package let end: NoiseStep
  /// Where a step that ends at t′ begins: t′ + ⌊T/n⌋.
  package let start: NoiseStep
  /// Half of a step from t: t − ⌊⌊T/n⌋/2⌋.
  package let half: NoiseStep
  /// Half of a step before t′: t′ + ⌊⌊T/n⌋/2⌋.
  package let middle: NoiseStep
}

extension Stride {
  /// The levels of a step that goes where the list does; the middle is that of ln σ/α.
  init(_ move: Transition) {
    let (from, to) = (move.from, move.to)
    let ratio = (from.level.sigmaOverAlpha * to.level.sigmaOverAlpha).squareRoot()
    let middle = NoiseStep(
      index: nil, timestep: (from.timestep + to.timestep) / 2,
      level: ratio.isFinite ? from.level.changed(toRatio: ratio) : from.level)
    self.init(end: to, start: from, half: middle, middle: middle)
  }
}

/// Whose way of listing and taking steps counts where libraries differ.
package enum StepRules: String, RecipeWord {
  /// Every step goes to the next level of the list.
  case workbench
  /// The steps of the corresponding scheduler of diffusers, including its quirks.
  case diffusers

  package var meaning: String {
    switch self {
    case .workbench:
      "each step goes to the next timestep in the list; trajectories start at the highest"
    case .diffusers: "timesteps and steps exactly as in diffusers"
    }
  }
}

/// Where a trajectory ends.
package enum PathEnd: String, RecipeWord {
  /// Without noise.
  case clean
  /// With the noise of the schedule's first level.
  case firstLevel = "first-level"

  package var meaning: String {
    switch self {
    case .clean: "without noise"
    case .firstLevel: "at the noise of the schedule's first level"
    }
  }
}
