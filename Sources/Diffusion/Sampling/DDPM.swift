internal import Platform

/// Ancestral sampling: each step draws from the posterior q(x_p | x_t, x̂_0).
///
/// Source: Ho et al. 2020, equations 6 and 7, for any pair of levels (α, σ).
public struct DDPM: DiffusersSampler {
  public static let name = "ddpm"
  public static let title = "DDPM"
  public static let meaning = "Ancestral sampling: adds fresh noise at each step; needs many steps."
  package static let scheduler: DiffusersScheduler? = DiffusersScheduler(
    name: "DDPMScheduler", listing: .timesteps, steps: nil, pipeline: "DDPMPipeline",
    schedules: ["linear", "scaled_linear", "squaredcos_cap_v2", "sigmoid", "laplace"],
    clips: true, thresholds: true, rescales: true,
    options: [
      .choice(
        "variance_type", "variance",
        [
          ("fixed_small", .text(Variance.fixedSmall.rawValue)),
          ("fixed_small_log", .text(Variance.fixedSmall.rawValue)),
          ("fixed_large", .text(Variance.fixedLarge.rawValue)),
          ("learned_range", .text(Variance.learnedRange.rawValue)),
        ], standard: "fixed_small",
        reasons: [
          "fixed_large_log":
            "fixed_large; diffusers takes the square root of ln β, which is NaN",
          "learned":
            "fixed_small or fixed_large; diffusers takes the square root of the network's prediction",
        ])
    ])

  /// The variance of the noise that a step adds.
  public enum Variance: String, RecipeWord {
    /// That of the posterior, exact for data that is a single point.
    case fixedSmall = "fixed-small"
    /// That of the forward step, exact for standard normal data.
    case fixedLarge = "fixed-large"
    /// Between the two, as predicted by the network.
    case learnedRange = "learned-range"

    public var meaning: String {
      switch self {
      case .fixedSmall: "the posterior's"
      case .fixedLarge: "the forward step's"
      case .learnedRange: "between the two, as predicted by the network"
      }
    }
  }

  public var steps: Int
  /// The variance of the noise that a step adds.
  public var variance: Variance

  public init() { self.init(steps: 20) }

  /// The sampler with this number of steps and variance.
  public init(steps: Int = 20, variance: Variance) {
    self.steps = steps
    self.variance = variance
  }

  /// The sampler with this number of steps and the smaller variance.
  public init(steps: Int) { self.init(steps: steps, variance: .fixedSmall) }

  public static let table: [Setting<Self>] = [
    .steps, .word(\.variance, "variance", "variance of the noise added at each step"),
  ]

  public var isStochastic: Bool { true }
  public var needsVariance: Bool { variance == .learnedRange }
  public func draws(in move: Transition) -> Int {
    move.to.level.sigma > 0 || addsNoiseAtEnd(move) ? 1 : 0
  }

  /// Whether noise is left in the result: diffusers adds it in each step but one from timestep 0.
  private func addsNoiseAtEnd(_ move: Transition) -> Bool {
    move.rules == .diffusers && variance == .fixedLarge && move.from.timestep > 0
  }

  public func step(
    _ x: Tensor, _ first: Prediction, _ move: Transition, _ history: inout SamplerHistory,
    noise: inout NoiseSource, predict: (Tensor, NoiseStep) -> Prediction
  ) {
    let posterior = Posterior(from: move.from.level, to: move.to.level)
    x.assign(Float(posterior.x), x, plus: Float(posterior.x0), first.x0)

    // Where the trajectory ends clean, the mean is the answer.
    let (least, greatest) = (posterior.least, posterior.greatest)
    guard least > 0 || addsNoiseAtEnd(move), greatest > 0 else { return }
    let z = noise.draw(x.shape)
    switch variance {
    case .fixedSmall: x.assign(1, x, plus: Float(least.squareRoot()), z)
    case .fixedLarge: x.assign(1, x, plus: Float(greatest.squareRoot()), z)
    case .learnedRange: add(z, between: least, and: greatest, first.variance, to: x)
    }
  }

  /// Adds noise whose variance lies geometrically between two, each number's own.
  ///
  /// Source: Nichol and Dhariwal 2021, equation 15, <https://arxiv.org/abs/2102.09672>.
  private func add(
    _ z: Tensor, between least: Double, and greatest: Double, _ places: Tensor?, to x: Tensor
  ) {
    guard let places else { preconditionFailure("the network predicts no variance") }
    // ln s² = f·ln β + (1 − f)·ln β̃ with f = (v + 1)/2
    let (low, high) = (log(least) / 2, log(greatest) / 2)
    withValues(places, z) { places, z in
      x.withMutableValues { x in
        for i in x.indices {
          let share = (Double(places[i]) + 1) / 2
          let deviation = exp(share * high + (1 - share) * low)
          x[i] += Float(deviation) * z[i]
        }
      }
    }
  }
}
