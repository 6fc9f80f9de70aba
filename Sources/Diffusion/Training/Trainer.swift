internal import CKernels

/// Trains a network: one optimiser step per `next()`.
///
/// A trainer belongs to the queue it was made on. It prints nothing and knows no clock; whoever
/// drives it decides when to stop, show or save.
///
/// Source: Ho et al. 2020, Algorithm 1, <https://arxiv.org/abs/2006.11239>.
public final class Trainer: Sequence, IteratorProtocol {
  public let network: Network
  public let dataset: Dataset
  public let configuration: TrainingConfiguration
  /// The noise levels; may change between steps.
  public var schedule: Schedule
  /// The learning rate; may change between steps.
  public var learningRate: LearningRate
  /// How many steps are done.
  public private(set) var step = 0

  let parameters: ParameterBlock
  private var random: Random
  private var batches: Batches
  private let pass: Pass
  private let x0: Tensor  // (B, H, W, C)
  private let epsilon: Tensor  // (B, H, W, C)
  private let x: Tensor  // (B, H, W, C)
  private let target: Tensor  // (B, H, W, C)
  private let noise: Tensor  // (B, 1, 1, 1)
  private var labels: [Int] = []  // (B), empty where the network takes none

  /// A trainer at step 0, its weights drawn from the configuration's seed.
  ///
  /// - Precondition: the samples of `dataset` have the network's shape, and labels below its
  ///   number of classes where it takes labels.
  public init(
    _ network: Network, on dataset: Dataset, schedule: Schedule,
    _ configuration: TrainingConfiguration
  ) {
    precondition(
      dataset.shape == network.sampleShape,
      "the network takes \(network.sampleShape), the data set has \(dataset.shape)")
    precondition(
      network.classes == 0 || dataset.labels?.allSatisfy { $0 < network.classes } == true,
      "the network takes labels of \(network.classes) classes, the data set has others or none")
    self.network = network
    self.dataset = dataset
    self.schedule = schedule
    self.configuration = configuration
    learningRate = configuration.learningRate
    random = Random(seed: configuration.seed)
    parameters = ParameterBlock(network.table)
    parameters.initialize(network.table, using: &random)
    batches = Batches(count: dataset.count)
    pass = Pass(
      .train, network.table, weights: parameters.weights, gradients: parameters.gradients)
    let shape = network.sampleShape.with(batch: configuration.batchSize)
    x0 = Tensor(shape)
    epsilon = Tensor(shape)
    x = Tensor(shape)
    target = Tensor(shape)
    noise = Tensor(Shape(shape.batch, 1, 1, 1))
  }

  /// Takes one step, unless all are done.
  ///
  /// - Returns: what was measured. Where that is not finite, the weights and ``step`` are as they
  ///   were.
  public func next() -> StepMetrics? {
    guard step < configuration.steps else { return nil }
    let timesteps = drawBatch()
    let levels = timesteps.map { schedule[$0] }

    // x_t = α·x_0 + σ·ε
    x.assignNoisy(x0: x0, epsilon: epsilon, levels: levels)
    configuration.parameterization.target(x0: x0, epsilon: epsilon, levels: levels, into: target)
    network.prepare(x, noise: noise, levels: levels, timesteps: timesteps)

    // Another number a step, the same when a run goes on from a checkpoint.
    pass.dropoutSeed = (configuration.seed &+ UInt64(step)) &* 0xD6E8_FEB8_6659_FD93
    let output = network.forward(x, noise: noise, labels: labels, pass)
    let (sampleLosses, gradient) = squaredError(output)
    parameters.gradients.fill(0)
    network.backward(gradient, pass)

    let loss = sampleLosses.reduce(0, +) / Double(sampleLosses.count)
    let norm = parameters.gradients.norm
    let rate = learningRate.rate(at: step, of: configuration.steps)
    let decay = configuration.average.decay(atUpdate: step + 1)
    let metrics = StepMetrics(
      step: step + 1, loss: loss, gradientNorm: norm, learningRate: rate, averageDecay: decay,
      timesteps: timesteps, sigmas: levels.map(\.ratio), sampleLosses: sampleLosses)
    pass.commitLearned(keeping: metrics.isFinite)
    guard metrics.isFinite else { return metrics }

    step += 1
    configuration.optimizer.step(
      parameters, step: step, learningRate: rate, gradientScale: clipping(norm),
      averageDecay: decay)
    parameters.copyKeptToAverage()
    return metrics
  }

