import Diffusion

/// The one loop that drives a run, with a screen or without: it steps, records and obeys.
///
/// It lives on the queue that calls ``run()``.
final class TrainingLoop {
  let session: RunTrainer
  let folder: RunFolder
  /// Writes into the folder; made with the first thing to write, so that looking at a run changes nothing.
  private var recorder: RunRecorder?
  /// What the run had measured before.
  private var history: [StepRecord] = []
  /// The step from which this process goes on.
  private let completedSteps: Int
  private let commands: CommandQueue<RunCommand>
  private let post: @Sendable (RunEvent) -> Void
  private var phase = RunPhase.training
  private let startsPaused: Bool
  private var stepsUntilPause: Int?
  private let publishesModels: Bool
  /// Estimates the memorisation floor meanwhile, unless nobody is to take time from training.
  private let floor: FloorRun?
  /// Judges samples meanwhile, where the recipe asks for it.
  private var evaluation: LiveEvaluation?
  /// How good samples had been before.
  private var judgedBefore: [StepRecord] = []
  /// The step whose checkpoint is on the disk.
  private var savedStep: Int?

  /// Loads the data, builds the network and makes the run's folder.
  ///
  /// `handsOutModels` tells whether somebody wants to see samples on the way, `estimatesFloor` whether the
  /// memorisation floor is wanted, which takes some time from training.
  init(
    _ job: TrainingJob, commands: CommandQueue<RunCommand>, handsOutModels: Bool = true,
    estimatesFloor: Bool = true,
    post: @escaping @Sendable (RunEvent) -> Void
  ) throws {
    self.commands = commands
    self.publishesModels = handsOutModels
    self.post = post
    floor = estimatesFloor ? FloorRun { post(.floor($0)) } : nil
    startsPaused = job.startsPaused
    switch job.place {
    case .newFolder(let parent):
      session = try RunTrainer(job.recipe, parent: job.parent)
      folder = try RunFolder.create(named: job.recipe.name, in: parent)
    case .folder(let given):
      session = try RunTrainer(job.recipe, parent: job.parent)
      folder = try RunFolder.create(at: given.path)
    case .resume(let given):
      let checkpoint = try given.checkpoint()
      let recipe =
        job.startsPaused ? try checkpoint.currentRecipe(path: given.path) : job.recipe
      session = try RunTrainer(recipe, resuming: checkpoint)
      folder = given
    }
    completedSteps = session.trainer.step
    if startsPaused {
      history = try folder.history(upTo: session.trainer.step)
      savedStep = session.trainer.step
    } else {
      history = try openRecorder().history
    }
    judgedBefore = history.filter { $0.quality != nil }
  }

  private func openRecorder() throws -> RunRecorder {
    if let recorder { return recorder }
    let opened = try RunRecorder(folder, for: session, keepingUpTo: completedSteps) { [post] in
      post(.saved(step: $0, path: $1))
    }
    recorder = opened
    return opened
  }

  /// Trains until it is told to stop, and saves.
  func run() throws {
    post(
      .started(
        RunFacts(
          format: session.dataset.format, dataset: session.dataset,
          validationCount: session.validation?.count ?? 0,
          idealDenoiser: publishesModels ? session.dataset.lookupDenoiser : nil,
          parameterCount: session.trainer.network.parameterCount, folder: folder.path,
          place: folder.place, completedSteps: session.trainer.step,
          totalSteps: session.trainer.totalSteps,
          history: history, parent: session.parent, slowdown: BLAS.slowdown)))
    history = []
    publishModel()
    defer {
      floor?.cancel()
      evaluation?.cancel()
    }
    startFloor()
    enter(startsPaused ? .paused : .training)
    while phase != .stopped {
      for command in phase == .training ? commands.take() : commands.wait() { try perform(command) }
      if phase == .training { try step() }
    }
    try save()
    // What is still being judged is not waited for.
    if evaluation != nil { folder.removeCandidate() }
    post(.phase(.stopped))
  }

