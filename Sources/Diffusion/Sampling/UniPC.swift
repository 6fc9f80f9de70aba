internal import Platform

/// UniPC of order 2: a predictor like DPM-Solver++ 2M, and a corrector that uses the answer at its end,
/// which the next step asks for anyway.
///
/// Source: Zhao et al. 2023, <https://arxiv.org/abs/2302.04867>, UniPC-2 with B(h) = e^h − 1 for x̂_0, as
/// UniPCMultistepScheduler of diffusers, for any pair of levels (α, σ).
public struct UniPC: DiffusersSampler {
  public static let name = "unipc"
  public static let title = "UniPC"
  public static let meaning =
    "DPM-Solver++ 2M with each step corrected at its end; good in 10 steps."

  package static let scheduler: DiffusersScheduler? = DiffusersScheduler(
    name: "UniPCMultistepScheduler", listing: .parts, thresholds: true, spacesSigmas: true,
    rescales: true,
    options: [
      .only("solver_order", 2), .only("solver_type", "bh2"), .only("predict_x0", true),
      .choice("disable_corrector", "corrector", [([], .flag(true))], standard: []),
      .finalSigmas, .lowersFinalOrder, .only("solver_p", .null), .only("use_flow_sigmas", false),
      .only("use_dynamic_shifting", false), .only("shift_terminal", .null),
    ] + DiffusersScheduler.Option.otherSigmas)

  public var steps = 20
  /// Whether steps are corrected.
  package var corrects = true
  /// Whether the last step is of order 1 wherever it ends.
  package var lowersFinalOrder = true

  public init() {}

  public static let table: [Setting<Self>] = [
    .steps,
    .flag(\.corrects, "corrector", "corrects each step with the prediction at its end").label(
      "corrector"),
    .lowersFinalOrder(\.lowersFinalOrder),
  ]

  public func step(
    _ x: Tensor, _ first: Prediction, _ move: Transition, _ history: inout SamplerHistory,
    noise: inout NoiseSource, ask: (Tensor, NoiseStep) -> Prediction
  ) {
    let (t, p) = (move.from.level, move.to.level)
    if corrects { correct(x, at: t, first.x0, history) }
    let start = x.values
    let answers = [first.x0.values] + history.tensors.dropFirst()
    let levels = [t] + history.levels
    let isLow = lowersFinalOrder && move.number == move.count
    predict(x, from: t, to: p, first.x0, isLow ? [t] : levels, answers)
    // The state before the step, then the answers; none of pure noise, which has no λ.
    history.tensors = t.alpha > 0 ? [start] + answers.prefix(2) : []
    history.levels = t.alpha > 0 ? Array(levels.prefix(2)) : []
  }

  /// x_p = (σ_p/σ_t)·x − α_p·(e^{−h} − 1)·(x̂_0 + ½·D) with D = (x̂′_0 − x̂_0)/r, r = (λ′ − λ)/h.
  private func predict(
    _ x: Tensor, from t: NoiseLevel, to p: NoiseLevel, _ x0: Tensor, _ levels: [NoiseLevel],
    _ answers: [[Float]]
  ) {
    let h = p.lambda - t.lambda
    let gain = -p.alpha * expm1(-h)
    x.assign(Float(p.sigma / t.sigma), x, plus: Float(gain), x0)
    guard p.sigma > 0, levels.count > 1 else { return }
    let weight = gain / 2 * h / (levels[1].lambda - t.lambda)
    x.assign(1, x, plus: Float(weight), Tensor(x.shape, answers[1]))
    x.assign(1, x, plus: Float(-weight), x0)
  }

  /// Takes the step that led to `x` once more, with the answer at its end.
  private func correct(
    _ x: Tensor, at t: NoiseLevel, _ x0: Tensor, _ history: SamplerHistory
  ) {
    guard let before = history.levels.first, history.tensors.count > 1 else { return }
    let start = Tensor(x.shape, history.tensors[0])
    let answer = Tensor(x.shape, history.tensors[1])
    let h = t.lambda - before.lambda
    let gain = -t.alpha * expm1(-h)
    x.assign(Float(t.sigma / before.sigma), start, plus: Float(gain), answer)
    guard history.levels.count > 1 else {
      x.assign(1, x, plus: Float(gain / 2), x0)
      return x.assign(1, x, plus: Float(-gain / 2), answer)
    }
    // ρ solves [1 1; r 1]·ρ = b.
    let r = (history.levels[1].lambda - before.lambda) / h
    let first = -expm1(-h) / h - 1
    let second = -first / h - 0.5
    let b = (first / expm1(-h), 2 * second / expm1(-h))
    let old = (b.0 - b.1) / (1 - r)
    let new = b.0 - old
    x.assign(1, x, plus: Float(gain * old / r), Tensor(x.shape, history.tensors[2]))
    x.assign(1, x, plus: Float(gain * new), x0)
    x.assign(1, x, plus: Float(-gain * (old / r + new)), answer)
  }
}
