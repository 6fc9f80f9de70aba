import Diffusion
import Platform

/// A file that is in a run's folder while it is trained, and locked as long as the process lives.
///
/// One that is there without its lock was left behind by a crash, a dropped connection or a signal.
final class RunMark {
  private static let name = "training"
  private let folder: RunFolder
  private let descriptor: Int32

  /// Marks a folder; nil where that cannot be written, which harms nothing.
  init?(in folder: RunFolder) {
    self.folder = folder
    descriptor = openFile(Self.path(in: folder), O_CREAT | O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    _ = flock(descriptor, LOCK_EX | LOCK_NB)
  }

  deinit { close(descriptor) }

  /// The run has come to an end that somebody wanted.
  func remove() { Self.remove(from: folder) }

  static func remove(from folder: RunFolder) { unlink(path(in: folder)) }

  private static func path(in folder: RunFolder) -> String { "\(folder.path)/\(name)" }

  /// Whether the run was interrupted: it is marked, but nobody trains it.
  static func isAbandoned(_ folder: RunFolder) -> Bool {
    let descriptor = openFile(path(in: folder), O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_EX | LOCK_NB) == 0
  }
}

private func openFile(_ path: String, _ flags: Int32) -> Int32 { open(path, flags, 0o644) }

/// A run that ended in the middle, by a crash, a signal or a connection that dropped.
struct InterruptedRun: Sendable {
  var summary: RunSummary
  /// The step that its checkpoint is of.
  var savedStep: Int
}

extension InterruptedRun {
  /// The newest run of a folder that was interrupted and can go on; nil where there is none.
  static func newest(in parent: String) -> InterruptedRun? {
    let runs = ResourceFolders.folders(in: parent).map { RunFolder(path: "\(parent)/\($0)") }
      .filter { RunMark.isAbandoned($0) }
      .map { RunSummary(reading: $0) }
      .filter { $0.hasCheckpoint && $0.problem == nil && !$0.isComplete }
    guard let run = runs.max(by: { RunSummary.isNewer($1, $0) }),
      let checkpoint = try? run.folder.checkpoint()
    else { return nil }
    return InterruptedRun(summary: run, savedStep: checkpoint.state.step)
  }
}
