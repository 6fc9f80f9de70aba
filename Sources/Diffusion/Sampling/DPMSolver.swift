internal import Platform

/// DPM-Solver++ of order 2, multistep: one answer a step, and the one before it for the curvature.
///
/// With λ = ln(α/σ): x_p = (σ_p/σ_t)·x − α_p·(e^{−h} − 1)·D, h = λ_p − λ_t, where D is x̂_0
/// extrapolated to the middle of the step. The first step and the one to the clean end are of order
/// 1.
///
/// Source: Lu et al. 2022, <https://arxiv.org/abs/2211.01095>, algorithm 2.
public struct DPMSolver: Sampler {
  public static let name = "dpm++2m"
  public static let title = "DPM-Solver++ 2M"
  public static let meaning =
    "Second-order multistep solver of DDIM's ODE; one evaluation per step, good in 10 to 20 steps."

  public var steps: Int

  public init() { self.init(steps: 20) }

  /// The sampler with so many steps.
  public init(steps: Int) { self.steps = steps }

  public static let table: [Setting<Self>] = [.steps]

  public func step(
    _ x: Tensor, _ first: Prediction, _ move: Transition, _ history: inout SamplerHistory,
    noise: inout NoiseSource, ask: (Tensor, NoiseStep) -> Prediction
  ) {
    let (t, p) = (move.from.level, move.to.level)
    let h = lambda(p) - lambda(t)
    // −α_p·(e^{−h} − 1), which is α_p at the clean end.
    let gain = -p.alpha * expm1(-h)
    let current = first.x0.values
    var weight = 0.0
    if let before = history.levels.first, p.sigma > 0 {
      // D = x̂_0 + (h/2h′)·(x̂_0 − x̂′_0), h′ the step before; none of it where that came from pure
      // noise.
      let previous = lambda(t) - lambda(before)
      weight = previous.isFinite ? h / (2 * previous) : 0
    }
    if weight != 0, let before = history.tensors.first {
      first.x0.assign(
        Float(1 + weight), first.x0, plus: Float(-weight), Tensor(x.shape, before))
    }
    x.assign(Float(p.sigma / t.sigma), x, plus: Float(gain), first.x0)
    (history.tensors, history.levels) = ([current], [t])
  }

  private func lambda(_ level: NoiseLevel) -> Double { log(level.alpha / level.sigma) }
}
