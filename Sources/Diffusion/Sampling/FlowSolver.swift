/// A flow's straight coordinates: with t = σ/(α + σ) and z = x/(α + σ) the trajectory is dz/dt = ε̂ − x̂_0.
///
/// Heun's method takes the mean of the velocities at both ends of a step; the last step is Euler's.
/// Neither needs any signal to begin with.
///
/// Source: Liu et al. 2022, <https://arxiv.org/abs/2209.03003>, as the flow-matching schedulers of
/// diffusers; for any pair of levels (α, σ).
package struct FlowSolver: Sampler {
  package static let name = "flow"
  package static let title = "Flow"
  package static let meaning = "Euler's or Heun's method on a flow's velocity ε − x_0."
  package static let evaluations = 2

  /// How a step uses the velocity.
  package enum Method: String, RecipeWord {
    /// First order, one evaluation per step.
    case euler
    /// Second order, two evaluations per step.
    case heun

    package var meaning: String {
      switch self {
      case .euler: "the velocity at the start of the step"
      case .heun: "the mean of the velocities at both ends; two evaluations"
      }
    }
  }

  package var steps = 20
  /// The solver.
  package var method = Method.heun

  package init() {}

  package static let table: [Setting<Self>] = [
    .steps, .word(\.method, "method", "which velocity a step follows"),
  ]

  package func evaluations(steps: Int) -> Int { method == .euler ? steps : 2 * steps - 1 }

  package func step(
    _ x: Tensor, _ first: Prediction, _ move: Transition, _ history: inout SamplerHistory,
    noise: inout NoiseSource, predict: (Tensor, NoiseStep) -> Prediction
  ) {
    let (t, p) = (move.from.level, move.to.level)
    let start = x.copy()
    // Euler's step is the same in all coordinates.
    x.assignStep(x, t, p, x0: first.x0)
    guard method == .heun, p.sigma > 0 else { return }
    let second = predict(x, move.to)
    let (sum, end) = (t.alpha + t.sigma, p.alpha + p.sigma)
    let half = (p.sigma / end - t.sigma / sum) / 2
    // v = ε̂ − x̂_0 with ε̂ = (x − α·x̂_0)/σ, so v = (x − (α + σ)·x̂_0)/σ.
    let (a, b) = (half / t.sigma, half / p.sigma)
    x.assign(Float(end * (1 / sum + a)), start, plus: Float(end * b), x)
    x.assign(1, x, plus: Float(-end * a * sum), first.x0)
    x.assign(1, x, plus: Float(-end * b * end), second.x0)
  }
}
