/// The linear multistep method: the slope over a step is the polynomial through the last slopes.
///
/// With r = σ/α and y = x/α the trajectory is dy/dr = ε̂.
///
/// Source: `sample_lms` of k-diffusion, after Adams and Bashforth, for any pair of levels (α, σ).
package struct LMS: DiffusersSampler {
  package static let name = "lms"
  package static let title = "LMS"
  package static let meaning =
    "Linear multistep solver of the probability-flow ODE, from the last four predictions."

  package static let scheduler: DiffusersScheduler? = DiffusersScheduler(
    name: "LMSDiscreteScheduler", listing: .sigmas, spacesSigmas: true,
    options: [.only("use_beta_sigmas", false)])

  package var steps = 20
  /// How many slopes count, at most.
  package var order = 4

  package init() {}

  package static let table: [Setting<Self>] = [
    .steps, .integer(\.order, "order", 1...4, "how many of the last predictions are used"),
  ]

  package func step(
    _ x: Tensor, _ first: Prediction, _ move: Transition, _ history: inout SamplerHistory,
    noise: inout NoiseSource, predict: (Tensor, NoiseStep) -> Prediction
  ) {
    let (t, p) = (move.from.level, move.to.level)
    // No slope begins at pure noise.
    guard t.alpha > 0 else { return x.assignStep(x, t, p, x0: first.x0) }
    first.epsilon.assignNoise(of: x, t, x0: first.x0)
    history.tensors = Array(([first.epsilon.values] + history.tensors).prefix(order))
    history.levels = Array(([t] + history.levels).prefix(order))
    // Straight, and exact where all of a step is rounding.
    guard history.levels.count > 1 else { return x.assignStep(x, t, p, x0: first.x0) }
    let ratios = history.levels.map(\.sigmaOverAlpha)
    x.assign(Float(p.alpha / t.alpha), x, plus: 0, x)
    for (index, slope) in history.tensors.enumerated() {
      let weight = Self.integral(
        of: index, through: ratios, from: t.sigmaOverAlpha, to: p.sigmaOverAlpha)
      x.assign(1, x, plus: Float(p.alpha * weight), Tensor(x.shape, slope))
    }
  }

  /// The integral of the Lagrange polynomial that is 1 at one of `nodes` and 0 at the others.
  ///
  /// Two points of Gauss and Legendre are exact up to the third degree, that of four nodes.
  private static func integral(
    of index: Int, through nodes: [Double], from start: Double, to end: Double
  ) -> Double {
    let (middle, half) = ((start + end) / 2, (end - start) / 2)
    let offset = half / 3.0.squareRoot()
    return [middle - offset, middle + offset].reduce(0) { sum, place in
      var value = 1.0
      for (other, node) in nodes.enumerated() where other != index {
        value *= (place - node) / (nodes[index] - node)
      }
      return sum + value * half
    }
  }
}
