public import Diffusion

/// The probability-flow ODE by the midpoint method.
///
/// A first prediction leads to the middle of the step, in ln σ/α; the prediction there leads over all
/// of it. The last step is Euler's.
///
/// Source: Lu et al. 2022, DPM-Solver-2, <https://arxiv.org/abs/2206.00927>, as `sample_dpm_2` of
/// k-diffusion, for any pair of levels (α, σ).
public struct Midpoint: Sampler {
  public static let name = "midpoint"
  public static let title = "Midpoint"
  public static let meaning =
    "Second-order solver of the probability-flow ODE by the slope at the midpoint; two evaluations per step."
  public static let evaluations = 2

  public var steps = 20

  public init() {}

  public static let table: [Setting<Self>] = [.steps]

  public func step(
    _ x: Tensor, _ first: Prediction, _ move: Transition, _ history: inout SamplerHistory,
    noise: inout NoiseSource, predict: (Tensor, NoiseStep) -> Prediction
  ) {
    let (t, p) = (move.from.level, move.to.level)
    // There is no midpoint before the clean end or after pure noise.
    guard p.sigma > 0, t.alpha > 0 else { return takeEulerStep(x, t, p, first.x0) }
    let ratio = (t.sigmaOverAlpha * p.sigmaOverAlpha).squareRoot()
    let scale = t.alpha < 1 ? 1 / (1 + ratio * ratio).squareRoot() : 1  // α² + σ² = 1, or α = 1
    let m = NoiseLevel(alpha: scale, sigma: scale * ratio)
    let middle = x.copy()
    takeEulerStep(middle, t, m, first.x0)
    // Networks that embed the timestep get one between the two.
    let timestep = (move.from.timestep + move.to.timestep) / 2
    let second = predict(middle, NoiseStep(index: nil, timestep: timestep, level: m))
    // y_p = y + (r_p − r)·(y_m − x̂′_0)/r_m with y = x/α and r = σ/α; y_m follows from y and x̂_0.
    let change = p.alpha * (t.sigmaOverAlpha - p.sigmaOverAlpha) / ratio
    x.assign(Float(p.sigma / t.sigma), x, plus: Float(change), second.x0)
    x.assign(1, x, plus: Float(-change * (1 - ratio / t.sigmaOverAlpha)), first.x0)
  }

  /// x_p = (σ_p/σ_t)·x + (α_p − α_t·σ_p/σ_t)·x̂_0, in place.
  private func takeEulerStep(_ x: Tensor, _ t: NoiseLevel, _ p: NoiseLevel, _ x0: Tensor) {
    let kept = p.sigma / t.sigma
    x.assign(Float(kept), x, plus: Float(p.alpha - t.alpha * kept), x0)
  }
}
