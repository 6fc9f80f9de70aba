internal import Platform

/// DPM-Solver++ of order 3, multistep: one answer a step, and the two before it.
///
/// The first steps are of lower order, as is the one to the clean end, and in fewer than 15 steps the
/// one before it.
///
/// Source: Lu et al. 2022, <https://arxiv.org/abs/2211.01095>, as DPMSolverMultistepScheduler of diffusers
/// with `solver_order` 3, for any pair of levels (α, σ).
package struct DPMSolver3: DiffusersSampler {
  package static let name = "dpm++3m"
  package static let title = "DPM-Solver++ 3M"
  package static let meaning =
    "Third-order multistep solver of the probability-flow ODE; one evaluation per step."

  package static let scheduler: DiffusersScheduler? = .dpmSolver(
    orders: 3...3, algorithm: "dpmsolver++", [.only("solver_type", "midpoint")])

  package var steps = 20
  /// Whether, in fewer than 15 steps, the last two are of lower orders wherever the trajectory ends.
  package var lowersFinalOrder = true

  package init() {}

  package static let table: [Setting<Self>] = [.steps, .lowersFinalOrder(\.lowersFinalOrder)]

  package func step(
    _ x: Tensor, _ first: Prediction, _ move: Transition, _ history: inout SamplerHistory,
    noise: inout NoiseSource, predict: (Tensor, NoiseStep) -> Prediction
  ) {
    let (t, p) = (move.from.level, move.to.level)
    let current = first.x0.values
    let answers = history.tensors.map { Tensor(x.shape, $0) }
    let lambdas = [t.lambda] + history.levels.map(\.lambda)
    history.tensors = Array(([current] + history.tensors).prefix(2))
    // A step from pure noise has no length that others could be measured by.
    history.levels = t.alpha > 0 ? Array(([t] + history.levels).prefix(2)) : []
    if t.alpha == 0 { history.tensors = [] }
    let h = p.lambda - t.lambda
    let gain = -p.alpha * expm1(-h)
    x.assign(Float(p.sigma / t.sigma), x, plus: Float(gain), first.x0)
    let isLate = lowersFinalOrder && move.count < 15
    let left = move.count - move.number
    let order = p.sigma > 0 ? min(answers.count + 1, isLate ? min(left + 1, 3) : 3) : 1
    guard order > 1 else { return }

    let r0 = (lambdas[0] - lambdas[1]) / h
    // D1_0 = (x̂_0 − x̂′_0)/r_0
    let slope = Tensor(x.shape)
    slope.assign(Float(1 / r0), first.x0, plus: Float(-1 / r0), answers[0])
    guard order > 2 else { return x.assign(1, x, plus: Float(gain / 2), slope) }
    let r1 = (lambdas[1] - lambdas[2]) / h
    // D1_1, then D1_0 − D1_1.
    let bend = Tensor(x.shape)
    bend.assign(Float(1 / r1), answers[0], plus: Float(-1 / r1), answers[1])
    bend.assign(1, slope, plus: -1, bend)
    let linear = p.alpha * (expm1(-h) / h + 1)
    let square = -p.alpha * ((expm1(-h) + h) / (h * h) - 0.5)
    // D1 = D1_0 + r_0/(r_0 + r_1)·(D1_0 − D1_1) and D2 = (D1_0 − D1_1)/(r_0 + r_1)
    x.assign(1, x, plus: Float(linear), slope)
    x.assign(1, x, plus: Float((linear * r0 + square) / (r0 + r1)), bend)
  }
}
