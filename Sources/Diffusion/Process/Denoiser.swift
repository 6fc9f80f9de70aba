/// The input of a denoiser: noisy samples, the noise level of each, their condition, and what was estimated
/// before.
public struct Query {
  /// x = α·x_0 + σ·ε, (B, H, W, C).
  public let x: Tensor
  /// The noise level of each sample.
  public let steps: [NoiseStep]
  /// What the samples are conditioned on.
  public var condition: Condition
  /// An earlier estimate x̂_0, with the shape of x, for denoisers that take it (``Denoiser/takesEstimate``);
  /// nil for none.
  public var estimate: Tensor?

  /// - Precondition: there is one step per sample of `x`.
  public init(
    _ x: Tensor, steps: [NoiseStep], condition: Condition = Condition(), estimate: Tensor? = nil
  ) {
    precondition(
      steps.count == x.shape.batch,
      "\(x.shape.batch) samples need as many noise levels, got \(steps.count)")
    self.x = x
    self.steps = steps
    self.condition = condition
    self.estimate = estimate
  }

  /// Samples that are all at the same level.
  public init(
    _ x: Tensor, at step: NoiseStep, condition: Condition = Condition(), estimate: Tensor? = nil
  ) {
    self.init(
      x, steps: Array(repeating: step, count: x.shape.batch), condition: condition,
      estimate: estimate)
  }

  var levels: [NoiseLevel] { steps.map(\.level) }
}

/// The estimates of x_0 and ε for a noisy x = α·x_0 + σ·ε, or of x_0 for masked tokens x.
public struct Prediction {
  /// x̂_0, the estimate of the clean samples, with the shape of x.
  public let x0: Tensor
  /// ε̂, the estimate of the noise, with the shape of x; zeros where samples are tokens.
  public let epsilon: Tensor
  /// The predicted variance of a reverse step, from −1 (the smallest) to 1 (the largest) for each value; nil
  /// where it is not predicted.
  public var variance: Tensor?
  /// The unnormalised log-probability of each token at each position, (B, H, W, V), where samples are tokens; nil
  /// for all others.
  public internal(set) var logits: Tensor?
  /// The probability of each token of x̂_0, 1 where it is visible, with the shape of x; nil where samples are no
  /// tokens.
  public internal(set) var confidence: Tensor?

  /// Estimates of the same shape.
  public init(x0: Tensor, epsilon: Tensor) {
    self.x0 = x0
    self.epsilon = epsilon
  }

  /// An uninitialised prediction with its own memory, to be written.
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

/// Estimates clean samples from noisy ones: a network, or a formula.
public protocol Denoiser {
  /// Whether it takes the estimate of the evaluation before (``Query/estimate``), as networks with
  /// self-conditioning do.
  var takesEstimate: Bool { get }

  /// The estimates for a query.
  ///
  /// The returned tensors belong to the caller, who may change them. Those of the query are not changed.
  func predict(_ query: Query) -> Prediction
}

extension Denoiser {
  public var takesEstimate: Bool { false }
}

/// A denoiser that can be differentiated, as likelihoods and posterior sampling need.
public protocol DifferentiableDenoiser: Denoiser {
  /// The estimates for a query, and a function that maps a cotangent v of x̂_0, of the same shape, to the
  /// vector–Jacobian product ∂⟨v, x̂_0⟩/∂x.
  ///
  /// The function may be called once.
  func predictWithPullback(
    _ query: Query
  ) -> (prediction: Prediction, pullback: (Tensor) -> Tensor)
}
