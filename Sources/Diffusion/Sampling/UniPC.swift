internal import Platform

/// UniPC: a predictor, by default of order 2 like DPM-Solver++ 2M, and a corrector that uses the prediction
/// at its end, which the next step needs anyway.
///
/// Source: Zhao et al. 2023, <https://arxiv.org/abs/2302.04867>, UniPC-p with B(h) = e^h − 1 for x̂_0, as
/// UniPCMultistepScheduler of diffusers, for any pair of levels (α, σ).
public struct UniPC: DiffusersSampler {
  public static let name = "unipc"
  public static let title = "UniPC"
  public static let meaning =
    "DPM-Solver++ 2M plus a corrector after each step; good in 10 steps."

  package static let scheduler: DiffusersScheduler? = DiffusersScheduler(
    name: "UniPCMultistepScheduler", listing: .parts, thresholds: true, spacesSigmas: true,
    rescales: true,
    options: [
      .orders(1...3), .only("solver_type", "bh2"), .only("predict_x0", true),
      .choice("disable_corrector", "corrector", [([], .flag(true))], standard: []),
      .finalSigmas, .lowersFinalOrder, .only("solver_p", .null), .only("use_flow_sigmas", false),
      .only("use_dynamic_shifting", false), .only("shift_terminal", .null),
    ] + DiffusersScheduler.Option.otherSigmas)

  public var steps = 20
  /// The number of predictions that a step uses, not counting the corrector's.
  public var order = 2
  /// Whether steps are corrected.
  package var corrects = true
  /// Whether the last step is of order 1 wherever it ends.
  package var lowersFinalOrder = true

  public init() {}

  public static let table: [Setting<Self>] = [
    .steps, .order(\.order, 1...3),
    .flag(\.corrects, "corrector", "correct each step with the prediction at its end").label(
      "corrector"),
    .lowersFinalOrder(\.lowersFinalOrder),
  ]

  public func step(
    _ x: Tensor, _ first: Prediction, _ move: Transition, _ history: inout SamplerHistory,
    noise: inout NoiseSource, predict: (Tensor, NoiseStep) -> Prediction
  ) {
    let (t, p) = (move.from.level, move.to.level)
    if corrects { correct(x, at: t, first.x0, move, history) }
    let start = x.values
    let answers = [first.x0.values] + history.tensors.dropFirst()
    let levels = [t] + history.levels
    let order = order(of: move.number, among: move.count, answers: answers.count)
    applyPredictor(x, to: p, levels.prefix(order).map(\.lambda), levels[0], answers)
    // The state before the step, then the answers; none of pure noise, which has no λ.
    history.tensors = t.alpha > 0 ? [start] + answers.prefix(self.order) : []
    history.levels = t.alpha > 0 ? Array(levels.prefix(self.order)) : []
  }

  /// The order of a step, which grows with the answers there are and falls towards the end.
  private func order(of number: Int, among count: Int, answers: Int) -> Int {
    min(order, answers, lowersFinalOrder ? count - number + 1 : order)
  }

  /// x_p = (σ_p/σ_t)·x − α_p·(e^{−h} − 1)·(x̂_0 + Σ ρ_i·D_i) with D_i = (x̂_i − x̂_0)/r_i, r_i = (λ_i − λ)/h,
  /// where ρ is ½ for one earlier answer.
  private func applyPredictor(
    _ x: Tensor, to p: NoiseLevel, _ lambdas: [Double], _ t: NoiseLevel, _ answers: [[Float]]
  ) {
    let h = p.lambda - lambdas[0]
    let gain = -p.alpha * expm1(-h)
    let x0 = Tensor(x.shape, answers[0])
    x.assign(Float(p.sigma / t.sigma), x, plus: Float(gain), x0)
    guard p.sigma > 0, lambdas.count > 1 else { return }
    let places = lambdas.dropFirst().map { ($0 - lambdas[0]) / h }
    let weights = places.count == 1 ? [0.5] : Self.weights(of: places, over: h)
    for (index, (weight, place)) in zip(weights, places).enumerated() {
      x.assign(1, x, plus: Float(gain * weight / place), Tensor(x.shape, answers[index + 1]))
      x.assign(1, x, plus: Float(-gain * weight / place), x0)
    }
  }

  /// Takes the step that led to `x` once more, with the answer at its end among the others.
  private func correct(
    _ x: Tensor, at t: NoiseLevel, _ x0: Tensor, _ move: Transition, _ history: SamplerHistory
  ) {
    guard let before = history.levels.first, history.tensors.count > 1 else { return }
    let order = order(
      of: move.number - 1, among: move.count, answers: history.tensors.count - 1)
    let answers = history.tensors[1...order].map { Tensor(x.shape, $0) }
    let h = t.lambda - before.lambda
    let gain = -t.alpha * expm1(-h)
    x.assign(
      Float(t.sigma / before.sigma), Tensor(x.shape, history.tensors[0]), plus: Float(gain),
      answers[0])
    let places = history.levels[1..<order].map { ($0.lambda - before.lambda) / h } + [1]
    let weights = order == 1 ? [0.5] : Self.weights(of: places, over: h)
    for ((weight, place), answer) in zip(zip(weights, places), answers.dropFirst() + [x0]) {
      x.assign(1, x, plus: Float(gain * weight / place), answer)
      x.assign(1, x, plus: Float(-gain * weight / place), answers[0])
    }
  }

  /// ρ of Σ_j ρ_j·r_j^k = b_k, k from 0, where b_k is (k + 1)!·φ_{k+2}(−h)·(−h)/(e^{−h} − 1).
  private static func weights(of places: [Double], over h: Double) -> [Double] {
    var (values, phi, factorial) = ([Double](), expm1(-h) / -h - 1, 1.0)
    for k in places.indices {
      values.append(phi * factorial / expm1(-h))
      factorial *= Double(k + 2)
      phi = phi / -h - 1 / factorial
    }
    return solvePowers(of: places, values)
  }

  /// Solves Σ_j x_j·r_j^k = b_k for x.
  ///
  /// Source: Björck and Pereyra 1970.
  private static func solvePowers(of places: [Double], _ values: [Double]) -> [Double] {
    var x = values
    for k in 0..<max(x.count - 1, 0) {
      for i in (k + 1..<x.count).reversed() { x[i] -= places[k] * x[i - 1] }
    }
    for k in (0..<max(x.count - 1, 0)).reversed() {
      for i in k + 1..<x.count { x[i] /= places[i] - places[i - k - 1] }
      for i in k..<x.count - 1 { x[i] -= x[i + 1] }
    }
    return x
  }
}
