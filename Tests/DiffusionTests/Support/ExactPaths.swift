@testable import Diffusion

extension GaussianDenoiser {
  /// Where the exact trajectory without noise takes `x` from σ to no noise, for α = 1.
  ///
  /// (x − m)/√(c² + σ²) stays along it.
  func exactEnd(_ x: Double, from sigma: Double) -> Double {
    let variance = standardDeviation * standardDeviation
    return mean + (x - mean) * standardDeviation / (variance + sigma * sigma).squareRoot()
  }
}

/// A path over the given σ, highest first, and then to no noise.
func variancePath(_ sigmas: [Double]) -> [NoiseStep] {
  sigmas.enumerated().map {
    NoiseStep(index: nil, timestep: Double($0), level: NoiseLevel(sigma: $1))
  } + [.clean]
}
