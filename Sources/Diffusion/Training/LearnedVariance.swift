internal import Platform

/// The part of the hybrid loss that teaches a network the variance of its reverse steps: 0.001·L_vlb, in
/// bits per number, whose gradient reaches the variance alone.
///
/// Source: Nichol and Dhariwal 2021, section 3.1, <https://arxiv.org/abs/2102.09672>.
struct LearnedVariance {
  /// λ of L_simple + λ·L_vlb, L_vlb being the sum over all T steps.
  static let weight = 0.001
  /// Half the width of a bin of the data: images have 256 values in −1…1.
  static let halfBin = 1.0 / 255

  private let posterior: Posterior
  /// ln β̃, that of the next step where the level before is clean, and ln β.
  private let (low, high): (Double, Double)
  private let isLast: Bool

  /// The term at a step of a schedule.
  init(at step: NoiseStep, along schedule: Schedule) {
    isLast = step.timestep < 1
    func posterior(_ timestep: Double) -> Posterior {
      Posterior(
        from: schedule.step(timestep: timestep).level,
        to: timestep < 1 ? .clean : schedule.step(timestep: timestep - 1).level)
    }
    self.posterior = posterior(step.timestep)
    high = log(self.posterior.greatest)
    // The posterior of the last step has no variance, which has no logarithm.
    low = log((isLast ? posterior(min(1, Double(schedule.count - 1))) : self.posterior).least)
  }

  /// What one number adds to the loss.
  ///
  /// - Parameters:
  ///   - v: the network's answer, −1 for β̃ to 1 for β.
  ///   - error: x̂_0 − x_0.
  ///   - x0: the number itself.
  /// - Returns: the term in bits, and its derivative with respect to `v`.
  func term(_ v: Double, error: Double, x0: Double) -> (bits: Double, slope: Double) {
    let logVariance = low + (v + 1) / 2 * (high - low)
    let shift = posterior.x0 * error
    let (nats, slope) =
      isLast
      ? likelihood(of: x0, mean: x0 + shift, logVariance) : divergence(shift, logVariance)
    let bits = 1 / log(2.0)
    return (nats * bits, slope * bits * (high - low) / 2)
  }

  /// KL(q ‖ p) of two Gaussians whose means are `shift` apart, and its derivative by p's ln σ².
  private func divergence(_ shift: Double, _ logVariance: Double) -> (Double, Double) {
    let ratio = exp(low - logVariance)
    let distance = shift * shift * exp(-logVariance)
    return (
      (-1 + logVariance - low + ratio + distance) / 2, (1 - ratio - distance) / 2
    )
  }

  /// −ln of a Gaussian's mass in the bin of `x`, open at the ends of the range, and its derivative
  /// by ln σ²; with the approximation of the normal distribution that improved DDPM uses.
  private func likelihood(
    of x: Double, mean: Double, _ logVariance: Double
  ) -> (Double, Double) {
    let scale = exp(-logVariance / 2)
    let above = Self.normal(scale * (x - mean + Self.halfBin))
    let below = Self.normal(scale * (x - mean - Self.halfBin))
    let (mass, slope) =
      switch x {
      case ..<(-0.999): (above.mass, above.slope)
      case 0.999...: (1 - below.mass, -below.slope)
      default: (above.mass - below.mass, above.slope - below.slope)
      }
    // dz/d ln σ² = −z/2 is in the slopes; below this mass the reference's clamp lets nothing through.
    return mass > 1e-12 ? (-log(mass), -slope / mass) : (-log(1e-12), 0)
  }

  /// Φ(z) by tanh, and −z/2·Φ′(z).
  private static func normal(_ z: Double) -> (mass: Double, slope: Double) {
    let root = (2 / Double.pi).squareRoot()
    let t = tanh(root * (z + 0.044715 * z * z * z))
    let density = (1 - t * t) / 2 * root * (1 + 3 * 0.044715 * z * z)
    return ((1 + t) / 2, -z / 2 * density)
  }
}
