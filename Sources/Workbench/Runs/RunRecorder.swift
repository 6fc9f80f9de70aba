import Diffusion
import Dispatch
import Synchronization

/// Writes what happens in a run into its folder: the recipe once, every step's metrics, and
/// checkpoints.
///
/// It lives on the run's queue. Checkpoints are copied there and written on a queue of their own, so
/// that training does not wait for the disk; each replaces the one before as a whole or not at all.
final class RunRecorder {
  let folder: RunFolder
  /// What had been measured before this process; empty for a new run.
  let history: [StepRecord]
  private let metrics: JSONLines.Writer<StepRecord>
  private let clock = ContinuousClock()
  private var lastSave: ContinuousClock.Instant
  private let writer: CheckpointWriter

  /// Between two checkpoints that nobody asked for.
  static let interval = Duration.seconds(30)

  /// Writes the recipe and opens the metrics; `saved` is called on another queue when a checkpoint is
  /// on the disk.
  init(
    _ folder: RunFolder, for session: RunTrainer, keepingUpTo firstStep: Int,
    saved: @escaping @Sendable (_ step: Int, _ path: String) -> Void
  ) throws {
    self.folder = folder
    writer = CheckpointWriter(saved: saved)
    try AtomicFile.replace(folder.recipePath, with: Array(session.recipe.text.utf8))
    // What was measured after the checkpoint that a run goes on from is measured again.
    var history: [StepRecord] = []
    metrics = try JSONLines.Writer(appendingTo: folder.metricsPath) { record in
      guard record.step <= firstStep else { return false }
      history.append(record)
      return true
    }
    self.history = history
    // Of a process that ended before its samples were judged.
    folder.removeCandidate()
    lastSave = clock.now
  }

  func record(_ report: StepReport) throws { try metrics.append(StepRecord(report)) }

  func record(change lines: [String], afterStep step: Int) throws {
    try metrics.append(StepRecord(step: step, change: lines.joined(separator: "\n")))
  }

  func record(_ quality: QualityRecord, afterStep step: Int) throws {
    try metrics.append(StepRecord(step: step, quality: quality))
  }

  /// Keeps the weights as they are now until it is known whether they are the best.
  func keepCandidate(_ session: RunTrainer) {
    writer.write(session.checkpoint(), to: [folder.candidatePath], isAnnounced: false)
  }

  /// Makes the candidate the best checkpoint, or forgets it.
  func settleCandidate(isBest: Bool) throws {
    try writer.finish()
    if isBest {
      try folder.promoteCandidate()
    } else {
      folder.removeCandidate()
    }
  }

  /// Begins to save if the last checkpoint is old enough and none is being written.
  func saveIfDue(_ session: RunTrainer) throws {
    try writer.check()
    guard clock.now - lastSave >= Self.interval, !writer.isBusy else { return }
    write(session, to: [folder.checkpointPath])
  }

  /// Saves, and waits until the checkpoint is on the disk.
  func save(_ session: RunTrainer) throws {
    write(session, to: [folder.checkpointPath])
    try writer.finish()
  }

  /// Saves, and keeps the checkpoint under a name of its own as well; waits for the one before.
  func keep(_ session: RunTrainer) throws {
    if writer.isBusy { try writer.finish() }
    write(
      session, to: [folder.keptCheckpointPath(step: session.trainer.step), folder.checkpointPath])
  }

  /// Waits until every checkpoint is on the disk.
  func finish() throws { try writer.finish() }

  private func write(_ session: RunTrainer, to paths: [String]) {
    lastSave = clock.now
    writer.write(session.checkpoint(), to: paths)
  }
}

/// Writes checkpoints on a queue of its own, one after the other.
private final class CheckpointWriter: Sendable {
  private struct State {
    var waiting = 0
    var failure: FileError?
  }

  private let queue = DispatchQueue(label: "checkpoints")
  private let state = Mutex(State())
  private let saved: @Sendable (_ step: Int, _ path: String) -> Void

  init(saved: @escaping @Sendable (_ step: Int, _ path: String) -> Void) { self.saved = saved }

  /// Whether a checkpoint is not yet on the disk.
  var isBusy: Bool { state.withLock { $0.waiting > 0 } }

  func write(_ checkpoint: Checkpoint, to paths: [String], isAnnounced: Bool = true) {
    state.withLock { $0.waiting += 1 }
    queue.async { [self] in
      do throws(FileError) {
        for path in paths { try checkpoint.write(to: path) }
        if isAnnounced { saved(checkpoint.state.step, paths[0]) }
      } catch {
        state.withLock { $0.failure = error }
      }
      state.withLock { $0.waiting -= 1 }
    }
  }

  /// Waits for the disk.
  func finish() throws {
    queue.sync {}
    try check()
  }

  /// Throws what went wrong since it was asked last.
  func check() throws {
    let failure = state.withLock { state in
      defer { state.failure = nil }
      return state.failure
    }
    if let failure { throw failure }
  }
}
