/// Diffusion posterior sampling: after each step of a sampler, samples move so that what is measured of x̂_0 comes
/// closer to what is known.
///
/// It is a denoiser and a constraint at once; a trajectory gets it as both. The gradient is that of the first answer
/// of a step, by a vector–Jacobian product. It is biased: see docs/editing.md.
///
/// Source: Chung et al. 2023, algorithm 1, <https://arxiv.org/abs/2209.14687>. Steps are taken in the coordinates of a
/// variance-preserving process, x/√(α² + σ²), so that a strength means the same along every schedule.
public final class PosteriorSampling: Denoiser, TrajectoryConstraint {
  /// How far samples move, r = y − A·x̂_0 being what is missing.
  public enum Strength: Sendable, Hashable {
    /// By ζ·∇‖r‖, as in the code published with the paper; algorithm 1 has twice that.
    case ofNorm(Double)
    /// By ζ·∇‖r‖², with which every step is linear where the denoiser is.
    case ofSquare(Double)
  }

  private let base: any DifferentiableDenoiser
  private let measured: Tensor
  private let measurement: any LinearMeasurement
  private let strength: Strength
  /// Where the next step leads, from the first answer of that step.
  private var move: (direction: Tensor, sizes: [Double])?

  /// Ties the samples of `base` to `measured`, a measurement for each of them.
  public init(
    _ base: any DifferentiableDenoiser, measured: Tensor, by measurement: any LinearMeasurement,
    strength: Strength = .ofNorm(1)
  ) {
    self.base = base
    self.measured = measured
    self.measurement = measurement
    self.strength = strength
  }

  public var takesEstimate: Bool { base.takesEstimate }

  public func predict(_ query: Query) -> Prediction {
    guard move == nil else { return base.predict(query) }
    let (prediction, pullback) = base.predictWithPullback(query)
    let missing = measurement.apply(prediction.x0)
    missing.assign(1, measured, plus: -1, missing)
    // −∇‖r‖² = 2·(∂x̂_0/∂x)ᵀ·Aᵀ·r, and −∇‖r‖ is that over 2·‖r‖.
    let direction = pullback(measurement.adjoint(missing))
    let factors: [Double]
    switch strength {
    case .ofSquare(let zeta): factors = query.levels.map { _ in 2 * zeta }
    case .ofNorm(let zeta):
      // Where nothing is missing, there is nowhere to go.
      let least = Double(Float.leastNormalMagnitude)
      factors = missing.sampleNorms.map { $0 > least ? zeta / $0 : 0 }
    }
    move = (direction, zip(factors, query.levels).map { $0 * $1.size })
    return prediction
  }

  public func apply(_ x: Tensor, at step: NoiseStep, noise: inout NoiseSource) {
    guard let (direction, sizes) = move else { return }
    direction.assign(direction, direction, samples: sizes.map { ($0 * step.level.size, 0) })
    x.assign(x, plus: direction)
    move = nil
  }
}

extension Tensor {
  /// The norm of each sample.
  fileprivate var sampleNorms: [Double] {
    withExtendedLifetime(self) {
      (0..<shape.batch).map {
        sumOfSquares(pointer + $0 * shape.sampleCount, shape.sampleCount).squareRoot()
      }
    }
  }
}
