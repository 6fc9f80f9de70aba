import Diffusion

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
  /// Whether the candidate is the best checkpoint, from when that is known until its file's name says so.
  private var verdict: Bool?
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

  /// Keeps the weights as they are now until it is known whether they are the best.
  func keepCandidate(_ session: RunTrainer) {
    writer.write(session.checkpoint(), as: [.candidate], in: folder)
  }

  /// Records how good the candidate is, and makes it the best checkpoint or forgets it.
  func settle(_ quality: QualityRecord, ofStep step: Int) throws {
    verdict = quality.isBest == true
    try add(StepRecord(step: step, quality: quality))
    try settle()
  }

  private func settle() throws {
    guard let isBest = verdict else { return }
    try finish()
    // In a folder that was made anew there is none.
    if isBest, folder.hasCandidate { try folder.promoteCandidate() }
    folder.removeCandidate()
    verdict = nil
  }

  /// Begins to save if the last checkpoint is old enough and none is being written.
  func saveIfDue(_ session: RunTrainer) throws {
    try check { try writer.check() }
    guard clock.now - lastSave >= Self.interval, !writer.isBusy else { return }
    write(session, as: [.newest])
  }

  /// Saves, and waits until the checkpoint is on the disk.
  func save(_ session: RunTrainer) throws {
    if !metrics.isInPlace || !waiting.isEmpty || writer.isOwing {
      try repair(session, saving: false)
    }
    write(session, as: [.newest])
    try finish()
  }

  /// Saves, and keeps the checkpoint under a name of its own as well; waits for the one before.
  func keep(_ session: RunTrainer) throws {
    // Whatever became of the one before, this one was asked for.
    defer { write(session, as: [.kept, .newest]) }
    if writer.isBusy { try finish() }
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
    try writer.writeOwed(in: folder)
    if saving {
      write(session, as: [.newest])
      try finish()
    }
    try settle()
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

  private func write(_ session: RunTrainer, as names: [CheckpointName]) {
    lastSave = clock.now
    writer.write(session.checkpoint(), as: names, in: folder)
  }
}
