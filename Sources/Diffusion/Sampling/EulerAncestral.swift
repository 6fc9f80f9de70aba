/// Euler's step to less noise than the next level has, and fresh noise for the rest.
///
/// Source: `sample_euler_ancestral` of k-diffusion, for any pair of levels (α, σ).
public struct EulerAncestral: DiffusersSampler, NoisySampler {
  public static let name = "euler-ancestral"
  public static let title = "Euler ancestral"
  public static let meaning = "Euler steps that overshoot, then add fresh noise."

  package static let scheduler: DiffusersScheduler? = DiffusersScheduler(
    name: "EulerAncestralDiscreteScheduler", listing: .sigmas, predictions: [.epsilon, .v],
    rescales: true)

  public var steps = 20
  public var eta = 1.0

  public init() {}

  public static let table: [Setting<Self>] = [.steps, .eta(like: "DDPM")]

  public func step(
    _ x: Tensor, _ first: Prediction, _ move: Transition, _ history: inout SamplerHistory,
    noise: inout NoiseSource, predict: (Tensor, NoiseStep) -> Prediction
  ) {
    let (t, p) = (move.from.level, move.to.level)
    let ratio = p.sigmaOverAlpha
    // Of the posterior, r_p²·(r² − r_p²)/r² with r_p²/r² = 0 from pure noise.
    let quotient = t.alpha > 0 ? ratio / t.sigmaOverAlpha : 0
    let fresh = min(ratio, eta * ratio * max(1 - quotient * quotient, 0).squareRoot())
    let below = max(ratio * ratio - fresh * fresh, 0).squareRoot()
    x.assignStep(x, t, NoiseLevel(alpha: p.alpha, sigma: p.alpha * below), x0: first.x0)
    if fresh > 0 { x.assign(1, x, plus: Float(p.alpha * fresh), noise.draw(x.shape)) }
  }
}
