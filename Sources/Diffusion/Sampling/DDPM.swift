/// Ancestral sampling: each step draws from the posterior q(x_p | x_t, x̂_0).
///
/// Source: Ho et al. 2020, equations 6 and 7, for any pair of levels (α, σ).
public struct DDPM: Sampler {
  /// The variance of the noise that a step adds.
  public enum Variance: String, Sendable, CaseIterable {
    /// That of the posterior, right for data that is a single point.
    case fixedSmall = "fixed-small"
    /// That of the forward step, right for data that is standard normal.
    case fixedLarge = "fixed-large"
  }

  public var variance: Variance
  /// Limits x̂_0 to the data's range before it is used.
  public var clip: ClosedRange<Float>?

  public init(variance: Variance = .fixedSmall, clip: ClosedRange<Float>? = nil) {
    self.variance = variance
    self.clip = clip
  }

  @discardableResult
  public func step(
    _ x: Tensor, from: NoiseStep, to: NoiseStep, denoiser: any Denoiser,
    noise: inout NoiseSource
  ) -> Prediction {
    let (t, p) = (from.level, to.level)
    let prediction = denoiser.predict(x, at: from)
    if let clip { prediction.x0.clamp(to: clip) }

    // The forward step from p to t: x_t = α_{t|p}·x_p + σ_{t|p}·ε.
    let alpha = t.alpha / p.alpha
    let forward = t.sigma * t.sigma - alpha * alpha * p.sigma * p.sigma  // σ²_{t|p}
    let total = t.sigma * t.sigma
    // μ = (α_{t|p}·σ_p²/σ_t²)·x_t + (α_p·σ²_{t|p}/σ_t²)·x̂_0
    x.assign(
      Float(alpha * p.sigma * p.sigma / total), x,
      plus: Float(p.alpha * forward / total), prediction.x0)

    // Where the path ends clean, the mean is the answer.
    guard p.sigma > 0, forward > 0 else { return prediction }
    let added =
      switch variance {
      case .fixedSmall: forward * p.sigma * p.sigma / total
      case .fixedLarge: forward
      }
    x.assign(1, x, plus: Float(added.squareRoot()), noise.draw(x.shape))
    return prediction
  }
}
