/// What one training step measured.
public struct StepMetrics: Sendable, Equatable {
  /// How many steps are done, this one included.
  public let step: Int
  /// The mean of the samples' losses.
  public let loss: Double
  /// The norm of all gradients together, before clipping.
  public let gradientNorm: Double
  /// The learning rate of the step.
  public let learningRate: Double
  /// The decay of the moving average in this step.
  package let averageDecay: Double
  /// Where in the schedule each sample was noised.
  public let timesteps: [Double]
  /// The noise of each sample in units of the data, sigma/alpha.
  public let sigmas: [Double]
  /// Each sample's own loss.
  public let sampleLosses: [Double]

  /// False where the loss or a gradient is NaN or infinite; the weights were then left alone.
  public var isFinite: Bool { loss.isFinite && gradientNorm.isFinite }
}
