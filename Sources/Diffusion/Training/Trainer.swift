/// Trains a network, one optimiser step per `next()`.
///
/// A step has three parts: it accumulates gradients over one or more batches, averages them over all
/// training processes, and applies them.
///
/// A trainer belongs to the queue it was made on. It prints nothing and has no clock; the caller decides
/// when to stop, show or save.
///
/// Source: Ho et al. 2020, Algorithm 1, <https://arxiv.org/abs/2006.11239>.
public final class Trainer: Sequence, IteratorProtocol {
  /// The network, without weights.
  public let network: Network
  /// The training data.
  public let dataset: Dataset
  /// The training settings; live ones may change between steps.
  public var configuration: TrainingConfiguration
  /// The number of steps of the whole training.
  public var totalSteps: Int { configuration.steps(sampleCount: dataset.count) }
  /// The noise levels; may change between steps.
  public var schedule: Schedule
  /// The number of completed steps.
  public private(set) var step = 0
  /// Whether the last step was not finite; if so, the iteration has ended until ``retry()``.
  public private(set) var hasDiverged = false
  /// Whether the next step measures its layers; it takes a little longer.
  public var measuresLayers = false
  /// What the last step that did so measured, layer by layer.
  public private(set) var layers: [LayerHealth] = []
  /// Tells the time in seconds; where it is set, steps are timed, unless they measure their layers.
  package var stepClock: (() -> Double)?
  /// Where the time of the last step went, if it was timed.
  package private(set) var profile: StepProfile?
  /// Why the gradients could not be averaged; if so, the iteration has ended.
  public private(set) var failure: (any Error)?

  let parameters: ParameterBlock
  private let judge: any Judge
  /// The same for samples that are not trained on: it learns nothing.
  private let validator: any Judge
  private let preconditioning: Preconditioning
  private let exchange: any GradientExchange
  private var random: Random
  private var batches: Batches
  private let pass: Pass
  private let evaluationPass: Pass
  private let x0: Tensor  // (B, H, W, C)
  private var gradientsAreClear = false

  /// A trainer at step 0, with weights drawn from the configuration's seed.
  ///
  /// - Precondition: the samples of `dataset` have the network's shape, and where it takes labels,
  ///   labels below its number of classes.
  public init(
    _ network: Network, on dataset: Dataset, schedule: Schedule,
    objective: any Objective = DenoisingObjective(), _ configuration: TrainingConfiguration,
    exchange: (any GradientExchange)? = nil
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
    let exchange = exchange ?? SingleProcess()
    self.exchange = exchange
    judge = makeJudge(objective)
    let stratified: any Objective = objective.stratified
    validator = makeJudge(stratified)
    preconditioning = Preconditioning(network, predicting: objective.parameterization)
    random = Random(seed: configuration.seed)
    parameters = ParameterBlock(network.table)
    parameters.initialize(network.table, using: &random)
    if exchange.rank > 0 {
      // The same first weights in every process, but its own batches and noise.
      random = Random(
        seed: configuration.seed &+ UInt64(exchange.rank) &* 0x9E37_79B9_7F4A_7C15)
    }
    batches = Batches(count: dataset.count)
    pass = Pass(
      .train, network.table, weights: parameters.weights, gradients: parameters.gradients)
    evaluationPass = Pass(.evaluate, network.table, weights: parameters.weights)
    x0 = Tensor(network.sampleShape.with(batch: configuration.batchSize))
  }

  /// Takes one step; nil when all are done or the last one was not finite.
  ///
  /// - Returns: the measurements. Where they are not finite, the weights and ``step`` are unchanged, and the
  ///   iteration ends.
  public func next() -> StepMetrics? {
    guard step < totalSteps, !hasDiverged, failure == nil else { return nil }
    profile = nil
    let measurement = measuresLayers ? LayerMeasurement(parameters) : nil
    let clock = measurement == nil ? stepClock : nil
    let start = clock?() ?? 0
    // The last step has cleared them, unless it failed or their layers were measured.
    if !gradientsAreClear { parameters.gradients.fill(0) }
    gradientsAreClear = false
    pass.recomputes = configuration.recomputes
    let trace = measurement?.trace ?? clock.map { NetworkTrace(clock: $0) }
    pass.trace = trace
    defer { pass.trace = nil }
    let measured = (0..<configuration.accumulationSteps).map { accumulate(number: $0) }
    do {
      try exchange.average(parameters.gradients)
    } catch {
      failure = error
      return nil
    }
    let updateStart = clock?() ?? 0
    let metrics = apply(measured)
    if let clock, let trace {
      let end = clock()
      profile = StepProfile(
        trace, network.table, total: end - start, update: end - updateStart,
        samples: measured.reduce(0) { $0 + $1.losses.count })
    }
    if let measurement {
      layers = measurement.finish(network.table, parameters, share: 1 / Double(measured.count))
      measuresLayers = false
    }
    return metrics
  }

