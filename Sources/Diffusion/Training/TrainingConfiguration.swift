/// How a network is trained.
public struct TrainingConfiguration: Sendable, Hashable {
  /// Samples a step.
  public var batchSize: Int
  /// Steps after which training is complete.
  public var steps: Int
  public var optimizer: Adam
  public var learningRate: LearningRate
  /// The largest gradient norm that is not scaled down, or nil.
  public var gradientClip: Double?
  public var average: EMA
  public var parameterization: Parameterization
  /// The part of the labels that becomes the null label, for networks that have one.
  public var labelDropout: Double
  /// Where the weights, the batches and the noise start.
  public var seed: UInt64

  public init(
    batchSize: Int, steps: Int, optimizer: Adam = Adam(), learningRate: LearningRate,
    gradientClip: Double? = nil, average: EMA = EMA(decay: 0.999),
    parameterization: Parameterization = .epsilon, labelDropout: Double = 0.1, seed: UInt64 = 0
  ) {
    precondition(batchSize > 0, "a batch needs at least one sample, got \(batchSize)")
    self.batchSize = batchSize
    self.steps = steps
    self.optimizer = optimizer
    self.learningRate = learningRate
    self.gradientClip = gradientClip
    self.average = average
    self.parameterization = parameterization
    self.labelDropout = labelDropout
    self.seed = seed
  }
}
