import Diffusion
import Dispatch

/// A training job on its own serial background queue: commands in, events out.
///
/// Everything that is not `Sendable`, the trainer first of all, is born on the queue and dies there.
final class TrainingRun: Sendable {
  /// Where a run keeps its files, and whether it goes on from there.
  enum Place: Sendable {
    /// A new folder in this one.
    case newFolder(in: String)
    /// A new folder at this path.
    case folder(RunFolder)
    /// A folder with a checkpoint to go on from.
    case resume(RunFolder)
  }

  private let queue = DispatchQueue(label: "training")
  private let inbox = Inbox<RunCommand>()
  private let post: @Sendable (RunEvent) -> Void

  init(post: @escaping @Sendable (RunEvent) -> Void) { self.post = post }

  /// Begins to train; the first event follows at once, whatever the data costs to load.
  func start(_ configuration: RunConfiguration, at place: Place) {
    queue.async { [post, inbox] in
      post(.phase(.preparing))
      do {
        try TrainingLoop(configuration, at: place, inbox: inbox, post: post).run()
      } catch {
        post(.failed("\(error)"))
      }
    }
  }

  /// Asks for something, which happens between two steps.
  func send(_ command: RunCommand) { inbox.put(command) }

  /// Sleeps until the run has ended.
  func waitUntilDone() { queue.sync {} }
}

/// The body of a training run; lives on its queue.
private final class TrainingLoop {
  private let session: TrainingSession
  /// Nil for a network that only makes samples.
  private let recorder: RunRecorder?
  private let inbox: Inbox<RunCommand>
  private let post: @Sendable (RunEvent) -> Void
  private var phase = RunPhase.training
  private var stepsUntilPause: Int?
  private var snapshotInterval: Int

  init(
    _ configuration: RunConfiguration, at place: TrainingRun.Place, inbox: Inbox<RunCommand>,
    post: @escaping @Sendable (RunEvent) -> Void
  ) throws {
    self.inbox = inbox
    self.post = post
    snapshotInterval = configuration.preview.interval
    if configuration.data.isNone {
      session = try TrainingSession(configuration)
      recorder = nil
      return
    }
    let folder: RunFolder
    switch place {
    case .newFolder(let parent):
      session = try TrainingSession(configuration)
      folder = try RunFolder.create(named: configuration.name, in: parent)
    case .folder(let given):
      session = try TrainingSession(configuration)
      folder = try RunFolder.create(at: given.path)
    case .resume(let given):
      session = try TrainingSession(configuration, resuming: try given.checkpoint())
      folder = given
    }
    recorder = try RunRecorder(folder, for: session)
  }

  func run() throws {
    post(
      .started(
        RunFacts(
          dataset: session.dataset,
          exact: session.canTrain ? session.dataset.exactDenoiser : nil,
          parameterCount: session.trainer.network.parameterCount,
          folder: recorder?.folder.path, firstStep: session.trainer.step,
          lastStep: session.configuration.training.steps, elapsedBefore: session.elapsed,
          parent: session.parent)))
    post(.weights(session.snapshot()))
    enter(session.canTrain ? .training : .finished)
    while phase != .stopped {
      for command in phase == .training ? inbox.take() : inbox.wait() { try obey(command) }
      if phase == .training { try step() }
    }
    try save()
    post(.phase(.stopped))
  }

  private func step() throws {
    guard let report = session.next() else {
      post(.weights(session.snapshot()))
      try save()
      return enter(.finished)
    }
    guard report.metrics.isFinite else {
      post(.notice("the loss or a gradient was not finite; the weights are as before"))
      return enter(.diverged(step: session.trainer.step))
    }
    try recorder?.record(report, batchSize: session.configuration.training.batchSize)
    post(.step(report))
    if report.metrics.step % snapshotInterval == 0 { post(.weights(session.snapshot())) }
    if try recorder?.saveIfDue(session) == true { reportSave() }
    if let left = stepsUntilPause {
      stepsUntilPause = left > 1 ? left - 1 : nil
      if left <= 1 { enter(.paused) }
    }
  }

  private func obey(_ command: RunCommand) throws {
    switch command {
    case .pause:
      if phase == .training { enter(.paused) }
    case .resume:
      if phase != .finished { enter(.training) }
    case .singleStep:
      guard phase != .finished else { break }
      stepsUntilPause = 1
      enter(.training)
    case .stop: phase = .stopped
    case .keep:
      guard let path = try recorder?.keep(session) else { break }
      post(.saved(step: session.trainer.step, path: path))
    case .change(let change): try apply(change)
    case .snapshotInterval(let steps): snapshotInterval = max(1, steps)
    case .snapshot: post(.weights(session.snapshot()))
    }
  }

  private func apply(_ change: ParameterChange) throws {
    do {
      try session.apply(change)
    } catch {
      return post(.notice("\(error)"))
    }
    try recorder?.record(change, afterStep: session.trainer.step)
    post(.changed(step: session.trainer.step, change))
  }

  private func save() throws {
    try recorder?.save(session)
    reportSave()
  }

  private func reportSave() {
    guard let path = recorder?.folder.checkpointPath else { return }
    post(.saved(step: session.trainer.step, path: path))
  }

  private func enter(_ phase: RunPhase) {
    self.phase = phase
    post(.phase(phase))
  }
}