  /// Lets the iteration continue after a step that was not finite, with other batches and noise.
  public func retry() { hasDiverged = false }

  /// Adds the gradients of one of the step's batches to those that are there.
  private func accumulate(number: Int) -> Judged {
    // Another number a batch, the same when a run goes on from a checkpoint.
    pass.dropoutSeed =
      (configuration.seed &+ UInt64(step)) &* 0xD6E8_FEB8_6659_FD93
      &+ UInt64(number) &* 0x9E37_79B9_7F4A_7C15
    let indices = batches.next(x0.shape.batch, using: &random)
    let batch = makeBatch(of: dataset, indices, into: x0, pass.pool)
    let (judged, gradient) = judge.judge(
      batch, along: schedule, using: &random, completing: { complete(&$0, using: &$1) },
      evaluate: { network.answer($0, by: preconditioning, evaluationPass) },
      answer: { network.answer($0, by: preconditioning, pass) })
    network.backward(gradient, pass)
    return judged
  }

  /// Drops labels, and adds an estimate of x_0 to half of the batches where the network takes one; what it
  /// was made from has no gradient.
  ///
  /// Source: Chen, Zhang and Hinton 2022, algorithm 1, <https://arxiv.org/abs/2208.04202>.
  private func complete(_ query: inout Query, using random: inout Random) {
    dropLabels(&query.condition, using: &random)
    guard network.isSelfConditioned, random.uniform() < 0.5 else { return }
    let answer = network.answer(query, by: preconditioning, evaluationPass)
    query.estimate = network.prediction(answer, to: query, by: preconditioning).x0
  }

  /// Replaces a part of the labels by the null label, for networks that have one.
  private func dropLabels(_ condition: inout Condition, using random: inout Random) {
    guard network.classes > 0, let null = network.nullLabel, configuration.labelDropout > 0 else {
      return
    }
    let drawn = random.uniforms(condition.labels.count)
    for (i, u) in drawn.enumerated() where u < Float(configuration.labelDropout) {
      condition.labels[i] = null
    }
  }

  /// Moves the weights by the gradients, and their average, unless something is not finite.
  private func apply(_ measured: [Judged]) -> StepMetrics {
    let losses = measured.flatMap(\.losses)
    let share = 1 / Double(measured.count)
    let norm = parameters.gradients.norm * share
    let decay = configuration.ema.decay(
      atUpdate: step + 1, batch: losses.count * exchange.size)
    let steps = measured.flatMap(\.steps)
    let metrics = StepMetrics(
      step: step + 1, loss: measured.flatMap(\.counted).reduce(0, +) / Double(losses.count),
      gradientNorm: norm,
      learningRate: configuration.optimizer.learningRate.rate(at: step, of: totalSteps),
      averageDecay: decay,
      timesteps: steps.map(\.timestep), sigmas: steps.map(\.level.sigmaOverAlpha),
      sampleLosses: losses)
    pass.commitLearned(keeping: metrics.isFinite)
    guard metrics.isFinite else {
      hasDiverged = true
      return metrics
    }
    step += 1
    configuration.optimizer.adam.step(
      parameters, step: step, learningRate: metrics.learningRate,
      gradientScale: clipping(norm) * share, averageDecay: decay, clears: !measuresLayers)
    gradientsAreClear = !measuresLayers
    parameters.copyKeptToAverage()
    for judged in measured { judge.observe(judged, along: schedule) }
    return metrics
  }

  /// The factor that brings the gradients' norm down to the limit.
  private func clipping(_ norm: Double) -> Double {
    let limit = configuration.maximumGradientNorm
    return limit > 0 ? Swift.min(1, limit / (norm + 1e-6)) : 1
  }

  /// How many blocks of memory the trainer has taken from the system; constant in a steady step.
  var allocations: Int { pass.allocations }
}

// MARK: - Validation

extension Trainer {
  /// The loss of the raw weights on samples that are not trained on, computed as in training.
  ///
  /// Each call draws the same `draws` samples, levels and noise from a random stream of its own, so that the
  /// losses of a run differ only by the weights, and training is not affected.
  public func validationLoss(on dataset: Dataset, draws: Int = 512) -> Double {
    var random = Random(seed: 0)
    let order = random.permutation(dataset.count)
    let answer = { [self] in network.answer($0, by: preconditioning, evaluationPass) }
    var sum = 0.0
    for start in stride(from: 0, to: draws, by: 64) {
      let indices = (start..<Swift.min(start + 64, draws)).map { order[$0 % order.count] }
      let x0 = Tensor(uninitialized: dataset.shape.with(batch: indices.count), evaluationPass.pool)
      let batch = makeBatch(of: dataset, indices, into: x0, evaluationPass.pool)
      let (judged, _) = validator.judge(
        batch, along: schedule, using: &random, completing: { complete(&$0, using: &$1) },
        evaluate: answer, answer: answer)
      sum += judged.counted.reduce(0, +)
    }
    return sum / Double(draws)
  }

