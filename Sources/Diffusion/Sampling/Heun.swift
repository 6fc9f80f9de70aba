/// The probability-flow ODE by Heun's method: the mean of the slopes at both ends of a step.
///
/// With r = σ/α and y = x/α the trajectory is dy/dr = (y − x̂_0)/r = ε̂. The last step, to r = 0, is
/// Euler's.
///
/// Source: Karras et al. 2022, algorithm 2, for any pair of levels (α, σ).
public struct Heun: DiffusersSampler {
  public static let name = "heun"
  public static let title = "Heun"
  public static let meaning =
    "Second-order solver of the probability-flow ODE; two network evaluations per step."
  public static let evaluations = 2
  package static let scheduler: DiffusersScheduler? = DiffusersScheduler(
    name: "HeunDiscreteScheduler", listing: .sigmas,
    schedules: ["linear", "scaled_linear", "squaredcos_cap_v2", "exp"],
    betas: (start: 0.00085, end: 0.012), clips: false, spacesSigmas: true,
    options: [.only("use_beta_sigmas", false)])

  public var steps: Int
  /// The noise that is added before each step.
  package var churn = Churn()

  public init() { self.init(steps: 20) }

  /// The sampler with this number of steps, with two evaluations each.
  public init(steps: Int) { self.steps = steps }

  public static let table: [Setting<Self>] = [.steps] + Churn.settings(\.churn)

  public var isStochastic: Bool { churn.isOn }
  public var conflict: SettingConflict? { churn.conflict }
  public func draws(in move: Transition) -> Int { churn.acts(at: move.from.level) ? 1 : 0 }

  /// The last step is Euler's; where noise is added before a step, it takes another evaluation.
  public func evaluations(steps: Int) -> Int { steps * (churn.isOn ? 3 : 2) - 1 }

  public func step(
    _ x: Tensor, _ first: Prediction, _ move: Transition, _ history: inout SamplerHistory,
    noise: inout NoiseSource, predict: (Tensor, NoiseStep) -> Prediction
  ) {
    let (first, move) = churn.raise(x, first, move, noise: &noise, predict: predict)
    let (t, p) = (move.from.level, move.to.level)
    // Euler: y_p = y + (r_p − r)·(y − x̂_0)/r, so x_p = (σ_p/σ_t)·x + (α_p − α_t·σ_p/σ_t)·x̂_0.
    let kept = p.sigma / t.sigma
    let start = x.copy()
    x.assign(Float(kept), x, plus: Float(p.alpha - t.alpha * kept), first.x0)
    // Nothing left to correct at the clean end; at pure noise y is undefined.
    guard p.sigma > 0, t.alpha > 0 else { return }

    // Half a step along each slope: y_p = y + ½·(r_p − r)·((y − x̂_0)/r + (y′ − x̂′_0)/r_p).
    let second = predict(x, move.to)
    let half = (p.sigmaOverAlpha - t.sigmaOverAlpha) / 2
    let (a, b) = (half / t.sigmaOverAlpha, half / p.sigmaOverAlpha)
    x.assign(
      Float(p.alpha / t.alpha * (1 + a)), start, plus: Float(b), x)
    x.assign(1, x, plus: Float(-p.alpha * a), first.x0)
    x.assign(1, x, plus: Float(-p.alpha * b), second.x0)
  }
}
