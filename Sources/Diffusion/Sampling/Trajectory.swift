internal import CKernels

/// The trajectory x_T … x_0: one reverse step per `next()`.
///
/// The first frame is the start itself. Every frame includes the denoiser's prediction, which the next step
/// then uses.
///
/// A trajectory belongs to one queue, and can be iterated over only once.
public final class Trajectory: Sequence, IteratorProtocol {
  /// The noise levels; frame k is at `steps[k]`.
  public let steps: [NoiseStep]
  private var moves: [Transition]
  private let sampler: any Sampler
  private let denoiser: any Denoiser
  private let condition: Condition
  private let constraint: (any TrajectoryConstraint)?
  private let clipping: Clipping
  private let dataRange: ClosedRange<Float>
  private var noise: NoiseSource
  private var history: SamplerHistory
  private let x: Tensor
  private var position: Int
  private let first: Int
  private var previous: Tensor?
  /// The answer at the frame shown last; nil where the next step needs none.
  private var waiting: Prediction?
  /// x̂_0 of the frame shown last.
  private var lastX0: Tensor?
  /// What a denoiser that takes an estimate is given next: x̂_0 as it answered last.
  private var estimate: Tensor?

  /// A trajectory from `x` along `steps`.
  ///
  /// Where noise increases from one step to the next, the trajectory adds the missing noise without asking the
  /// denoiser, and the sampler begins anew.
  ///
  /// - Parameters:
  ///   - steps: the noise levels to visit.
  ///   - x: the state at `steps[first]`.
  ///   - first: where in `steps` the trajectory begins.
  ///   - sampler: moves the samples from level to level.
  ///   - denoiser: evaluated in every frame.
  ///   - condition: what the samples are conditioned on.
  ///   - constraint: ties the trajectory to something known, or nil; multistep samplers begin anew after it.
  ///   - noise: the source of random numbers, positioned at the step after `first`.
  ///   - dataRange: the declared range of the data.
  ///   - clipping: how x̂_0 is limited before a step uses it; ε̂ stays as predicted.
  ///   - history: what the sampler remembers of the steps before `first`.
  public init(
    _ steps: [NoiseStep], from x: Tensor, first: Int = 0, sampler: any Sampler,
    denoiser: any Denoiser, condition: Condition = Condition(),
    constraint: (any TrajectoryConstraint)? = nil, noise: NoiseSource,
    dataRange: ClosedRange<Float> = -1...1, clipping: Clipping = .none,
    history: SamplerHistory = SamplerHistory()
  ) {
    precondition(
      steps.indices.contains(first),
      "a trajectory of \(steps.count) levels cannot begin at \(first)")
    self.steps = steps
    moves = Transition.moves(along: steps)
    self.x = x.copy()
    self.first = first
    self.position = first
    self.sampler = sampler
    self.denoiser = denoiser
    self.condition = condition
    self.constraint = constraint
    self.noise = noise
    self.dataRange = dataRange
    self.history = history
    self.clipping = clipping
    if denoiser.takesEstimate, !history.estimate.isEmpty {
      estimate = Tensor(x.shape, history.estimate)
    }
  }

  /// The trajectory that `configuration` describes through `schedule`, from `x` at its frame `first`.
  convenience init(
    _ configuration: SamplingConfiguration, schedule: Schedule, from x: Tensor, first: Int = 0,
    dataRange: ClosedRange<Float>, denoiser: any Denoiser, condition: Condition = Condition(),
    noise: NoiseSource, history: SamplerHistory = SamplerHistory()
  ) {
    self.init(
      configuration, TrajectoryPlan(configuration.makeMoves(schedule)), from: x, first: first,
      dataRange: dataRange, denoiser: denoiser, condition: condition, noise: noise,
      history: history)
  }

