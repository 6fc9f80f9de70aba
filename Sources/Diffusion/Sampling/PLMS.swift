/// The pseudo linear multistep method: DDIM's step with ε̂ extrapolated from the last four answers.
///
/// The first step is corrected by the answer at its end, so it asks twice.
///
/// Source: Liu et al. 2022, PNDM, <https://arxiv.org/abs/2202.09778>, without the Runge–Kutta steps, as
/// latent diffusion and PNDMScheduler of diffusers (`skip_prk_steps`) take it; any pair (α, σ).
public struct PLMS: Sampler {
  public static let name = "plms"
  public static let title = "PLMS"
  public static let meaning =
    "PNDM without its Runge–Kutta start: DDIM with ε extrapolated from the last four predictions."

  public var steps = 20

  public init() {}

  public static let table: [Setting<Self>] = [.steps]

  /// Once more, at the end of the first step.
  public func evaluations(steps: Int) -> Int { steps > 1 ? steps + 1 : 1 }

  /// The weights of the newest answers, newest first, over their common denominator.
  private static let weights: [(numerators: [Double], denominator: Double)] = [
    ([1], 1), ([3, -1], 2), ([23, -16, 5], 12), ([55, -59, 37, -9], 24),
  ]

  public func step(
    _ x: Tensor, _ first: Prediction, _ move: Transition, _ history: inout SamplerHistory,
    noise: inout NoiseSource, ask: (Tensor, NoiseStep) -> Prediction
  ) {
    let (t, p) = (move.from.level, move.to.level)
    guard t.alpha > 0 else { return x.assignStep(x, t, p, x0: first.x0) }
    first.epsilon.assignNoise(of: x, t, x0: first.x0)
    let mean = Tensor(x.shape)
    history.tensors = Array(([first.epsilon.values] + history.tensors).prefix(4))
    if history.tensors.count == 1, p.sigma > 0 {
      let end = x.copy()
      self.move(end, by: first.epsilon, t, p)
      let second = ask(end, move.to)
      mean.assignNoise(of: end, p, x0: second.x0)
      mean.assign(0.5, mean, plus: 0.5, first.epsilon)
    } else {
      let (numerators, denominator) = Self.weights[history.tensors.count - 1]
      for (weight, answer) in zip(numerators, history.tensors) {
        mean.assign(1, mean, plus: Float(weight / denominator), Tensor(x.shape, answer))
      }
    }
    self.move(x, by: mean, t, p)
  }

  /// x_p = (α_p/α_t)·x + (σ_p − α_p·σ_t/α_t)·ε̂, in place.
  private func move(_ x: Tensor, by epsilon: Tensor, _ t: NoiseLevel, _ p: NoiseLevel) {
    let scale = p.alpha / t.alpha
    x.assign(Float(scale), x, plus: Float(p.sigma - scale * t.sigma), epsilon)
  }
}