  /// Samples with what the network is told of them.
  private func makeBatch(
    of dataset: Dataset, _ indices: [Int], into x0: Tensor, _ pool: MemoryPool
  ) -> Batch {
    dataset.fill(x0, indices: indices)
    let labels = dataset.labels.map { all in indices.map { all[$0] } } ?? []
    return Batch(x0, network.condition(on: x0, labels: labels), text: dataset.text, pool)
  }
}

// MARK: - State

extension Trainer {
  /// What a later process needs to go on with the same numbers: a copy that nothing changes.
  package struct State: Sendable {
    /// How many steps were done.
    package var step: Int
    /// The weights themselves.
    package var weights: TensorSource
    /// The exponential moving average of the weights.
    package var average: TensorSource
    /// Adam's first moment.
    package var m: TensorSource
    /// Adam's second moment.
    package var v: TensorSource
    /// ``Random/state`` of the stream.
    package var random: [UInt8]
    /// ``Random/state`` before the present permutation of the data was drawn; empty before the
    /// first.
    package var batchOrigin: [UInt8]
    /// How many samples of that permutation are used up.
    package var batchPosition: Int
    /// What training has taught the objective, as JSON; empty for nothing.
    package var objective: [UInt8] = []
  }

  /// The trainer's state between two steps, copied; it is put into files' order by whoever reads
  /// it.
  package var state: State {
    let table = network.table
    return State(
      step: step, weights: table.source(Weights(copying: parameters.weights)),
      average: table.source(Weights(copying: parameters.average)),
      m: table.source(Weights(copying: parameters.m)),
      v: table.source(Weights(copying: parameters.v)), random: random.state,
      batchOrigin: batches.origin?.state ?? [], batchPosition: batches.position,
      objective: judge.encodedState())
  }

  /// Goes on from `state` as if training had never stopped.
  ///
  /// - Throws: ``ParameterMismatch`` if the state is of another network, ``TrainerStateError`` if
  ///   its random numbers are damaged; the trainer is then as it was. ``FileError`` where the
  ///   numbers cannot be read, after which the trainer is of no use.
  package func restore(_ state: State) throws {
    guard let stream = Random(state: state.random) else { throw TrainerStateError.random }
    var restored = Batches(count: dataset.count)
    if !state.batchOrigin.isEmpty {
      guard let origin = Random(state: state.batchOrigin),
        let inside = Batches(
          count: dataset.count, origin: origin, position: state.batchPosition)
      else { throw TrainerStateError.batches }
      restored = inside
    }
    let blocks = [
      (state.weights, parameters.weights), (state.average, parameters.average),
      (state.m, parameters.m), (state.v, parameters.v),
    ]
    for (source, block) in blocks { _ = try network.table.places(of: source, count: block.count) }
    if !state.objective.isEmpty { try judge.restore(state.objective) }
    for (source, block) in blocks { try network.table.load(source, into: block) }
    random = stream
    batches = restored
    step = state.step
    (hasDiverged, failure) = (false, nil)
  }

  /// Starts from the weights of another run or program, with new moments and a new average.
  ///
  /// - Precondition: no step has been taken, and the weights are of a network like this.
  public func start(from weights: Weights) {
    precondition(step == 0, "a trainer starts from other weights before its first step")
    parameters.weights.assign(weights.tensor)
    parameters.average.assign(parameters.weights)
  }

  /// The current moving average of the weights, which may be passed to another queue.
  public var averagedWeights: Weights { Weights(copying: parameters.average) }

  /// The current raw weights, which may be passed to another queue.
  public var rawWeights: Weights { Weights(copying: parameters.weights) }
}

extension Trainer {
  /// The network with the current moving average of its weights, as samplers use it.
  public func denoiser() -> NetworkDenoiser {
    NetworkDenoiser(
      network, weights: averagedWeights, predicting: preconditioning.parameterization)
  }
}

/// A saved state that a trainer cannot go on from.
package enum TrainerStateError: Error, CustomStringConvertible {
  /// The bytes are not a state of the random number generator.
  case random
  /// The position is outside the data set.
  case batches
  /// The objective cannot read its state.
  case objective

  package var description: String {
    switch self {
    case .random: "the saved state of the random numbers is damaged"
    case .batches: "the saved place in the data does not fit the data set"
    case .objective: "the saved state of the objective is damaged"
    }
  }
}
