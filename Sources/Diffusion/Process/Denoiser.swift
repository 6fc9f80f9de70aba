/// What is known about x_0 and ε at a noisy x = α·x_0 + σ·ε.
public struct Prediction {
  /// x̂_0, the estimate of the clean samples, same shape as x.
  public let x0: Tensor
  /// ε̂, the estimate of the noise in them, same shape as x.
  public let epsilon: Tensor

  public init(x0: Tensor, epsilon: Tensor) {
    self.x0 = x0
    self.epsilon = epsilon
  }

  /// A prediction to be written, with memory of its own.
  init(like x: Tensor) {
    x0 = Tensor(uninitialized: x.shape, MemoryPool())
    epsilon = Tensor(uninitialized: x.shape, MemoryPool())
  }
}

/// Answers what it thinks of noisy samples: a network, or a formula.
public protocol Denoiser {
  /// The estimates at `x`, all of whose samples are at `step`.
  ///
  /// The tensors belong to the caller, who may change them. `x` is not changed.
  func predict(_ x: Tensor, at step: NoiseStep) -> Prediction
}
