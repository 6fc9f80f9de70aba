@testable import Diffusion

extension GaussianDenoiser {
  /// Where the exact path without noise takes `x` from σ to no noise, for α = 1.
  func exactEnd(_ x: Double, from sigma: Double) -> Double {
    exactEnd(x, from: NoiseLevel(sigma: sigma))
  }
}

/// A path over the given σ, highest first, and then to no noise.
func variancePath(_ sigmas: [Double]) -> [NoiseStep] {
  sigmas.enumerated().map {
    NoiseStep(index: nil, timestep: Double($0), level: NoiseLevel(sigma: $1))
  } + [.clean]
}
