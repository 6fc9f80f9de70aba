import Diffusion

/// The one loop that drives a run, with a screen or without: it steps, records and obeys.
///
/// It lives on the queue that calls ``run()``.
final class TrainingLoop {
  let session: RunTrainer
  private(set) var folder: RunFolder
  /// Writes into the folder; made with the first thing to write, so that looking at a run changes nothing.
  private var recorder: RunRecorder?
  /// What the run had measured before.
  private var history: [StepRecord] = []
  /// The step from which this process goes on.
  private let completedSteps: Int
  private let commands: CommandQueue<RunCommand>
  private let post: @Sendable (RunEvent) -> Void
  private var phase = RunPhase.training
  private let precedence: Precedence
  private let startsPaused: Bool
  private var stepsUntilPause: Int?
  private let publishesModels: Bool
  private var publishesRawModels = false
  /// What holds steps back, where they are to be watched.
  private var brake: SpeedLimit?
  private var isInterrupted = false
  /// Estimates the memorisation floor meanwhile, unless nobody is to take time from training.
  private let floor: FloorRun?
  /// Evaluates samples in the meantime, where the recipe wants it.
  private var evaluation: LiveEvaluation?
  /// How good samples had been before.
  private var judgedBefore: [StepRecord] = []
  /// The step whose checkpoint is on the disk.
  private var savedStep: Int?
  /// What the run does once everything is written that could not be; nil where nothing is amiss.
  private var phaseAfterTrouble: RunPhase?

  /// Loads the data, builds the network and makes the run's folder.
  ///
  /// `handsOutModels` says whether models for samples are wanted on the way, `estimatesFloor` whether the
  /// memorisation floor is wanted, which takes some time from training.
  init(
    _ job: TrainingJob, commands: CommandQueue<RunCommand>, handsOutModels: Bool = true,
    estimatesFloor: Bool = true, precedence: Precedence = Precedence(),
    post: @escaping @Sendable (RunEvent) -> Void
  ) throws {
    self.commands = commands
    self.publishesModels = handsOutModels
    self.precedence = precedence
    self.post = post
    floor = estimatesFloor ? FloorRun { post(.floor($0)) } : nil
    startsPaused = job.startsPaused
    var lock: RunLock?
    switch job.place {
    case .newFolder(let parent):
      session = try RunTrainer(job.recipe, parent: job.parent)
      folder = try RunFolder.create(named: job.recipe.name, in: parent)
    case .folder(let given):
      session = try RunTrainer(job.recipe, parent: job.parent)
      folder = try RunFolder.create(at: given.path)
    case .resume(let given):
      // Before the checkpoint is read: whoever has it now may write another.
      if !startsPaused { lock = try RunLock(given) }
      let checkpoint = try given.checkpoint()
      let recipe =
        job.startsPaused ? try checkpoint.currentRecipe(path: given.path) : job.recipe
      session = try RunTrainer(recipe, resuming: checkpoint)
      folder = given
    }
    completedSteps = session.trainer.step
    if job.limitsSpeed { brake = SpeedLimit(steps: session.trainer.totalSteps) }
    if startsPaused {
      history = try folder.history(upTo: session.trainer.step)
      savedStep = session.trainer.step
    } else {
      let recorder = try RunRecorder(
        folder, for: session, keepingUpTo: completedSteps, lock: lock
      ) { post(.saved(step: $0, path: $1)) }
      history = recorder.history
      self.recorder = recorder
    }
    judgedBefore = history.filter { $0.quality != nil }
  }

  private func openRecorder() throws -> RunRecorder {
    if let recorder { return recorder }
    let lock = try RunLock(folder)
    guard try folder.checkpoint().state.step == completedSteps else {
      throw RunError.outdated(folder.path)
    }
    let opened = try RunRecorder(
      folder, for: session, keepingUpTo: completedSteps, lock: lock
    ) { [post] in post(.saved(step: $0, path: $1)) }
    recorder = opened
    return opened
  }

