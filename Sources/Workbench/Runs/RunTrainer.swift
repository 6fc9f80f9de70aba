import Diffusion
import Platform
import TUI

/// A trainer with the data, the changes and the clock that belong to its run.
///
/// It lives on one queue.
final class RunTrainer {
  /// The recipe with which the run was begun.
  let initialRecipe: Recipe
  /// The recipe with all changes.
  private(set) var recipe: Recipe
  /// What is trained on.
  let dataset: Dataset
  /// What is kept from training, to measure the loss on.
  let validation: Dataset?
  let trainer: Trainer
  /// Changes made while training went on.
  private(set) var changes: [Checkpoint.Change] = []
  /// Seconds of training so far, pauses left out.
  private(set) var elapsed = 0.0
  /// What the weights came from, where they were not drawn.
  let parent: String?
  /// Whether the next step is timed layer by layer.
  var timesLayers = false
  /// The losses by noise level that no report has yet.
  private var levels = LevelLosses()
  private let clock = ContinuousClock()

  /// Loads the data and builds the network; begins with the weights of `parent` if there is one, or
  /// goes on from `checkpoint`, whose recipe `recipe` replaces from there on.
  init(
    _ recipe: Recipe, parent: String? = nil, resuming checkpoint: Checkpoint? = nil
  ) throws {
    self.parent = checkpoint == nil ? parent : checkpoint?.parent
    (dataset, validation) = try recipe.data.split()
    var recipe = recipe
    recipe.objective.value.measure(dataset)
    self.recipe = recipe
    if let checkpoint {
      initialRecipe = try Recipe(
        checkpoint.recipe, name: recipe.name, path: recipe.name, checkingData: false)
      changes = checkpoint.changes
      var last = initialRecipe
      for change in changes { try last.apply(change.lines) }
      guard recipe.data.validation == last.data.validation,
        recipe.data.validationSeed == last.data.validationSeed
      else { throw RunError.otherValidation }
      let lines = recipe.differences(from: last)
      if !lines.isEmpty {
        changes.append(
          Checkpoint.Change(step: checkpoint.state.step, text: lines.joined(separator: "\n")))
      }
    } else {
      initialRecipe = recipe
    }
    try BLAS.load()
    let network = try recipe.network.make(for: dataset.format)
    try dataset.requireLabels(for: network)
    try validation?.requireLabels(for: network)
    let schedule = try recipe.schedule.make()
    try network.checkTraining(along: schedule, recipe.objective)
    try recipe.preview.sampling.checkSampler(isText: network.vocabulary > 0)
    try MemoryNeed.checkTraining(network, recipe.training)
    trainer = Trainer(
      network, on: dataset, schedule: schedule, objective: recipe.objective.value,
      recipe.training)
    if let checkpoint {
      try trainer.restore(checkpoint.state)
      elapsed = checkpoint.elapsedSeconds
    } else if let parent {
      trainer.start(from: try network.weights(contentsOf: parent))
    }
  }

  /// One step, timed, and every so often the validation loss after it, which does not count as time of
  /// training; nil when training is complete, or the step before was not finite.
  func next() -> StepReport? {
    let start = clock.now
    trainer.stepClock = timesLayers ? { [clock] in (clock.now - start) / .seconds(1) } : nil
    guard let metrics = trainer.next() else { return nil }
    let duration = (clock.now - start) / .seconds(1)
    elapsed += duration
    if metrics.isFinite { levels.add(metrics, timesteps: trainer.schedule.count) }
    let isDue = metrics.step.isMultiple(of: LevelLosses.interval(trainer.totalSteps))
    return StepReport(
      metrics: metrics, elapsed: elapsed, duration: duration, validation: validationLoss(metrics),
      levels: isDue ? levels.take() : nil)
  }

  /// The validation loss after a step, where it is time for one.
  private func validationLoss(_ metrics: StepMetrics) -> Double? {
    let isDue = metrics.step.isMultiple(of: recipe.data.validationInterval)
    guard let validation, metrics.isFinite, isDue || metrics.step == trainer.totalSteps else {
      return nil
    }
    return trainer.validationLoss(on: validation)
  }

