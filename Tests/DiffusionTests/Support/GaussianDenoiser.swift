@testable import Diffusion

/// The exact denoiser of normally distributed data, N(mean, deviation²) in every number.
struct GaussianDenoiser: Denoiser {
  var mean = 0.1
  var deviation = 0.5

  func predict(_ query: Query) -> Prediction {
    let x = query.x
    let size = x.shape.sampleCount
    var (x0, epsilon): ([Float], [Float]) = ([], [])
    for (index, value) in x.values.enumerated() {
      let level = query.steps[index / size].level
      let (alpha, sigma) = (level.alpha, level.sigma)
      let (variance, noise) = (deviation * deviation, sigma * sigma)
      let clean =
        (alpha * variance * Double(value) + noise * mean) / (alpha * alpha * variance + noise)
      x0.append(Float(clean))
      epsilon.append(Float((Double(value) - alpha * clean) / sigma))
    }
    return Prediction(x0: Tensor(x.shape, x0), epsilon: Tensor(x.shape, epsilon))
  }

  /// Where the exact path without noise takes `x` from σ to no noise, for α = 1.
  func exactEnd(_ x: Double, from sigma: Double) -> Double {
    let variance = deviation * deviation
    return mean + (x - mean) * (variance / (variance + sigma * sigma)).squareRoot()
  }
}

/// A path over the given σ, highest first, and then to no noise.
func variancePath(_ sigmas: [Double]) -> [NoiseStep] {
  sigmas.enumerated().map {
    NoiseStep(index: nil, timestep: Double($0), level: NoiseLevel(sigma: $1))
  } + [.clean]
}
