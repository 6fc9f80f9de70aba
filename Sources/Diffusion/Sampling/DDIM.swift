/// Implicit sampling: a straight step along ε̂, with an amount of fresh noise set by η.
///
/// η = 0 is deterministic, η = 1 has the variance of ``DDPM`` with ``DDPM/Variance/fixedSmall``.
///
/// Source: Song et al. 2021, equations 12 and 16, for any pair of levels (α, σ).
public struct DDIM: DiffusersSampler, NoisySampler {
  public static let name = "ddim"
  public static let title = "DDIM"
  public static let meaning =
    "Deterministic at η = 0, stochastic above; few steps are enough."
  package static let scheduler: DiffusersScheduler? = DiffusersScheduler(
    name: "DDIMScheduler", listing: .strides, pipeline: "DDIMPipeline", clips: true,
    thresholds: true, rescales: true, options: [.setAlphaToOne(true)])

  public var steps: Int
  public var eta: Double

  public init() { self.init(steps: 20) }

  /// The sampler with this number of steps; `eta` is the share of fresh noise, 0 to 1.
  public init(steps: Int = 20, eta: Double) {
    precondition((0...1).contains(eta), "eta lies in 0 to 1, got \(eta)")
    self.steps = steps
    self.eta = eta
  }

  /// The deterministic sampler with this number of steps.
  public init(steps: Int) { self.init(steps: steps, eta: 0) }

  public static let table: [Setting<Self>] = [.steps, .eta(like: "DDPM")]

  public func step(
    _ x: Tensor, _ first: Prediction, _ move: Transition, _ history: inout SamplerHistory,
    noise: inout NoiseSource, predict: (Tensor, NoiseStep) -> Prediction
  ) {
    let (t, p) = (move.from.level, move.end.level)
    // s² = η²·σ_p²·σ²_{t|p}/σ_t²
    let alpha = t.alpha / p.alpha
    let forward = max(t.sigma * t.sigma - alpha * alpha * p.sigma * p.sigma, 0)  // σ²_{t|p}
    let added = eta * eta * p.sigma * p.sigma * forward / (t.sigma * t.sigma)
    // x_p = α_p·x̂_0 + √(σ_p² − s²)·ε̂ + s·z
    let kept = max(p.sigma * p.sigma - added, 0).squareRoot()
    x.assign(Float(p.alpha), first.x0, plus: Float(kept), first.epsilon)
    if added > 0 { x.assign(1, x, plus: Float(added.squareRoot()), noise.draw(x.shape)) }
  }
}
