/// Annealed Langevin dynamics: at each level some steps along the score, with fresh noise.
///
/// With y = x/α, r = σ/α: y ← y + a·s + √(2a)·z, s = (x̂_0 − y)/r², a = `size`·r². It is biased where the
/// steps are not small or too few.
///
/// Source: Song and Ermon 2019, algorithm 1, <https://arxiv.org/abs/1907.05600>; their ε/σ_L² is `size`,
/// 0.2 in the code published with it; the last denoising is that of Song and Ermon 2020.
package struct AnnealedLangevin: Sampler {
  package static let name = "langevin"
  package static let title = "Annealed Langevin"
  package static let meaning =
    "Annealed Langevin dynamics: many small noisy steps along the score at each level; slow."
  package static let evaluations = 100

  package var steps = 10
  /// Steps at each level.
  package var updates = 100
  /// How far a step goes, in units of the level's variance.
  package var size = 0.2
  /// Whether the trajectory ends with the mean x̂_0 instead of the last noise.
  package var denoises = true

  package init() {}

  package static let table: [Setting<Self>] = [
    .steps,
    .integer(\.updates, "updates", 1...1000, step: 5, "number of small steps at each level"),
    .real(
      \.size, "size", Interval(0.001...2), by: .logarithmic(perDecade: 20),
      "size of a small step, in units of the noise variance"),
    .flag(\.denoises, "denoise", "remove the noise left at the end"),
  ]

  package var isStochastic: Bool { true }
  package func draws(in move: Transition) -> Int { move.from.level.alpha > 0 ? updates : 0 }
  package func evaluations(steps: Int) -> Int { steps * updates + (denoises ? 1 : 0) }

  package func step(
    _ x: Tensor, _ first: Prediction, _ move: Transition, _ history: inout SamplerHistory,
    noise: inout NoiseSource, predict: (Tensor, NoiseStep) -> Prediction
  ) {
    let (t, p) = (move.from.level, move.to.level)
    guard t.alpha > 0 else { return x.assignStep(x, t, p, x0: first.x0) }
    var x0 = first.x0
    // x ← (1 − size)·x + size·α·x̂_0 + √(2·size)·σ·z
    for update in 0..<updates {
      if update > 0 { x0 = predict(x, move.from).x0 }
      x.assign(Float(1 - size), x, plus: Float(size * t.alpha), x0)
      x.assign(1, x, plus: Float((2 * size).squareRoot() * t.sigma), noise.draw(x.shape))
    }
    if p.sigma == 0, denoises {
      x0 = predict(x, move.from).x0
      x.assign(Float(p.alpha), x0, plus: 0, x0)
    } else {
      x.assign(Float(p.alpha / t.alpha), x, plus: 0, x)
    }
  }
}
