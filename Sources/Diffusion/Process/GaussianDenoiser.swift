/// The ideal denoiser of normally distributed data, where every value is independently N(mean, deviation²).
///
/// x̂_0 = (α·c²·x + σ²·m)/(α²·c² + σ²). The end of a noise-free trajectory is known exactly, so solvers can
/// be measured with it.
public struct GaussianDenoiser: Denoiser, Sendable {
  /// The mean of every value.
  public var mean: Double
  /// The standard deviation of every value, above 0.
  public var standardDeviation: Double

  /// - Precondition: `deviation` is above 0.
  public init(mean: Double = 0.1, deviation: Double = 0.5) {
    precondition(deviation > 0, "normal data has a deviation above 0, got \(deviation)")
    self.mean = mean
    self.standardDeviation = deviation
  }

  public func predict(_ query: Query) -> Prediction {
    let prediction = Prediction(like: query.x)
    let size = query.x.shape.sampleCount
    let variance = standardDeviation * standardDeviation
    query.x.withValues { x in
      func clean(_ i: Int) -> (x0: Double, epsilon: Double) {
        let level = query.steps[i / size].level
        let (alpha, sigma) = (level.alpha, level.sigma)
        let value = Double(x[i])
        let x0 =
          (alpha * variance * value + sigma * sigma * mean)
          / (alpha * alpha * variance + sigma * sigma)
        return (x0, (value - alpha * x0) / sigma)
      }
      prediction.x0.withMutableValues { x0 in
        for i in x0.indices { x0[i] = Float(clean(i).x0) }
      }
      prediction.epsilon.withMutableValues { epsilon in
        for i in epsilon.indices { epsilon[i] = Float(clean(i).epsilon) }
      }
    }
    return prediction
  }
}
