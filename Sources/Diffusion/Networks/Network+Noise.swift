internal import Platform

extension Network {
  /// Makes noisy samples what the network takes: scales `x` where it wants that, and writes what it
  /// is told of the noise.
  ///
  /// - Parameters:
  ///   - x: noisy samples, changed in place.
  ///   - noise: (B, 1, 1, 1), written.
  ///   - levels: one a sample.
  ///   - timesteps: one a sample.
  func prepare(_ x: Tensor, noise: Tensor, levels: [NoiseLevel], timesteps: [Int]) {
    if scalesInput {
      // c_in = 1/√(α² + σ²)
      x.assign(x, x, samples: levels.map { (inputScale($0), 0) })
    }
    for (sample, level) in levels.enumerated() {
      noise.pointer[sample] = noiseValue(level, timestep: Double(timesteps[sample]))
    }
  }

  func inputScale(_ level: NoiseLevel) -> Double {
    1 / (level.alpha * level.alpha + level.sigma * level.sigma).squareRoot()
  }

  func noiseValue(_ level: NoiseLevel, timestep: Double) -> Float {
    switch noiseInput {
    case .none: 0
    case .timestep: Float(timestep)
    case .sigma: Float(log(level.ratio) / 2)
    }
  }
}