  /// A trajectory from `x` with the sampler and clipping of `configuration`, but the levels of `plan`; or the rest
  /// of it after a recorded frame, where `noise` is that of its beginning.
  convenience init(
    _ configuration: SamplingConfiguration, _ plan: TrajectoryPlan, from x: Tensor, first: Int = 0,
    dataRange: ClosedRange<Float>, denoiser: any Denoiser, condition: Condition = Condition(),
    constraint: (any TrajectoryConstraint)? = nil, noise: NoiseSource,
    history: SamplerHistory = SamplerHistory(), resuming frame: Frame? = nil
  ) {
    var noise = noise
    if let frame { noise.skip(frame.noiseDraws - noise.draws, x.shape) }
    self.init(
      plan.steps, from: frame.map { Tensor(x.shape, $0.x) } ?? x, first: frame?.index ?? first,
      sampler: configuration.sampler.value, denoiser: denoiser, condition: condition,
      constraint: constraint, noise: noise, dataRange: dataRange,
      clipping: configuration.clipping, history: frame?.history ?? history)
    moves = plan.moves
    lastX0 = frame.map { Tensor(x.shape, $0.x0) }
  }

  /// The trajectory that `configuration` describes, for samples of this shape, or exactly the rest of it after
  /// a recorded frame.
  ///
  /// `sample` has batch 1.
  public convenience init(
    _ configuration: SamplingConfiguration, schedule: Schedule, sample: Shape,
    dataRange: ClosedRange<Float>, denoiser: any Denoiser, condition: Condition = Condition(),
    resuming frame: Frame? = nil
  ) {
    let shape = sample.with(batch: configuration.count)
    var noise = NoiseSource(seed: configuration.seed, samples: configuration.sampleNumbers)
    if let frame { noise.skip(frame.noiseDraws, shape) }
    let start =
      frame.map { Tensor(shape, $0.x) }
      ?? noise.start(shape, deviation: configuration.startingDeviation(schedule))
    self.init(
      configuration, schedule: schedule, from: start, first: frame?.index ?? 0,
      dataRange: dataRange, denoiser: denoiser, condition: condition, noise: noise,
      history: frame?.history ?? SamplerHistory())
  }

  /// The trajectory of text that `configuration` describes, from masks and its prompt, or exactly the rest of it
  /// after a recorded frame.
  ///
  /// - Throws: ``PromptError`` where samples are no text, or the prompt cannot be written with its tokens.
  package convenience init(
    text configuration: SamplingConfiguration, schedule: Schedule, _ format: SampleFormat,
    denoiser: any Denoiser, condition: Condition = Condition(), resuming frame: Frame? = nil
  ) throws(PromptError) {
    self.init(
      configuration, TrajectoryPlan(configuration.makeMoves(schedule)),
      from: try format.start(configuration), dataRange: format.range, denoiser: denoiser,
      condition: condition,
      noise: NoiseSource(seed: configuration.seed, samples: configuration.sampleNumbers),
      resuming: frame)
  }

  public func next() -> Frame? {
    guard position < steps.count else { return nil }
    if position > first { advance() }
    let isLast = position == steps.count - 1
    // Where noise is only added next, no answer is needed.
    let needsAnswer = !isLast && !moves[position].isRise
    let given = needsAnswer ? estimate : nil
    waiting =
      needsAnswer
      ? denoiser.predict(Query(x, at: steps[position], condition: condition, estimate: given))
      : nil
    let x0 = waiting?.x0 ?? (isLast ? x : lastX0 ?? x)
    let outside = x0.share(outside: dataRange)
    // Tokens are never outside.
    if let waiting, waiting.logits == nil { clipping.apply(to: waiting.x0, dataRange) }
    lastX0 = x0
    history.estimate = given?.values ?? []
    // Samplers may change the prediction. After more noise, nothing is known any more.
    if denoiser.takesEstimate { estimate = waiting?.x0.copy() }
    defer {
      position += 1
      let previous = self.previous ?? Tensor(x.shape)
      previous.assign(x)
      self.previous = previous
    }
    return frame(x0, outside: outside)
  }

