internal import Platform

/// smalldiffusion's sampler: ε̂ is extrapolated from the last two answers (γ), and a step may go too far
/// down and add fresh noise (μ).
///
/// γ = 1, μ = 0 is ``DDIM``; γ = 1, μ = ½ has the variance of ``DDPM``; γ = 2, μ = 0 is the accelerated
/// one.
///
/// Source: Permenter and Yuan 2024, <https://arxiv.org/abs/2306.04848>, `samples` of smalldiffusion, for
/// any pair of levels (α, σ).
package struct GradientEstimation: Sampler {
  package static let name = "gradient-estimation"
  package static let title = "Gradient estimation"
  package static let meaning =
    "smalldiffusion's: extrapolates ε from the last two predictions; good in 10 to 20 steps."

  package var steps = 20
  /// The weight of the last prediction against the one before; 2 accelerates, 1 is DDIM.
  package var gamma = 2.0
  /// How much noise each step adds: 0 for none, 0.5 for DDPM.
  package var mu = 0.0

  package init() {}

  package static let table: [Setting<Self>] = [
    .steps,
    .real(
      \.gamma, "gamma", Interval(0...4), by: .linear(step: 0.1),
      "weight of the latest prediction relative to the one before: 1 is DDIM, 2 accelerates"
    ).label("γ"),
    .real(
      \.mu, "mu", Interval(0...0.95), by: .linear(step: 0.05),
      "fresh noise at each step: 0 is deterministic, 0.5 is like DDPM"
    ).label("μ"),
  ]

  package var isStochastic: Bool { mu > 0 }

  package func step(
    _ x: Tensor, _ first: Prediction, _ move: Transition, _ history: inout SamplerHistory,
    noise: inout NoiseSource, predict: (Tensor, NoiseStep) -> Prediction
  ) {
    let (t, p) = (move.from.level, move.to.level)
    // From pure noise there is no ratio to go down by.
    guard t.alpha > 0 else { return x.assignStep(x, t, p, x0: first.x0) }
    first.epsilon.assignNoise(of: x, t, x0: first.x0)
    let current = first.epsilon.values
    let below = pow(p.sigmaOverAlpha / pow(t.sigmaOverAlpha, mu), 1 / (1 - mu))
    let fresh = max(p.sigmaOverAlpha * p.sigmaOverAlpha - below * below, 0).squareRoot()
    if let before = history.tensors.first {
      first.epsilon.assign(
        Float(gamma), first.epsilon, plus: Float(1 - gamma), Tensor(x.shape, before))
      // y_p = y − (r − r_below)·ε̄ + fresh·z
      x.assign(
        Float(p.alpha / t.alpha), x, plus: Float(-p.alpha * (t.sigmaOverAlpha - below)),
        first.epsilon)
    } else {
      x.assignStep(x, t, NoiseLevel(alpha: p.alpha, sigma: p.alpha * below), x0: first.x0)
    }
    history.tensors = [current]
    if fresh > 0, mu > 0 { x.assign(1, x, plus: Float(p.alpha * fresh), noise.draw(x.shape)) }
  }
}
