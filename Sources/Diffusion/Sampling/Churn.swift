internal import Platform

/// Noise that is added before a step and taken away by it, which corrects errors of earlier ones.
///
/// Source: Karras et al. 2022, algorithm 2, <https://arxiv.org/abs/2206.00364>.
package struct Churn: Sendable, Hashable {
  /// S_churn: how much, all steps together; 0 for none.
  package var amount = 0.0
  /// S_tmin and S_tmax: the noise σ/α between which it is added.
  package var lowest = 0.0
  /// The highest σ at which noise is added.
  package var highest = 1000.0
  /// S_noise: the deviation of the added noise, slightly above 1 to make up for lost detail.
  package var noiseScale = 1.0

  /// No churn.
  package init() {}

  /// Whether any step may add noise.
  var isOn: Bool { amount > 0 }

  static func settings<Root: Sampler>(
    _ path: any WritableKeyPath<Root, Churn> & Sendable
  ) -> [Setting<Root>] {
    func real(
      _ inner: any WritableKeyPath<Churn, Double> & Sendable, _ key: String, _ interval: Interval,
      _ stepping: AllowedValues.Stepping, _ meaning: String
    ) -> Setting<Root> {
      Setting(
        key, .real(interval, stepping), meaning, get: { .real($0[keyPath: path][keyPath: inner]) },
        set: {
          guard let number = $1.number, interval.contains(number) else { return false }
          $0[keyPath: path][keyPath: inner] = number
          return true
        })
    }
    return [
      real(
        \.amount, "churn", Interval(0...1000), .linear(step: 5),
        "total amount of fresh noise over all steps; 0 is deterministic"),
      real(
        \.lowest, "churn_min", Interval(0...1000), .linear(step: 0.05),
        "the smallest σ/α at which noise is added"),
      real(
        \.highest, "churn_max", Interval(0...1000), .linear(step: 10),
        "the largest σ/α at which noise is added"),
      real(
        \.noiseScale, "s_noise", Interval(0.5...1.5), .linear(step: 0.001),
        "standard deviation of the added noise"
      ).label("churn σ"),
    ]
  }

  var conflict: SettingConflict? {
    orderConflict(("churn_min", lowest), ("churn_max", highest))
  }

  /// Whether noise is added at a level.
  func acts(at level: NoiseLevel) -> Bool {
    isOn && level.alpha > 0 && lowest <= level.sigmaOverAlpha && level.sigmaOverAlpha <= highest
  }

  /// Adds noise to `x` at the start of a step: the answer there and the step that is left.
  func raise(
    _ x: Tensor, _ first: Prediction, _ move: Transition, noise: inout NoiseSource,
    predict: (Tensor, NoiseStep) -> Prediction
  ) -> (Prediction, Transition) {
    let t = move.from.level
    guard acts(at: t) else { return (first, move) }
    let ratio = t.sigmaOverAlpha * (1 + min(amount / Double(move.count), 2.0.squareRoot() - 1))
    let raised = t.changed(toRatio: ratio)
    // x̂ = α̂·(x/α + √(r̂² − r²)·S_noise·z)
    let added =
      raised.alpha * (ratio * ratio - t.sigmaOverAlpha * t.sigmaOverAlpha).squareRoot() * noiseScale
    x.assign(Float(raised.alpha / t.alpha), x, plus: Float(added), noise.draw(x.shape))
    let start = NoiseStep(index: nil, timestep: timestep(of: ratio, move), level: raised)
    let rest = Transition(from: start, to: move.to, number: move.number, count: move.count)
    return (predict(x, start), rest)
  }

  /// The place of the raised noise, as far beyond the step's start as ln σ/α is.
  private func timestep(of ratio: Double, _ move: Transition) -> Double {
    let (from, to) = (move.from, move.to)
    guard to.level.sigmaOverAlpha > 0 else { return from.timestep }
    let part =
      log(ratio / from.level.sigmaOverAlpha)
      / log(from.level.sigmaOverAlpha / to.level.sigmaOverAlpha)
    return from.timestep + part * (from.timestep - to.timestep)
  }
}

extension NoiseLevel {
  /// The level of the same kind of process with another ratio σ/α: unscaled, variance-preserving, or
  /// with the same sum α + σ.
  func changed(toRatio ratio: Double) -> NoiseLevel {
    if alpha == 1 { return NoiseLevel(sigma: ratio) }
    if abs(alpha * alpha + sigma * sigma - 1) < 1e-9 { return .preservingVariance(ratio: ratio) }
    let sum = alpha + sigma
    return NoiseLevel(alpha: sum / (1 + ratio), sigma: sum * ratio / (1 + ratio))
  }
}

extension Tensor {
  /// self ← the end of a straight step from `x` at t to p: x_p = (σ_p/σ_t)·x + (α_p − α_t·σ_p/σ_t)·x̂_0.
  func assignStep(_ x: Tensor, _ t: NoiseLevel, _ p: NoiseLevel, x0: Tensor) {
    let kept = p.sigma / t.sigma
    assign(Float(kept), x, plus: Float(p.alpha - t.alpha * kept), x0)
  }

  /// ε̂ = (x − α·x̂_0)/σ, which counts a limit of x̂_0.
  func assignNoise(of x: Tensor, _ level: NoiseLevel, x0: Tensor) {
    assign(Float(1 / level.sigma), x, plus: Float(-level.alpha / level.sigma), x0)
  }
}
