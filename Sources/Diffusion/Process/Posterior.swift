/// The Gaussian q(x_p | x_t, x_0) between two noise levels, p below t, and the range of variances in
/// which a reverse step's lies.
///
/// Source: Ho et al. 2020, equations 6 and 7, for any pair of levels (α, σ).
struct Posterior: Sendable {
  /// What x_t counts in the mean: α_{t|p}·σ_p²/σ_t².
  let x: Double
  /// What x_0 counts in the mean: α_p·σ²_{t|p}/σ_t².
  let x0: Double
  /// σ²_{t|p}, the variance of the forward step: the greatest of a reverse step, β in DDPM.
  let greatest: Double
  /// The posterior's variance: the least of a reverse step, β̃ in DDPM; 0 where p is clean.
  let least: Double

  init(from t: NoiseLevel, to p: NoiseLevel) {
    // The forward step from p to t: x_t = α_{t|p}·x_p + σ_{t|p}·ε.
    let alpha = t.alpha / p.alpha
    let total = t.sigma * t.sigma
    greatest = total - alpha * alpha * p.sigma * p.sigma
    least = greatest * p.sigma * p.sigma / total
    x = alpha * p.sigma * p.sigma / total
    x0 = p.alpha * greatest / total
  }
}
