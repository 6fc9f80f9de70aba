import Diffusion
import Dispatch
import Synchronization

/// What a checkpoint is called in its run's folder.
enum CheckpointName: Sendable {
  /// The one that a run goes on from; the one before it stays as the previous one.
  case newest
  /// A name of its own, which later ones do not take.
  case kept
  /// That of one whose samples are being judged.
  case candidate

  func path(in folder: RunFolder, step: Int) -> String {
    switch self {
    case .newest: folder.checkpointPath
    case .kept: folder.keptCheckpointPath(step: step)
    case .candidate: folder.candidatePath
    }
  }
}

/// Writes checkpoints on a queue of its own, one after the other.
///
/// Any later checkpoint can be the newest. One that was to have another name waits here where it could not
/// be written, until ``writeOwed(in:)``.
final class CheckpointWriter: Sendable {
  private struct Job {
    var checkpoint: Checkpoint
    var name: CheckpointName
  }

  private struct State {
    var waiting = 0
    var failure: (any Error)?
    var owed: [Job] = []
  }

  private let queue = DispatchQueue(label: "checkpoints")
  private let state = Mutex(State())
  private let saved: @Sendable (_ step: Int, _ path: String) -> Void

  /// `saved` is called on another queue when a checkpoint that somebody waits for is on the disk.
  init(saved: @escaping @Sendable (_ step: Int, _ path: String) -> Void) { self.saved = saved }

  /// Whether a checkpoint is not yet on the disk.
  var isBusy: Bool { state.withLock { $0.waiting > 0 } }

  /// Whether one could not be written that no later one replaces.
  var isOwing: Bool { state.withLock { !$0.owed.isEmpty } }

  /// Writes a checkpoint under some names, unless no run could go on from it.
  func write(_ checkpoint: Checkpoint, as names: [CheckpointName], in folder: RunFolder) {
    state.withLock { $0.waiting += 1 }
    queue.async { [self] in
      var left = names
      do {
        if let tensor = try checkpoint.firstNotFinite() {
          // No patience helps.
          left = []
          throw RunError.notFinite(tensor, step: checkpoint.state.step)
        }
        while let name = left.first {
          try Self.write(checkpoint, as: name, in: folder)
          left.removeFirst()
        }
        announce(checkpoint, as: names[0], in: folder)
      } catch {
        let jobs = left.filter { $0 != .newest }.map { Job(checkpoint: checkpoint, name: $0) }
        state.withLock { state in
          state.failure = error
          state.owed += jobs
        }
      }
      state.withLock { $0.waiting -= 1 }
    }
  }

  /// Writes what could not be written before, each under the name it was to have.
  func writeOwed(in folder: RunFolder) throws {
    try queue.sync {
      while let job = state.withLock({ $0.owed.first }) {
        try Self.write(job.checkpoint, as: job.name, in: folder)
        _ = state.withLock { $0.owed.removeFirst() }
        announce(job.checkpoint, as: job.name, in: folder)
      }
    }
  }

  private static func write(
    _ checkpoint: Checkpoint, as name: CheckpointName, in folder: RunFolder
  ) throws {
    let path = name.path(in: folder, step: checkpoint.state.step)
    if name == .newest { AtomicFile.keep(path, as: folder.previousPath) }
    try checkpoint.write(to: path)
  }

  private func announce(_ checkpoint: Checkpoint, as name: CheckpointName, in folder: RunFolder) {
    guard name != .candidate else { return }
    let step = checkpoint.state.step
    saved(step, name.path(in: folder, step: step))
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
