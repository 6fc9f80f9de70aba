/// The pseudo linear multistep method: DDIM's step with ε̂ extrapolated from the last four answers.
///
/// The first step is corrected by the prediction at its end, which takes two evaluations; or the first three are
/// Runge–Kutta's, with four evaluations each.
///
/// Source: Liu et al. 2022, PNDM, <https://arxiv.org/abs/2202.09778>, by default without the Runge–Kutta
/// steps, as latent diffusion; both as PNDMScheduler of diffusers, for any pair (α, σ).
package struct PLMS: DiffusersSampler {
  package static let name = "plms"
  package static let title = "PLMS"
  package static let meaning =
    "DDIM with ε extrapolated from the last four predictions; with runge_kutta, this is PNDM."
  package static let scheduler: DiffusersScheduler? = DiffusersScheduler(
    name: "PNDMScheduler", listing: .strides, predictions: [.epsilon, .v],
    options: [
      .choice(
        "prediction_type", "extrapolates",
        [
          ("epsilon", .text(Quantity.epsilon.rawValue)),
          ("v_prediction", .text(Quantity.v.rawValue)),
        ], standard: "epsilon"),
      .setAlphaToOne(false),
      .choice(
        "skip_prk_steps", "runge_kutta",
        [(.bool(true), .flag(false)), (.bool(false), .flag(true))], standard: false),
    ])

  /// What is added up of several answers.
  package enum Quantity: String, RecipeWord {
    /// The noise.
    case epsilon
    /// v of each answer's own level, taken as v of the level that a step starts from.
    case v

    package var meaning: String {
      switch self {
      case .epsilon: "ε"
      case .v: "v, as in diffusers when the network predicts v"
      }
    }
  }

  package var steps = 20
  /// What is extrapolated.
  package var quantity = Quantity.epsilon
  /// Whether the first three steps are those of Runge and Kutta.
  package var startsWithRungeKutta = false

  package init() {}

  package static let table: [Setting<Self>] = [
    .steps,
    .word(\.quantity, "extrapolates", "what is extrapolated from the last predictions"),
    .flag(
      \.startsWithRungeKutta, "runge_kutta",
      "PNDM's start: three Runge–Kutta steps of four network evaluations each"
    ).label("RK start"),
  ]

  /// Once more, at the end of the first step; with Runge–Kutta three times more in up to three steps.
  package func evaluations(steps: Int) -> Int {
    startsWithRungeKutta ? steps + 3 * min(3, steps - 1) : steps > 1 ? steps + 1 : 1
  }

  /// The weights of the newest answers, newest first, over their common denominator.
  private static let weights: [(numerators: [Double], denominator: Double)] = [
    ([1], 1), ([3, -1], 2), ([23, -16, 5], 12), ([55, -59, 37, -9], 24),
  ]

  package func step(
    _ x: Tensor, _ first: Prediction, _ move: Transition, _ history: inout SamplerHistory,
    noise: inout NoiseSource, predict: (Tensor, NoiseStep) -> Prediction
  ) {
    let (t, p) = (move.from.level, move.to.level)
    guard t.alpha > 0 else { return x.assignStep(x, t, p, x0: first.x0) }
    assign(first.epsilon, x, t, x0: first.x0)
    history.tensors = Array(([first.epsilon.values] + history.tensors).prefix(4))
    let stride = move.stride ?? Stride(move)
    let isLast = move.number == move.count
    if startsWithRungeKutta, history.tensors.count < 4, !isLast {
      let mean = rungeKutta(x, first.epsilon, move, stride, predict)
      return self.move(x, by: mean, t, p)
    }
    if history.tensors.count == 1, !isLast {
      let mean = answer(at: x, plus: first.epsilon, t, stride.end, then: move.to, predict)
      mean.assign(0.5, mean, plus: 0.5, first.epsilon)
      return self.move(x, by: mean, stride.start.level, p)
    }
    let mean = Tensor(x.shape)
    let (numerators, denominator) = Self.weights[history.tensors.count - 1]
    for (weight, answer) in zip(numerators, history.tensors) {
      mean.assign(1, mean, plus: Float(weight / denominator), Tensor(x.shape, answer))
    }
    self.move(x, by: mean, t, stride.end.level)
  }

  /// The mean of four answers along a step, the ends' a sixth and the middle's a third each.
  private func rungeKutta(
    _ x: Tensor, _ first: Tensor, _ move: Transition, _ stride: Stride,
    _ predict: (Tensor, NoiseStep) -> Prediction
  ) -> Tensor {
    let t = move.from.level
    let second = answer(at: x, plus: first, t, stride.half, then: stride.middle, predict)
    let third = answer(at: x, plus: second, t, stride.middle, then: stride.middle, predict)
    let fourth = answer(at: x, plus: third, t, move.to, then: move.to, predict)
    let mean = Tensor(x.shape)
    mean.assign(1 / 6, first, plus: 1 / 3, second)
    mean.assign(1, mean, plus: 1 / 3, third)
    mean.assign(1, mean, plus: 1 / 6, fourth)
    return mean
  }

  /// The answer at `place` after a step from `x` along `epsilon` to `end`, which diffusers may evaluate as if it
  /// were at `place`.
  private func answer(
    at x: Tensor, plus epsilon: Tensor, _ t: NoiseLevel, _ end: NoiseStep, then place: NoiseStep,
    _ predict: (Tensor, NoiseStep) -> Prediction
  ) -> Tensor {
    let state = x.copy()
    move(state, by: epsilon, t, end.level)
    let x0 = predict(state, place).x0
    assign(state, state, place.level, x0: x0)
    return state
  }

  /// Writes what is extrapolated, ε̂ or v̂, of an answer x̂_0 at `x`.
  private func assign(_ value: Tensor, _ x: Tensor, _ level: NoiseLevel, x0: Tensor) {
    guard quantity == .v else { return value.assignNoise(of: x, level, x0: x0) }
    // v = (α·x − s²·x_0)/(σ·s) with s² = α² + σ²
    let size = level.size
    value.assign(
      Float(level.alpha / (level.sigma * size)), x, plus: Float(-size / level.sigma), x0)
  }

  /// x_p = (α_p/α_t)·x + (σ_p − α_p·σ_t/α_t)·ε̂, in place; v̂ stands for ε̂ = (σ·x + α·s·v̂)/s².
  private func move(_ x: Tensor, by answer: Tensor, _ t: NoiseLevel, _ p: NoiseLevel) {
    var scale = p.alpha / t.alpha
    var gain = p.sigma - scale * t.sigma
    if quantity == .v {
      scale += gain * t.sigma / (t.size * t.size)
      gain *= t.alpha / t.size
    }
    x.assign(Float(scale), x, plus: Float(gain), answer)
  }
}
