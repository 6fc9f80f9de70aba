@testable import Diffusion

/// The exact denoiser of normally distributed data, N(mean, deviation²) in every number.
struct GaussianDenoiser: Denoiser {
  var mean = 0.1
  var deviation = 0.5

  func predict(_ query: Query) -> Prediction {
    let shape = query.x.shape
    let variance = deviation * deviation
    var x0: [Float] = []
    var epsilon: [Float] = []
    for (i, x) in query.x.values.enumerated() {
      let level = query.steps[i / shape.sampleCount].level
      let (alpha, noise) = (level.alpha, level.sigma * level.sigma)
      let estimate =
        (alpha * variance * Double(x) + noise * mean) / (alpha * alpha * variance + noise)
      x0.append(Float(estimate))
      epsilon.append(Float((Double(x) - alpha * estimate) / level.sigma))
    }
    return Prediction(x0: Tensor(shape, x0), epsilon: Tensor(shape, epsilon))
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
    var noise = noise
    var history = SamplerHistory()
    let x = x.copy()
    for number in 1..<steps.count {
      let move = Transition(
        from: steps[number - 1], to: steps[number], number: number, count: steps.count - 1)
      step(x, denoiser.predict(Query(x, at: move.from)), move, &history, noise: &noise) {
        denoiser.predict(Query($0, at: $1))
      }
    }
    return x
  }
}