  /// Runs the trajectory to its end, and returns the last frame.
  ///
  /// - Precondition: the end has not been reached yet.
  public func finish() -> Frame {
    var last = next()
    while let frame = last, !frame.isLast { last = next() }
    guard let last else { preconditionFailure("the trajectory was followed to its end before") }
    return last
  }

  /// Moves x to the present position.
  private func advance() {
    let move = moves[position - 1]
    guard !move.isRise else {
      history = SamplerHistory()
      return x.addNoise(from: move.from.level, to: move.to.level, &noise)
    }
    // A stride that ends at its own level still clips x̂_0.
    guard move.stride != nil || move.to.level != move.from.level, let answer = waiting else {
      return
    }
    sampler.step(x, answer, move, &history, noise: &noise) { x, step in
      let further = denoiser.predict(
        Query(x, at: step, condition: condition, estimate: estimate))
      if further.logits == nil { clipping.apply(to: further.x0, dataRange) }
      return further
    }
    guard let constraint else { return }
    constraint.apply(x, at: move.to, noise: &noise)
    // What a multistep sampler remembers belongs to states that are no longer these.
    history = SamplerHistory()
  }

  private func frame(_ x0: Tensor, outside: Double) -> Frame {
    let count = Double(Swift.max(x.count, 1))
    let change = previous.map { ck_squared_distance($0.pointer, x.pointer, x.count) } ?? 0
    var frame = Frame(
      index: position, frameCount: steps.count, step: steps[position], shape: x.shape, x: x.values,
      x0: x0.values, rmsChange: (change / count).squareRoot(),
      isFinite: x.norm.isFinite && x0.norm.isFinite, outOfRangeFraction: outside,
      noiseDraws: noise.draws, history: history)
    frame.confidence = confidence
    return frame
  }

  /// How sure the denoiser is, or was, of each token; empty where samples are no tokens.
  private var confidence: [Float] {
    guard type(of: sampler).isForText else { return [] }
    let now = waiting?.confidence?.values ?? [Float](repeating: 1, count: x.count)
    guard let revealed = history.tensors.first else { return now }
    return zip(now, revealed).map { $1 > 0 ? $1 : $0 }
  }
}

/// Which levels a trajectory visits, and how it moves from each to the next.
struct TrajectoryPlan {
  /// The levels; frame k is at `steps[k]`.
  let steps: [NoiseStep]
  /// One fewer.
  let moves: [Transition]

  /// - Precondition: there is a move between any two neighbours.
  init(steps: [NoiseStep], moves: [Transition]) {
    precondition(
      moves.count == steps.count - 1, "\(steps.count) levels have no \(moves.count) moves")
    (self.steps, self.moves) = (steps, moves)
  }

  /// The levels between which some moves lead, one after the other.
  init(_ moves: [Transition]) {
    self.init(steps: moves.map(\.from) + moves.suffix(1).map(\.to), moves: moves)
  }
}

/// Ties a trajectory to something known, such as the pixels under a mask or a measurement.
public protocol TrajectoryConstraint {
  /// Called after each reverse step with the samples at its end, which it may change.
  func apply(_ x: Tensor, at step: NoiseStep, noise: inout NoiseSource)
}

extension Tensor {
  /// The share of the numbers that lie outside a range, 0 to 1.
  fileprivate func share(outside range: ClosedRange<Float>) -> Double {
    let outside = values.reduce(into: 0) { if !range.contains($1) { $0 += 1 } }
    return Double(outside) / Double(Swift.max(count, 1))
  }

  /// Draws from q(x_to | x_from) for a `to` with as much noise or more.
  ///
  /// Source: x_to = α_{to|from}·x + √(σ_to² − α²_{to|from}·σ_from²)·z.
  package func addNoise(from: NoiseLevel, to: NoiseLevel, _ noise: inout NoiseSource) {
    let alpha = to.alpha / from.alpha
    let added = max(to.sigma * to.sigma - alpha * alpha * from.sigma * from.sigma, 0)
    assign(Float(alpha), self, plus: Float(added.squareRoot()), noise.draw(shape))
  }
}
