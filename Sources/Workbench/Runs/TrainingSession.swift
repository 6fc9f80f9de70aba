import Diffusion

/// A trainer with the data, the changes and the clock that belong to its run.
///
/// It lives on one queue; the headless command and the background run both drive one.
final class TrainingSession {
  let configuration: RunConfiguration
  let dataset: Dataset
  let trainer: Trainer
  /// The schedule in force.
  private(set) var schedule: ScheduleConfiguration
  /// Changes made while training went on, each with the number of steps done before it.
  private(set) var changes: [(step: Int, change: ParameterChange)] = []
  /// Seconds of training so far, pauses left out.
  private(set) var elapsed = 0.0
  /// What the weights came from, where they were not drawn.
  let parent: String?
  private let clock = ContinuousClock()

  /// Loads the data and builds the network; goes on from `checkpoint` if there is one.
  init(_ configuration: RunConfiguration, resuming checkpoint: Checkpoint? = nil) throws {
    self.configuration = configuration
    dataset =
      configuration.data.isNone
      ? try Dataset.blank(for: configuration.network) : try configuration.data.load()
    schedule = configuration.schedule
    let network = try configuration.network.make(for: dataset.shape)
    try dataset.requireLabels(for: network)
    trainer = Trainer(
      network, on: dataset, schedule: try schedule.make(), configuration.training)
    guard let checkpoint else {
      parent = configuration.parent
      if let parent { try start(from: parent) }
      return
    }
    parent = checkpoint.parent
    for saved in checkpoint.scheduleChanges {
      guard let change = ParameterChange(text: saved.text) else {
        throw RunError.unknownChange(saved.text)
      }
      try apply(change, atStep: saved.step)
    }
    try trainer.restore(Trainer.State(checkpoint))
    elapsed = checkpoint.elapsedSeconds
  }

  private func start(from parent: String) throws {
    let tensors = try ParentWeights.read(parent)
    do {
      try trainer.start(from: tensors)
    } catch {
      throw RunError.otherNetwork(parent, "\(error)")
    }
  }

  /// Whether there is something to learn from.
  var canTrain: Bool { !configuration.data.isNone }

  /// One step, timed; nil when training is complete.
  func next() -> StepReport? {
    let start = clock.now
    guard let metrics = trainer.next() else { return nil }
    let duration = (clock.now - start) / .seconds(1)
    elapsed += duration
    return StepReport(metrics: metrics, elapsed: elapsed, duration: duration)
  }

  /// Makes the next step use another learning rate or schedule.
  func apply(_ change: ParameterChange) throws { try apply(change, atStep: trainer.step) }

  private func apply(_ change: ParameterChange, atStep step: Int) throws {
    switch change {
    case .learningRate(let rate): trainer.learningRate.base = rate
    case .schedule(let schedule):
      trainer.schedule = try schedule.make()
      self.schedule = schedule
    }
    changes.append((step, change))
  }

  /// The averaged weights as they are now.
  func snapshot() -> WeightsSnapshot {
    WeightsSnapshot(
      step: trainer.step, network: trainer.network,
      parameterization: configuration.training.parameterization, schedule: schedule,
      average: trainer.averageSnapshot, dataset: dataset)
  }

  /// Everything needed to go on later.
  func checkpoint() -> Checkpoint {
    let state = trainer.state
    return Checkpoint(
      step: state.step, weights: state.weights, average: state.average, adamM: state.m,
      adamV: state.v,
      randomStates: [
        "stream": state.random, "batch_origin": state.batchOrigin,
        "batch_position": littleEndian(state.batchPosition),
      ],
      recipe: configuration.recipeText,
      scheduleChanges: changes.map { .init(step: $0.step, text: $0.change.text) },
      elapsedSeconds: elapsed, parent: parent)
  }
}

extension DataConfiguration {
  /// The samples with the chosen classes.
  func load() throws -> Dataset {
    let dataset = try DataCatalog.open(source).declared(in: range.values)
    guard let classes else { return dataset }
    let numbers = try classes.map { name in
      guard let number = dataset.classNames.firstIndex(of: name) else {
        throw RunError.unknownClass(name, dataset.classNames)
      }
      return number
    }
    return try dataset.select(classes: numbers)
  }
}

extension Dataset {
  /// A grey picture of the size that a network knows, where there is nothing to learn from.
  fileprivate static func blank(
    for network: NetworkConfiguration
  ) throws(RunError) -> Dataset {
    guard let shape = network.ownShape else { throw .noShape(network.kind) }
    let classes = network.classes
    return Dataset(
      name: "no data", kind: .image, shape: shape, range: -1...1,
      values: [Float](repeating: 0, count: shape.sampleCount), labels: classes > 0 ? [0] : nil,
      classNames: (0..<classes).map(String.init))
  }

  /// Throws unless the samples have the labels that a network takes.
  fileprivate func requireLabels(for network: Network) throws(RunError) {
    guard network.classes > 0 else { return }
    guard let labels else { throw .noLabels(name) }
    if let largest = labels.max(), largest >= network.classes {
      throw .fewClasses(network.classes, name, needed: largest + 1)
    }
  }

  /// The exact denoiser of all samples, or nil where they are more than four million numbers.
  var exactDenoiser: IdealDenoiser? {
    guard count * shape.sampleCount <= 4_000_000 else { return nil }
    return IdealDenoiser((0..<count).flatMap { sample(at: $0) }, shape.with(batch: count))
  }
}

extension Trainer.State {
  /// The trainer's part of a checkpoint; what is missing shows when the trainer restores it.
  init(_ checkpoint: Checkpoint) {
    let states = checkpoint.randomStates
    let position = (states["batch_position"] ?? []).reversed().reduce(0) { $0 << 8 | Int($1) }
    self.init(
      step: checkpoint.step, weights: checkpoint.weights, average: checkpoint.average,
      m: checkpoint.adamM, v: checkpoint.adamV, random: states["stream"] ?? [],
      batchOrigin: states["batch_origin"] ?? [], batchPosition: position)
  }
}

private func littleEndian(_ value: Int) -> [UInt8] {
  (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}

/// What stops a run, as the sentence the user reads.
enum RunError: Error, CustomStringConvertible {
  case unknownClass(String, [String])
  case unknownChange(String)
  case littleNoise(Int, needed: Int)
  case noShape(NetworkKind)
  case otherNetwork(String, String)
  case noLabels(String)
  case fewClasses(Int, String, needed: Int)
  case cannotMakeFolder(String, reason: String)
  case noCheckpoint(String)

  var description: String {
    switch self {
    case .unknownClass(let name, let known):
      "the data has no class “\(name)”; its classes are \(known.joined(separator: ", "))"
    case .unknownChange(let text):
      "the checkpoint has a change that this version does not know: “\(text)”"
    case .littleNoise(let found, let needed):
      "z has the noise of \(found) steps, but this path draws it \(needed) times"
    case .noShape(let kind):
      "data.source is none, but network.kind \(kind.rawValue) does not say how large its samples are"
    case .otherNetwork(let path, let mismatch): "\(path): \(mismatch)"
    case .noLabels(let name):
      "network.classes asks for labels, but \(name) has none; leave it out, or 0"
    case .fewClasses(let classes, let name, let needed):
      "network.classes is \(classes), but \(name) has labels up to \(needed - 1): expected \(needed) or "
        + "more"
    case .cannotMakeFolder(let path, let reason): "\(path): the folder cannot be made: \(reason)"
    case .noCheckpoint(let path):
      "\(path): there is no checkpoint.safetensors in it, so it is no run to go on with"
    }
  }
}