  /// Fills x_0 and ε, and the labels where the network takes them.
  ///
  /// - Returns: the timestep of each sample.
  private func drawBatch() -> [Int] {
    let indices = batches.next(configuration.batchSize, using: &random)
    dataset.fill(x0, indices: indices)
    let timesteps = random.integers(below: schedule.count, count: configuration.batchSize)
    random.fillNormal(epsilon)
    if network.classes > 0, let all = dataset.labels {
      labels = indices.map { all[$0] }
      if let null = network.nullLabel, configuration.labelDropout > 0 {
        let drawn = random.uniforms(labels.count)
        for (i, u) in drawn.enumerated() where u < Float(configuration.labelDropout) {
          labels[i] = null
        }
      }
    }
    return timesteps
  }

  /// Each sample's mean squared error, and the gradient of their mean.
  private func squaredError(_ output: Tensor) -> ([Double], Tensor) {
    let gradient = pass.make(output.shape)
    let size = output.shape.sampleCount
    let losses = (0..<output.shape.batch).map { sample in
      let start = sample * size
      return ck_mse(
        gradient.pointer + start, output.pointer + start, target.pointer + start,
        2 / Float(output.count), size) / Double(size)
    }
    return (losses, gradient)
  }

  /// The factor that brings the gradients' norm down to the limit.
  private func clipping(_ norm: Double) -> Double {
    guard let limit = configuration.gradientClip else { return 1 }
    return Swift.min(1, limit / (norm + 1e-6))
  }

  /// How many blocks of memory the trainer has taken from the system; constant in a steady step.
  var allocations: Int { pass.allocations }
}

// MARK: - State

extension Trainer {
  /// What a later process needs to go on with the same numbers.
  public struct State: Sendable {
    public var step: Int
    public var weights: [NamedTensor]
    public var average: [NamedTensor]
    public var m: [NamedTensor]
    public var v: [NamedTensor]
    /// ``Random/state`` of the stream.
    public var random: [UInt8]
    /// ``Random/state`` before the present permutation of the data was drawn; empty before the
    /// first.
    public var batchOrigin: [UInt8]
    /// How many samples of that permutation are used up.
    public var batchPosition: Int

    public init(
      step: Int, weights: [NamedTensor], average: [NamedTensor], m: [NamedTensor],
      v: [NamedTensor], random: [UInt8], batchOrigin: [UInt8], batchPosition: Int
    ) {
      self.step = step
      self.weights = weights
      self.average = average
      self.m = m
      self.v = v
      self.random = random
      self.batchOrigin = batchOrigin
      self.batchPosition = batchPosition
    }
  }

  /// The trainer's state between two steps.
  public var state: State {
    let table = network.table
    return State(
      step: step, weights: table.export(parameters.weights),
      average: table.export(parameters.average), m: table.export(parameters.m),
      v: table.export(parameters.v), random: random.state,
      batchOrigin: batches.origin?.state ?? [], batchPosition: batches.position)
  }

  /// Goes on from `state` as if training had never stopped.
  ///
  /// - Throws: ``ParameterMismatch`` if the state is of another network, or
  ///   ``TrainerStateError`` if its random numbers are damaged.
  public func restore(_ state: State) throws {
    guard let stream = Random(state: state.random) else { throw TrainerStateError.random }
    var restored = Batches(count: dataset.count)
    if !state.batchOrigin.isEmpty {
      guard let origin = Random(state: state.batchOrigin),
        let inside = Batches(
          count: dataset.count, origin: origin, position: state.batchPosition)
      else { throw TrainerStateError.batches }
      restored = inside
    }
    let table = network.table
    try table.load(state.weights, into: parameters.weights)
    try table.load(state.average, into: parameters.average)
    try table.load(state.m, into: parameters.m)
    try table.load(state.v, into: parameters.v)
    random = stream
    batches = restored
    step = state.step
  }

  /// Starts from the weights of another run or program, with new moments and a new average.
  ///
  /// - Precondition: no step was done.
  /// - Throws: ``ParameterMismatch`` naming every tensor that does not fit.
  public func start(from tensors: [NamedTensor]) throws(ParameterMismatch) {
    precondition(step == 0, "a trainer starts from other weights before its first step")
    try network.table.load(tensors, into: parameters.weights)
    parameters.average.assign(parameters.weights)
  }

  /// The weights as they are now, in the table's order, to be handed to another queue.
  public var weightsSnapshot: [Float] { parameters.weights.values }

  /// The moving average of the weights, in the table's order, to be handed to another queue.
  public var averageSnapshot: [Float] { parameters.average.values }
}

/// A saved state that a trainer cannot go on from.
public enum TrainerStateError: Error, CustomStringConvertible {
  case random
  case batches

  public var description: String {
    switch self {
    case .random: "the saved state of the random numbers is damaged"
    case .batches: "the saved place in the data does not fit the data set"
    }
  }
}
