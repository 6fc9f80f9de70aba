/// Ancestral sampling: each step draws from the posterior q(x_p | x_t, x̂_0).
///
/// Source: Ho et al. 2020, equations 6 and 7, for any pair of levels (α, σ).
public struct DDPM: Sampler {
  public static let name = "ddpm"
  public static let title = "DDPM"
  public static let meaning = "Adds fresh noise after each step; needs many steps."
  public static let diffusersName: String? = "DDPMScheduler"

  /// The variance of the noise that a step adds.
  public enum Variance: String, Worded {
    /// That of the posterior, right for data that is a single point.
    case fixedSmall = "fixed-small"
    /// That of the forward step, right for data that is standard normal.
    case fixedLarge = "fixed-large"

    public var meaning: String {
      switch self {
      case .fixedSmall: "the posterior's"
      case .fixedLarge: "the forward step's"
      }
    }
  }

  public var steps: Int
  /// How much noise a step adds.
  public var variance: Variance

  public init() { self.init(steps: 20) }

  /// The sampler with so many steps and one of the variances.
  public init(steps: Int = 20, variance: Variance) {
    self.steps = steps
    self.variance = variance
  }

  /// The sampler with so many steps and the smaller variance.
  public init(steps: Int) { self.init(steps: steps, variance: .fixedSmall) }

  public static let table: [Setting<Self>] = [
    .steps, .word(\.variance, "variance", "the variance of the noise that a step adds"),
  ]

  public var isStochastic: Bool { true }

  public func step(
    _ x: Tensor, _ first: Prediction, _ move: Transition, _ history: inout SamplerHistory,
    noise: inout NoiseSource, ask: (Tensor, NoiseStep) -> Prediction
  ) {
    let (t, p) = (move.from.level, move.to.level)
    // The forward step from p to t: x_t = α_{t|p}·x_p + σ_{t|p}·ε.
    let alpha = t.alpha / p.alpha
    let forward = t.sigma * t.sigma - alpha * alpha * p.sigma * p.sigma  // σ²_{t|p}
    let total = t.sigma * t.sigma
    // μ = (α_{t|p}·σ_p²/σ_t²)·x_t + (α_p·σ²_{t|p}/σ_t²)·x̂_0
    x.assign(
      Float(alpha * p.sigma * p.sigma / total), x,
      plus: Float(p.alpha * forward / total), first.x0)

    // Where the path ends clean, the mean is the answer.
    guard p.sigma > 0, forward > 0 else { return }
    let added =
      switch variance {
      case .fixedSmall: forward * p.sigma * p.sigma / total
      case .fixedLarge: forward
      }
    x.assign(1, x, plus: Float(added.squareRoot()), noise.draw(x.shape))
  }
}