  /// Makes the next step use the schedule and what acts live of another recipe.
  ///
  /// - Returns: the lines that changed; what only shows is not among them.
  func apply(_ changed: Recipe) throws -> [String] {
    var next = recipe
    (next.schedule, next.preview) = (changed.schedule, changed.preview)
    next.evaluation = changed.evaluation
    try next.training.takeLive(from: changed.training)
    if case .steps(let steps) = next.training.duration, steps < trainer.step {
      throw RunError.failed(
        "training.steps: \(trainer.step) steps are done; expected at least as many")
    }
    try next.training.optimizer.takeLive(from: changed.training.optimizer)
    let lines = next.differences(from: recipe).filter {
      !$0.hasPrefix("preview.") && !$0.hasPrefix("evaluation.")
    }
    if next.schedule != recipe.schedule {
      let schedule = try next.schedule.make()
      try trainer.network.checkTraining(along: schedule, next.objective)
      trainer.schedule = schedule
    }
    trainer.configuration = next.training
    recipe = next
    if !lines.isEmpty {
      changes.append(Checkpoint.Change(step: trainer.step, text: lines.joined(separator: "\n")))
    }
    return lines
  }

  /// The averaged weights as they are now.
  func model() -> Model { model(trainer.averagedWeights) }

  /// The weights themselves as they are now.
  func rawModel() -> Model { model(trainer.rawWeights) }

  private func model(_ weights: Weights) -> Model {
    Model(
      recipe, network: trainer.network, weights: weights, format: dataset.format,
      step: trainer.step, parent: parent, dataset: dataset, heldOut: validation)
  }

  /// Everything needed to go on later, copied.
  func checkpoint() -> Checkpoint {
    Checkpoint(
      trainer.state, recipe: initialRecipe.text, changes: changes, elapsedSeconds: elapsed,
      parent: parent,
      format: dataset.format, sampleCount: dataset.count)
  }
}

extension Settable {
  /// Takes the values of the settings that act on a run in progress.
  fileprivate mutating func takeLive(from other: Self) throws(SettingError) {
    for info in settings where info.isLive {
      if let value = other.value(of: info.key) { try set(info.key, to: value) }
    }
  }
}

extension Dataset {
  /// Throws unless the samples have the labels that a network takes.
  func requireLabels(for network: Network) throws(RunError) {
    guard network.classes > 0 else { return }
    guard let labels else { throw .noLabels(name) }
    if let largest = labels.max(), largest >= network.classes {
      throw .fewClasses(network.classes, name, needed: largest + 1)
    }
  }

  /// The ideal denoiser of all samples where they are at most four million numbers, so that one can be
  /// looked up at once.
  var lookupDenoiser: IdealDenoiser? {
    kind != .text && count * shape.sampleCount <= 4_000_000 ? IdealDenoiser(self) : nil
  }
}

/// What stops a run, as the sentence the user reads.
enum RunError: Error, CustomStringConvertible {
  case noLabels(String)
  case fewClasses(Int, String, needed: Int)
  case cannotMakeFolder(String, reason: String)
  case noCheckpoint(String)
  /// A resumed run should hold out other samples, which it has trained on.
  case otherValidation
  /// Another process writes into the folder.
  case inUse(String, process: Int)
  /// The folder's files are no longer those that this process writes.
  case removed(String)
  /// The run went on elsewhere after it was opened here.
  case outdated(String)
  /// A tensor has numbers that are not finite, so that no run could go on from it.
  case notFinite(String, step: Int)
  /// A run failed while the program was leaving, for this reason.
  case failed(String)

  var description: String {
    switch self {
    case .noLabels(let name):
      "network.classes needs labels, but \(name) has none; remove it or set it to 0"
    case .fewClasses(let classes, let name, let needed):
      "network.classes is \(classes), but \(name) has labels up to \(needed - 1); expected \(needed) or "
        + "more"
    case .cannotMakeFolder(let path, let reason): "\(path): the folder cannot be created: \(reason)"
    case .inUse(let path, let process):
      process == Int(getpid())
        ? "\(path): this program is writing the run"
        : "\(path): \(process > 0 ? "process \(process)" : "another process") is writing this run; "
          + "stop that first"
    case .removed(let path): "\(path): the run's files were removed or replaced"
    case .outdated(let path):
      "\(path): another process has trained this run since it was opened; open it again"
    case .notFinite(let tensor, let step):
      "at step \(step), \(tensor) has values that are not finite, so the previous checkpoint is kept; "
        + "a lower optimizer.learning_rate may help"
    case .failed(let sentence): sentence
    case .otherValidation:
      "data.validation and data.validation_seed cannot change in a resumed run, which may have trained on "
        + "the new validation samples; start a new run, for example with --from"
    case .noCheckpoint(let path):
      "\(path): has no checkpoint.safetensors, so it cannot be resumed"
    }
  }
}
