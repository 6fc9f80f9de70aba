internal import Platform

/// DPM-Solver++ of order 2, multistep, of the stochastic equation.
///
/// Source: Lu et al. 2022, <https://arxiv.org/abs/2211.01095>, SDE-DPM-Solver++(2M) with the slope in the
/// middle, as `sample_dpmpp_2m_sde` of k-diffusion with its η, for any pair of levels (α, σ).
package struct DPMSolverSDE: DiffusersSampler, NoisySampler {
  package static let name = "dpm++2m-sde"
  package static let title = "DPM-Solver++ 2M SDE"
  package static let meaning = "DPM-Solver++ 2M with fresh noise at each step."

  package static let scheduler: DiffusersScheduler? = .dpmSolver(
    orders: 1...2, algorithm: "sde-dpmsolver++", [.only("solver_type", "midpoint")])

  package var steps = 20
  /// 2, or 1 for steps that go by one answer.
  package var order = 2
  /// The share of fresh noise; 1 is that of the forward process.
  package var eta = 1.0
  /// Whether, in fewer than 15 steps, the last one is of order 1 wherever it ends.
  package var lowersFinalOrder = true

  package init() {}

  package static let table: [Setting<Self>] = [
    .steps, .order(\.order, 1...2), .eta(), .lowersFinalOrder(\.lowersFinalOrder),
  ]

  package func step(
    _ x: Tensor, _ first: Prediction, _ move: Transition, _ history: inout SamplerHistory,
    noise: inout NoiseSource, predict: (Tensor, NoiseStep) -> Prediction
  ) {
    let (t, p) = (move.from.level, move.to.level)
    let current = first.x0.values
    defer { (history.tensors, history.levels) = ([current], [t]) }
    // The clean end is x̂_0 itself.
    guard p.sigma > 0 else { return x.assign(Float(p.alpha), first.x0, plus: 0, first.x0) }
    let h = p.lambda - t.lambda
    if order > 1, let before = history.levels.first, let answer = history.tensors.first,
      !(lowersFinalOrder && move.isLastOfFew)
    {
      let previous = t.lambda - before.lambda
      let weight = previous.isFinite ? h / (2 * previous) : 0
      first.x0.assign(Float(1 + weight), first.x0, plus: Float(-weight), Tensor(x.shape, answer))
    }
    // x_p = (σ_p/σ_t)·e^{−ηh}·x + α_p·(1 − e^{−(1+η)h})·D + σ_p·√(1 − e^{−2ηh})·z
    x.assign(
      Float(p.sigma / t.sigma * exp(-eta * h)), x,
      plus: Float(-p.alpha * expm1(-(1 + eta) * h)), first.x0)
    guard eta > 0 else { return }
    let added = p.sigma * (-expm1(-2 * eta * h)).squareRoot()
    x.assign(1, x, plus: Float(added), noise.draw(x.shape))
  }
}

extension NoiseLevel {
  /// ln α/σ, half of ln SNR.
  var lambda: Double { log(alpha / sigma) }
}
