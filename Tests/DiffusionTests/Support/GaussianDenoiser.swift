import Diffusion

/// The exact denoiser of normally distributed data, N(mean, deviation²) in every number.
struct GaussianDenoiser: Denoiser {
  var mean = 0.1
  var deviation = 0.5

  func predict(_ x: Tensor, at step: NoiseStep) -> Prediction {
    let (alpha, sigma) = (step.level.alpha, step.level.sigma)
    let (variance, noise) = (deviation * deviation, sigma * sigma)
    let x0 = x.values.map { x in
      (alpha * variance * Double(x) + noise * mean) / (alpha * alpha * variance + noise)
    }
    let epsilon = zip(x.values, x0).map { (Double($0) - alpha * $1) / sigma }
    return Prediction(
      x0: Tensor(x.shape, x0.map { Float($0) }), epsilon: Tensor(x.shape, epsilon.map { Float($0) })
    )
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

extension Sampler {
  /// The end of the path over `steps` from `x`.
  func walk(
    _ steps: [NoiseStep], from x: Tensor, _ denoiser: any Denoiser,
    noise: NoiseSource = NoiseSource(recorded: [])
  ) -> Tensor {
    var (sampler, noise, x) = (self, noise, x.copy())
    for (from, to) in zip(steps, steps.dropFirst()) {
      sampler.step(x, from: from, to: to, denoiser: denoiser, noise: &noise)
    }
    return x
  }
}
