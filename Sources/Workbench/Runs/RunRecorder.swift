import Diffusion
import Dispatch
import Synchronization

/// Writes what happens in a run into its folder: the recipe once, every step's metrics, and
/// checkpoints.
///
/// It lives on the run's queue. Checkpoints are copied there and written on a queue of their own, so
/// that training does not wait for the disk; each replaces the one before as a whole or not at all.
///
/// What cannot be written waits here until ``repair(_:)`` succeeds.
final class RunRecorder {
  private(set) var folder: RunFolder
  /// What had been measured before this process; empty for a new run.
  let history: [StepRecord]
  private let metrics: JSONLines.Writer<StepRecord>
  private var lock: RunLock
  /// Records that are not in the file yet, oldest first.
  private var waiting: [StepRecord] = []
  /// Whether a checkpoint could not be written.
  private var lacksCheckpoint = false
  private let clock = ContinuousClock()
  private var lastSave: ContinuousClock.Instant
  private let writer: CheckpointWriter

  /// The time between two automatic checkpoints.
  static let interval = Duration.seconds(30)

  /// Writes the recipe and opens the metrics; `saved` is called on another queue when a checkpoint is
  /// on the disk.
  init(
    _ folder: RunFolder, for session: RunTrainer, keepingUpTo firstStep: Int, lock: RunLock? = nil,
    saved: @escaping @Sendable (_ step: Int, _ path: String) -> Void
  ) throws {
    self.folder = folder
    self.lock = try lock ?? RunLock(folder)
    writer = CheckpointWriter(saved: saved)
    AtomicFile.removeLeftovers(in: folder.path)
    try Self.write(session.recipe, into: folder)
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

  private static func write(_ recipe: Recipe, into folder: RunFolder) throws(FileError) {
    try AtomicFile.replace(folder.recipePath, with: Array(recipe.text.utf8))
  }

  func record(_ report: StepReport) throws { try add(StepRecord(report)) }

  func record(change lines: [String], afterStep step: Int) throws {
    try add(StepRecord(step: step, change: lines.joined(separator: "\n")))
  }

  private func add(_ record: StepRecord) throws {
    waiting.append(record)
    guard metrics.isInPlace else { throw RunError.removed(folder.path) }
    try writeWaiting()
  }

  private func writeWaiting() throws {
    while let first = waiting.first {
      try metrics.append(first)
      waiting.removeFirst()
    }
  }

  func record(_ quality: QualityRecord, afterStep step: Int) throws {
    try add(StepRecord(step: step, quality: quality))
  }

  /// Keeps the weights as they are now until it is known whether they are the best.
  func keepCandidate(_ session: RunTrainer) {
    writer.write(
      session.checkpoint(), to: [folder.candidatePath], keeping: folder, isAnnounced: false)
  }

  /// Makes the candidate the best checkpoint, or forgets it.
  func settleCandidate(isBest: Bool) throws {
    try finish()
    if isBest {
      try folder.promoteCandidate()
    } else {
      folder.removeCandidate()
    }
  }

  /// Begins to save if the last checkpoint is old enough and none is being written.
  func saveIfDue(_ session: RunTrainer) throws {
    try check { try writer.check() }
    guard clock.now - lastSave >= Self.interval, !writer.isBusy else { return }
    write(session, to: [folder.checkpointPath])
  }

  /// Saves, and waits until the checkpoint is on the disk.
  func save(_ session: RunTrainer) throws {
    if !metrics.isInPlace || !waiting.isEmpty { try repair(session, saving: false) }
    write(session, to: [folder.checkpointPath])
    try finish()
  }

  /// Saves, and keeps the checkpoint under a name of its own as well; waits for the one before.
  func keep(_ session: RunTrainer) throws {
    if writer.isBusy { try finish() }
    write(
      session, to: [folder.keptCheckpointPath(step: session.trainer.step), folder.checkpointPath])
  }

  /// Waits until every checkpoint is on the disk.
  func finish() throws { try check { try writer.finish() } }

  /// Lets the next start see that the run was interrupted.
  func leaveLockBehind() { lock.staysBehind = true }

  /// Writes what could not be written before, into the folder as it is now.
  func repair(_ session: RunTrainer) throws { try repair(session, saving: lacksCheckpoint) }

  private func repair(_ session: RunTrainer, saving: Bool) throws {
    if !metrics.isInPlace {
      if !lock.isInPlace { lock = try RunLock(folder) }
      try Self.write(session.recipe, into: folder)
      try metrics.move(to: folder.metricsPath)
    }
    try writeWaiting()
    if saving {
      write(session, to: [folder.checkpointPath])
      try finish()
    }
  }

  /// Goes on in another folder, with everything measured so far, and saves there; where that fails, the run
  /// stays where it is.
  func move(to other: RunFolder, _ session: RunTrainer) throws {
    if other == folder || (other.place != nil && other.place == folder.place) {
      _ = try RunFolder.create(at: other.path)
      return try save(session)
    }
    guard !other.hasCheckpoint else { throw RunError.failed("\(other.path): already has a run") }
    let new = try RunFolder.create(at: other.path)
    let newLock = try RunLock(new)
    try Self.write(session.recipe, into: new)
    try metrics.move(to: new.metricsPath)
    let before = (folder: folder, lock: lock)
    (folder, lock) = (new, newLock)
    do {
      try save(session)
    } catch {
      (folder, lock) = before
      try? metrics.move(to: before.folder.metricsPath)
      throw error
    }
  }

  private func check(_ body: () throws -> Void) throws {
    do {
      try body()
      lacksCheckpoint = writer.isBusy && lacksCheckpoint
    } catch {
      lacksCheckpoint = true
      throw error
    }
  }

  private func write(_ session: RunTrainer, to paths: [String]) {
    lastSave = clock.now
    writer.write(session.checkpoint(), to: paths, keeping: folder)
  }
}

/// Writes checkpoints on a queue of its own, one after the other.
private final class CheckpointWriter: Sendable {
  private struct State {
    var waiting = 0
    var failure: (any Error)?
  }

  private let queue = DispatchQueue(label: "checkpoints")
  private let state = Mutex(State())
  private let saved: @Sendable (_ step: Int, _ path: String) -> Void

  init(saved: @escaping @Sendable (_ step: Int, _ path: String) -> Void) { self.saved = saved }

  /// Whether a checkpoint is not yet on the disk.
  var isBusy: Bool { state.withLock { $0.waiting > 0 } }

  /// Writes a checkpoint, unless no run could go on from it; the newest one of `folder` stays as the
  /// previous one.
  func write(
    _ checkpoint: Checkpoint, to paths: [String], keeping folder: RunFolder,
    isAnnounced: Bool = true
  ) {
    state.withLock { $0.waiting += 1 }
    queue.async { [self] in
      do {
        if let tensor = try checkpoint.firstNotFinite() {
          throw RunError.notFinite(tensor, step: checkpoint.state.step)
        }
        for path in paths {
          if path == folder.checkpointPath { AtomicFile.keep(path, as: folder.previousPath) }
          try checkpoint.write(to: path)
        }
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

  /// Throws what went wrong since the last call.
  func check() throws {
    let failure = state.withLock { state in
      defer { state.failure = nil }
      return state.failure
    }
    if let failure { throw failure }
  }
}