  private func step() throws {
    guard var report = session.next() else {
      if let failure = session.trainer.failure { throw failure }
      publishModel()
      try save()
      try judge(isLast: true)
      return enter(.finished)
    }
    guard report.metrics.isFinite else { return enter(.diverged(step: session.trainer.step)) }
    report.floor = floor?.takeSettled()?.loss
    let recorder = try openRecorder()
    try recorder.record(report)
    post(.step(report))
    if report.metrics.step % session.recipe.preview.interval == 0 { publishModel() }
    try recorder.saveIfDue(session)
    try judge()
    if let left = stepsUntilPause {
      stepsUntilPause = left > 1 ? left - 1 : nil
      if left <= 1 { enter(.paused) }
    }
  }

  private func perform(_ command: RunCommand) throws {
    switch command {
    case .pause:
      if phase == .training { enter(.paused) }
    case .resume: resume()
    case .singleStep:
      guard phase != .finished else { break }
      stepsUntilPause = 1
      resume()
    case .stop: phase = .stopped
    case .keep: try openRecorder().keep(session)
    case .change(let recipe): try apply(recipe)
    case .snapshot: publishModel()
    case .evaluated(let outcome): try take(outcome)
    }
  }

  private func resume() {
    guard phase != .finished else { return }
    session.trainer.retry()
    enter(.training)
  }

  private func apply(_ recipe: Recipe) throws {
    let lines: [String]
    let schedule = session.trainer.schedule
    do {
      lines = try session.apply(recipe)
    } catch {
      return post(.refused("\(error)"))
    }
    evaluation?.apply(session.recipe.evaluation)
    if phase == .training { startEvaluation() }
    guard !lines.isEmpty else { return }
    savedStep = nil
    let isOther = session.trainer.schedule != schedule
    // No estimate of the earlier schedule comes after the change.
    if isOther { floor?.cancel() }
    try openRecorder().record(change: lines, afterStep: session.trainer.step)
    post(.changed(step: session.trainer.step, session.recipe, lines: lines))
    if isOther { startFloor() }
  }

  private func startFloor() {
    let (objective, dataset) = (session.recipe.objective.value, session.dataset)
    let (schedule, network) = (session.trainer.schedule, session.trainer.network)
    let dropout = session.recipe.training.labelDropout
    floor?.start {
      MemorizationFloor(
        of: objective, on: dataset, along: schedule, groups: FloorRun.groups, for: network,
        labelDropout: dropout)
    }
  }

  private func startEvaluation() {
    guard evaluation == nil else { return }
    evaluation = LiveEvaluation(
      session.recipe, history: judgedBefore
    ) { [commands] in commands.put(.evaluated($0)) }
    evaluation?.yields(phase == .training)
  }

  /// Has the weights judged if that is due.
  private func judge(isLast: Bool = false) throws {
    guard let evaluation, evaluation.judgeIfDue(session, isLast: isLast) else { return }
    try openRecorder().keepCandidate(session)
  }

  private func take(_ outcome: EvaluationRun.Outcome) throws {
    switch outcome {
    case .status(let status): post(.evaluation(status))
    case .judged(let step, let found):
      guard let record = evaluation?.complete(found) else { return }
      let recorder = try openRecorder()
      try recorder.settleCandidate(isBest: record.isBest == true)
      try recorder.record(record, afterStep: step)
      post(.evaluation(.waiting))
      post(.judged(step: step, record))
    }
    // What could not be judged when it ended is judged now.
    if phase == .finished { try judge(isLast: true) }
  }

  private func publishModel() {
    if publishesModels { post(.model(session.model())) }
  }

  /// Saves and waits for the disk, unless this step is there already.
  private func save() throws {
    guard savedStep != session.trainer.step else {
      try recorder?.finish()
      return
    }
    try openRecorder().save(session)
    savedStep = session.trainer.step
  }

  private func enter(_ phase: RunPhase) {
    self.phase = phase
    if phase == .training { startEvaluation() }
    floor?.yields(phase == .training)
    evaluation?.yields(phase == .training)
    post(.phase(phase))
  }
}
