internal import Platform

/// The ideal denoiser of a mixture of round normal distributions.
///
/// Component k of weight w, mean μ and deviation c is N(α·μ, v), v = α²·c² + σ², in noise; by it alone
/// x̂_0 = μ + α·c²/v·(x − α·μ). x̂_0 is the mean of these by the components' probabilities at x.
package struct MixtureDenoiser: Denoiser, Sendable {
  /// A part of the data.
  package struct Component: Sendable, Hashable {
    /// Its share, above 0; shares need not add up to 1.
    package var weight: Double
    /// As many numbers as a sample has, in (height, width, channels) order.
    package var mean: [Float]
    /// The deviation of every number, at least 0.
    package var standardDeviation: Double

    /// A part with this share, mean and deviation.
    package init(weight: Double = 1, mean: [Float], deviation: Double) {
      precondition(
        weight > 0 && deviation >= 0, "a component has a weight and no negative deviation")
      self.weight = weight
      self.mean = mean
      self.standardDeviation = deviation
    }
  }

  /// The parts, at least one.
  package let components: [Component]

  /// - Precondition: there is a component, and all means have as many numbers.
  package init(_ components: [Component]) {
    precondition(!components.isEmpty, "a mixture has a component or more")
    precondition(Set(components.map(\.mean.count)).count == 1, "means differ in length")
    self.components = components
  }

  package func predict(_ query: Query) -> Prediction {
    let prediction = Prediction(like: query.x)
    let size = query.x.shape.sampleCount
    precondition(size == components[0].mean.count, "means have another length than samples")
    query.x.withValues { x in
      prediction.x0.withMutableValues { x0 in
        for (sample, level) in query.levels.enumerated() {
          let noisy = (0..<size).map { x[sample * size + $0] }
          for (i, value) in estimate(noisy, level).enumerated() { x0[sample * size + i] = value }
        }
      }
    }
    // ε̂ = (x − α·x̂_0)/σ
    prediction.deriveEpsilon(at: query)
    return prediction
  }

  private func estimate(_ x: [Float], _ level: NoiseLevel) -> [Float] {
    let variances = components.map {
      level.alpha * level.alpha * $0.standardDeviation * $0.standardDeviation + level.sigma
        * level.sigma
    }
    let logits = zip(components, variances).map { component, variance -> Double in
      let distance = zip(x, component.mean).reduce(0.0) {
        let difference = Double($1.0) - level.alpha * Double($1.1)
        return $0 + difference * difference
      }
      return log(component.weight) - Double(x.count) / 2 * log(variance) - distance / (2 * variance)
    }
    let top = logits.max() ?? 0
    let shares = logits.map { exp($0 - top) }
    let sum = shares.reduce(0, +)
    return x.indices.map { i in
      var clean = 0.0
      for (k, component) in components.enumerated() {
        let gain =
          level.alpha * component.standardDeviation * component.standardDeviation / variances[k]
        let mean = Double(component.mean[i])
        clean += shares[k] / sum * (mean + gain * (Double(x[i]) - level.alpha * mean))
      }
      return Float(clean)
    }
  }

  /// So many samples of the data itself, one after the other.
  package func draw(_ count: Int, using random: inout Random) -> [Float] {
    let total = components.reduce(0) { $0 + $1.weight }
    return random.uniforms(count).flatMap { u -> [Float] in
      var left = Double(u) * total
      let chosen = components.first { component in
        left -= component.weight
        return left < 0
      }
      let component = chosen ?? components[components.count - 1]
      return zip(component.mean, random.normals(component.mean.count)).map {
        $0 + Float(component.standardDeviation) * $1
      }
    }
  }
}
