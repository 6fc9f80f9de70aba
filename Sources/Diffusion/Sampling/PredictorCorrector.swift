internal import CKernels

/// A step of reverse diffusion after some of Langevin's at the same level.
///
/// With y = x/α, r = σ/α and the score s = (x̂_0 − y)/r² the corrector is y ← y + a·s + √(2a)·z with
/// a = 2·(snr·‖z‖/‖s‖)², the predictor y ← y + (r² − r_p²)·s + √(r² − r_p²)·z. The norms are those of each sample,
/// where the original takes means over a batch. For samples of a few numbers that is biased, as ‖s‖ may be small
/// by chance; with the norms of pure noise, ‖s‖ = ‖z‖/r, every step at a level has the same length.
///
/// Source: Song et al. 2021, algorithms 2 and 4, <https://arxiv.org/abs/2011.13456>.
package struct PredictorCorrector: Sampler {
  package static let name = "predictor-corrector"
  package static let title = "Predictor–corrector"
  package static let meaning =
    "Reverse-diffusion steps, each after Langevin steps at the same level."
  package static let evaluations = 2

  /// Whose norms the length of the corrector's steps comes from.
  package enum Norm: String, RecipeWord {
    /// Those of the sample's own score and noise.
    case sample
    /// Those that both have for pure noise.
    case noise

    package var meaning: String {
      switch self {
      case .sample: "each sample's own score and noise"
      case .noise: "pure noise, the same for all samples"
      }
    }
  }

  package var steps = 100
  /// Langevin's steps before each step.
  package var corrections = 1
  /// The ratio of score to noise in the corrector.
  package var snr = 0.16
  /// Whose norms the length of the corrector's steps comes from.
  package var norm = Norm.sample

  package init() {}

  package static let table: [Setting<Self>] = [
    .steps,
    .integer(\.corrections, "corrections", 0...20, "Langevin steps before each reverse step")
      .label("corrects"),
    .real(
      \.snr, "snr", Interval(0.01...1), by: .linear(step: 0.01),
      "signal-to-noise ratio of the Langevin steps"
    ).label("SNR"),
    .word(\.norm, "norm", "whose norms set the length of the Langevin steps"),
  ]

  package var isStochastic: Bool { true }
  package func draws(in move: Transition) -> Int {
    move.from.level.alpha > 0 ? corrections + (move.to.level.sigma > 0 ? 1 : 0) : 0
  }
  package func evaluations(steps: Int) -> Int { steps * (corrections + 1) }

  package func step(
    _ x: Tensor, _ first: Prediction, _ move: Transition, _ history: inout SamplerHistory,
    noise: inout NoiseSource, predict: (Tensor, NoiseStep) -> Prediction
  ) {
    let (t, p) = (move.from.level, move.to.level)
    guard t.alpha > 0 else { return x.assignStep(x, t, p, x0: first.x0) }
    var x0 = first.x0
    for _ in 0..<corrections {
      correct(x, t, x0, noise.draw(x.shape))
      x0 = predict(x, move.from).x0
    }
    // y_p = y + (1 − q)·(x̂_0 − y) with q = r_p²/r²
    let kept = p.sigmaOverAlpha * p.sigmaOverAlpha / (t.sigmaOverAlpha * t.sigmaOverAlpha)
    x.assign(
      Float(p.alpha / t.alpha * kept), x, plus: Float(p.alpha * (1 - kept)), x0)
    guard p.sigma > 0 else { return }
    let added =
      p.alpha
      * (t.sigmaOverAlpha * t.sigmaOverAlpha - p.sigmaOverAlpha * p.sigmaOverAlpha).squareRoot()
    x.assign(1, x, plus: Float(added), noise.draw(x.shape))
  }

  /// A Langevin step.
  private func correct(_ x: Tensor, _ t: NoiseLevel, _ x0: Tensor, _ z: Tensor) {
    // α·s·r = (α·x̂_0 − x)/σ is −ε̂, and ‖s‖ = ‖ε̂‖/r.
    let score = Tensor(x.shape)
    score.assign(Float(t.alpha / t.sigma), x0, plus: Float(-1 / t.sigma), x)
    let size = x.shape.sampleCount
    let lengths = (0..<x.shape.batch).map { sample -> Double in
      if norm == .noise { return 2 * snr * snr }
      let start = sample * size
      let squares = ck_sum_squares(score.pointer + start, size)
      guard squares > 0 else { return 0 }
      // a/r² = 2·(snr·‖z‖/‖ε̂‖)²
      return 2 * snr * snr * ck_sum_squares(z.pointer + start, size) / squares
    }
    x.assign(x, score, samples: lengths.map { (1, t.sigma * $0) })
    x.assign(x, z, samples: lengths.map { (1, t.sigma * (2 * $0).squareRoot()) })
  }
}
