/// Implicit sampling: a straight step along ε̂, with as much fresh noise as η asks for.
///
/// η = 0 is deterministic, η = 1 has the variance of ``DDPM`` with ``DDPM/Variance/fixedSmall``.
///
/// Source: Song et al. 2021, equations 12 and 16, for any pair of levels (α, σ).
public struct DDIM: Sampler {
  /// The share of fresh noise, 0 to 1.
  public var eta: Double
  /// Limits x̂_0 to the data's range before it is used; ε̂ stays as it was predicted.
  public var clip: ClosedRange<Float>?

  public init(eta: Double = 0, clip: ClosedRange<Float>? = nil) {
    precondition((0...1).contains(eta), "eta lies in 0 to 1, got \(eta)")
    self.eta = eta
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

    // s² = η²·σ_p²·σ²_{t|p}/σ_t²
    let alpha = t.alpha / p.alpha
    let forward = max(t.sigma * t.sigma - alpha * alpha * p.sigma * p.sigma, 0)  // σ²_{t|p}
    let added = eta * eta * p.sigma * p.sigma * forward / (t.sigma * t.sigma)
    // x_p = α_p·x̂_0 + √(σ_p² − s²)·ε̂ + s·z
    let kept = max(p.sigma * p.sigma - added, 0).squareRoot()
    x.assign(Float(p.alpha), prediction.x0, plus: Float(kept), prediction.epsilon)
    if added > 0 { x.assign(1, x, plus: Float(added.squareRoot()), noise.draw(x.shape)) }
    return prediction
  }
}
