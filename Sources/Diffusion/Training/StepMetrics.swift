/// The measurements of one training step.
public struct StepMetrics: Sendable, Equatable {
  /// The number of completed steps, including this one.
  public let step: Int
  /// The mean of the samples' losses.
  public let loss: Double
  /// The norm of all gradients together, before clipping.
  public let gradientNorm: Double
  /// The learning rate of the step.
  public let learningRate: Double
  /// The decay of the moving average in this step.
  package let averageDecay: Double
  /// The timestep of each sample.
  public let timesteps: [Double]
  /// The noise level sigma/alpha of each sample.
  public let sigmas: [Double]
  /// The loss of each sample.
  public let sampleLosses: [Double]

  /// Whether the loss and all gradients are finite; if not, the weights were left unchanged.
  public var isFinite: Bool { loss.isFinite && gradientNorm.isFinite }
}
