internal import CKernels

/// What a network predicts, and how x̂_0 and ε̂ follow from it.
///
/// Every target in use is a weighted sum a·x_0 + b·ε with weights that depend on the noise level
/// alone: a further one (v, score, flow, EDM) is one line in ``weights(at:)``.
public enum Parameterization: String, Worded {
  /// The noise.
  case epsilon
  /// The clean data.
  case x0

  public var meaning: String {
    switch self {
    case .epsilon: "the noise"
    case .x0: "the clean data"
    }
  }

  /// How it is written in formulas.
  public var symbol: String {
    switch self {
    case .epsilon: "ε"
    case .x0: "x₀"
    }
  }

  /// The weights (a, b) of the target a·x_0 + b·ε.
  public func weights(at level: NoiseLevel) -> (x0: Double, epsilon: Double) {
    switch self {
    case .epsilon: (0, 1)
    case .x0: (1, 0)
    }
  }

  /// Writes what the network should answer, one noise level a sample.
  public func target(x0: Tensor, epsilon: Tensor, levels: [NoiseLevel], into target: Tensor) {
    target.assign(x0, epsilon, samples: levels.map { weights(at: $0) })
  }

  /// What the network's output says about x_0 and ε, one noise level a sample.
  ///
  /// `x` are the noisy samples that the network saw, α·x_0 + σ·ε; `output` has the same shape.
  public func prediction(_ output: Tensor, x: Tensor, levels: [NoiseLevel]) -> Prediction {
    let prediction = Prediction(like: x)
    let conversions = levels.map { conversion(at: $0) }
    prediction.x0.assign(x, output, samples: conversions.map(\.x0))
    prediction.epsilon.assign(x, output, samples: conversions.map(\.epsilon))
    return prediction
  }

  typealias Factors = (x: Double, output: Double)

  /// Solves x = α·x_0 + σ·ε and output = a·x_0 + b·ε for x_0 and ε.
  func conversion(at level: NoiseLevel) -> (x0: Factors, epsilon: Factors) {
    let (alpha, sigma) = (level.alpha, level.sigma)
    let (a, b) = weights(at: level)
    let determinant = alpha * b - sigma * a
    return ((b / determinant, -sigma / determinant), (-a / determinant, alpha / determinant))
  }
}

extension Tensor {
  /// self ← α·x0 + σ·ε, one noise level a sample.
  public func assignNoisy(x0: Tensor, epsilon: Tensor, levels: [NoiseLevel]) {
    assign(x0, epsilon, samples: levels.map { ($0.alpha, $0.sigma) })
  }

  /// self ← a·x + b·y with one pair (a, b) a sample; `self` may be `x` or `y`.
  func assign(_ x: Tensor, _ y: Tensor, samples weights: [(Double, Double)]) {
    precondition(
      shape == x.shape && shape == y.shape, "shapes differ: \(shape), \(x.shape), \(y.shape)")
    precondition(
      weights.count == shape.batch,
      "\(shape.batch) samples need as many levels, got \(weights.count)")
    let (out, x, y, size) = (pointer, x.pointer, y.pointer, shape.sampleCount)
    parallelFor(shape.batch, grain: max(1, elementwiseGrain / max(size, 1))) { range in
      for sample in range {
        let (a, b) = weights[sample]
        let i = sample * size
        ck_combine(out + i, Float(a), x + i, Float(b), y + i, size)
      }
    }
  }
}