  /// Trains until it is stopped, and saves.
  func run() throws {
    post(
      .started(
        RunFacts(
          format: session.dataset.format, dataset: session.dataset,
          validationCount: session.validation?.count ?? 0,
          references: LossReference.all(
            training: session.dataset, validation: session.validation),
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
      for command in waitingCommands() where phase != .stopped { try perform(command) }
      if phase == .training { try step() }
    }
    if isInterrupted, session.trainer.step < session.trainer.totalSteps {
      recorder?.leaveLockBehind()
    }
    // What is still being judged is not waited for.
    if evaluation != nil { folder.removeCandidate() }
    // The program may end as soon as it hears of the end: the lock is given back before.
    recorder = nil
    post(.phase(.stopped))
  }

  private func waitingCommands() -> [RunCommand] {
    if phase == .training { return commands.take() }
    guard phaseAfterTrouble != nil else { return commands.wait() }
    let commands = commands.wait(seconds: Self.patience)
    if commands.isEmpty { tryAgain() }
    return commands
  }

  private func step() throws {
    precedence.wait()
    let recorder: RunRecorder
    do {
      recorder = try openRecorder()
    } catch {
      post(.refused("\(error)"))
      return enter(.paused)
    }
    session.trainer.measuresLayers = publishesModels && isLayerStep(session.trainer.step + 1)
    let measuresLayers = session.trainer.measuresLayers
    session.timesLayers = publishesModels && isLayerStep(session.trainer.step)
    guard var report = session.next() else {
      if let failure = session.trainer.failure { throw failure }
      publishModel()
      return try write(then: .finished) {
        try save()
        try judge(isLast: true)
      }
    }
    guard report.metrics.isFinite else { return enter(.diverged(step: session.trainer.step)) }
    report.floor = floor?.takeSettled()?.loss
    post(.step(report))
    if measuresLayers { post(.layers(step: report.metrics.step, session.trainer.layers)) }
    if let profile = session.trainer.profile {
      post(.cost(StepCost(step: report.metrics.step, profile: profile)))
    }
    if report.metrics.step % session.recipe.preview.interval == 0 { publishModel() }
    if let left = stepsUntilPause {
      stepsUntilPause = left > 1 ? left - 1 : nil
      if left <= 1 { enter(.paused) }
    }
    try write {
      try recorder.record(report)
      try recorder.saveIfDue(session)
      try judge()
    }
    holdBack()
  }

  /// Whether the layers are measured in a step: seldom enough that it costs nothing to speak of.
  private func isLayerStep(_ step: Int) -> Bool { step == 10 || step.isMultiple(of: 50) }

  /// Waits until the next step is due, or a command arrives.
  private func holdBack() {
    guard phase == .training, let wait = brake?.afterStep() else { return }
    if brake?.isNew == true, let limit = brake?.stepsPerSecond {
      brake?.isNew = false
      post(.limited(stepsPerSecond: limit))
    }
    commands.wait(atMost: wait)
  }

  private func perform(_ command: RunCommand) throws {
    switch command {
    case .pause:
      if phase == .training { enter(.paused) }
      // Who wanted to leave and could not be saved stays after all.
      if phaseAfterTrouble == .training || phaseAfterTrouble == .stopped {
        phaseAfterTrouble = .paused
      }
    case .resume: if isWritten() { resume() }
    case .singleStep:
      guard phase != .finished, isWritten() else { break }
      stepsUntilPause = 1
      resume()
    case .stop: try stop { try save() }
    case .stopIn(let path):
      try stop {
        let recorder = try openRecorder()
        try recorder.move(to: RunFolder(path: path), session)
        folder = recorder.folder
      }
    case .abandon: phase = .stopped
    case .keep:
      do { _ = try openRecorder() } catch { return post(.refused("\(error)")) }
      if isWritten() { try write { try keep() } }
    case .change(let recipe): try apply(recipe)
    case .snapshot: publishModel()
    case .handOutRawWeights(let wanted):
      publishesRawModels = wanted
      if wanted { publishModel() }
    case .limitSpeed(let isLimited):
      brake = isLimited ? SpeedLimit(steps: session.trainer.totalSteps) : nil
    case .interrupt: isInterrupted = true
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
    do { _ = try openRecorder() } catch { return post(.refused("\(error)")) }
    savedStep = nil
    let isOther = session.trainer.schedule != schedule
    // No estimate of the earlier schedule comes after the change.
    if isOther { floor?.cancel() }
    try write { try openRecorder().record(change: lines, afterStep: session.trainer.step) }
    post(.changed(step: session.trainer.step, session.recipe, lines: lines))
    if phase == .finished, session.trainer.step < session.trainer.totalSteps { enter(.training) }
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
    ) { [commands, post] in
      // Progress is for the screens alone: as a command it would wake a run that is held back.
      if case .status(.working(let text)) = $0 {
        post(.evaluation(.working(text)))
      } else {
        commands.put(.evaluated($0))
      }
    }
    evaluation?.yields(phase == .training)
  }

  /// Has the weights judged if that is due.
  private func judge(isLast: Bool = false) throws {
    guard let evaluation, evaluation.judgeIfDue(session, isLast: isLast) else { return }
    try openRecorder().keepCandidate(session)
  }

  private func take(_ outcome: EvaluationRun.Outcome) throws {
    switch outcome {
    case .status(let status):
      if case .problem = status { evaluation?.giveUp() }
      post(.evaluation(status))
    case .judged(let step, let found):
      guard let record = evaluation?.complete(found) else { return }
      try write { try openRecorder().settle(record, ofStep: step) }
      post(.evaluation(.waiting))
      post(.judged(step: step, record))
    }
    // What could not be judged when it ended is judged now.
    if phase == .finished { try judge(isLast: true) }
  }

  private func publishModel() {
    guard publishesModels else { return }
    post(.model(session.model()))
    if publishesRawModels { post(.rawModel(session.rawModel())) }
  }
}

// MARK: - Writing

extension TrainingLoop {
  /// Seconds until what could not be written is tried again.
  private static let patience = 1.0

  /// Saves and waits for the disk, unless this step is there already.
  private func save() throws {
    guard savedStep != session.trainer.step else {
      try recorder?.finish()
      try recorder?.repair(session)
      return
    }
    try openRecorder().save(session)
    savedStep = session.trainer.step
  }

  /// Keeps a checkpoint; training continues meanwhile, and a later step reports where that failed.
  private func keep() throws {
    let recorder = try openRecorder()
    try recorder.keep(session)
    if phase != .training { try recorder.finish() }
  }

  /// Writes something, then enters `next`; where that fails, waits, says so, and tries again now and then.
  ///
  /// - Throws: what no patience helps with where nobody looks.
  private func write(then next: RunPhase? = nil, _ body: () throws -> Void) throws {
    do {
      try body()
      if let next { enter(next) }
    } catch {
      if !publishesModels, case RunError.notFinite = error { throw error }
      wait(for: next ?? phase, "\(error)")
    }
  }

  private func wait(for next: RunPhase, _ sentence: String) {
    phaseAfterTrouble = phaseAfterTrouble ?? next
    // Where files alone are gone, nothing needs to wait.
    if tryAgain(tellingFailure: false) { return }
    if phase != .paused { enter(.paused) }
    post(.unwritten(sentence))
  }

  /// Ends after a last save; where somebody looks and that fails, the run stays.
  private func stop(_ lastSave: () throws -> Void) throws {
    do {
      try lastSave()
      phase = .stopped
    } catch {
      guard publishesModels else { throw error }
      phaseAfterTrouble = .stopped
      if phase != .paused { enter(.paused) }
      post(.unsaved("\(error)"))
    }
  }

  /// Whether nothing waits to be written, after another try.
  private func isWritten() -> Bool { phaseAfterTrouble == nil || tryAgain() }

  @discardableResult
  private func tryAgain(tellingFailure: Bool = true) -> Bool {
    guard let next = phaseAfterTrouble else { return true }
    do {
      try openRecorder().repair(session)
      if next == .stopped || next == .finished { try save() }
      phaseAfterTrouble = nil
      enter(next)
      return true
    } catch {
      if tellingFailure {
        post(next == .stopped ? .unsaved("\(error)") : .unwritten("\(error)"))
      }
      return false
    }
  }

  private func enter(_ phase: RunPhase) {
    self.phase = phase
    if phase == .training { startEvaluation() }
    floor?.yields(phase == .training)
    evaluation?.yields(phase == .training)
    if phase != .stopped { post(.phase(phase)) }
  }
}
