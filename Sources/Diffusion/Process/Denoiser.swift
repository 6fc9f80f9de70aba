/// Noisy samples, the level that each is at, and what they are of.
public struct Query {
  /// x = α·x_0 + σ·ε, (B, H, W, C).
  public let x: Tensor
  /// One a sample.
  public let steps: [NoiseStep]
  /// What the samples are of.
  public var condition: Condition

  /// - Precondition: there is a step for each sample of `x`.
  public init(_ x: Tensor, steps: [NoiseStep], condition: Condition = Condition()) {
    precondition(
      steps.count == x.shape.batch,
      "\(x.shape.batch) samples need as many noise levels, got \(steps.count)")
    self.x = x
    self.steps = steps
    self.condition = condition
  }

  /// Samples that are all at the same level.
  public init(_ x: Tensor, at step: NoiseStep, condition: Condition = Condition()) {
    self.init(x, steps: Array(repeating: step, count: x.shape.batch), condition: condition)
  }

  var levels: [NoiseLevel] { steps.map(\.level) }
}

/// What samples are of.
public struct Condition: Sendable, Hashable {
  /// The class of each sample, in turn where there are fewer than samples; empty for any class.
  public var labels: [Int]

  /// Samples of these classes; of any by default.
  public init(labels: [Int] = []) { self.labels = labels }
}

/// What is known about x_0 and ε at a noisy x = α·x_0 + σ·ε.
public struct Prediction {
  /// x̂_0, the estimate of the clean samples, same shape as x.
  public let x0: Tensor
  /// ε̂, the estimate of the noise in them, same shape as x.
  public let epsilon: Tensor
  /// Where between the least and the greatest the variance of a reverse step lies, −1 to 1 for each
  /// number; nil where the answer does not tell.
  public var variance: Tensor?

  /// Estimates of the same shape.
  public init(x0: Tensor, epsilon: Tensor) {
    self.x0 = x0
    self.epsilon = epsilon
  }

  /// A prediction to be written, with its own memory.
  init(like x: Tensor) {
    x0 = Tensor(uninitialized: x.shape, MemoryPool())
    epsilon = Tensor(uninitialized: x.shape, MemoryPool())
  }

  /// Sets ε̂ = (x − α·x̂_0)/σ.
  func deriveEpsilon(at query: Query) {
    epsilon.assign(
      query.x, x0, samples: query.levels.map { (1 / $0.sigma, -$0.alpha / $0.sigma) })
  }
}

/// Answers what it thinks of noisy samples: a network, or a formula.
public protocol Denoiser {
  /// The estimates at a query.
  ///
  /// The tensors belong to the caller, who may change them. The query's are not changed.
  func predict(_ query: Query) -> Prediction
}

/// A denoiser whose answer can be differentiated: likelihoods and posterior sampling need it.
public protocol DifferentiableDenoiser: Denoiser {
  /// The answer at a query, and the product of any cotangent v of x̂_0, of the same shape, with its
  /// Jacobian: ∂⟨v, x̂_0⟩/∂x.
  ///
  /// The product may be asked for once.
  func predictWithPullback(
    _ query: Query
  ) -> (prediction: Prediction, pullback: (Tensor) -> Tensor)
}
