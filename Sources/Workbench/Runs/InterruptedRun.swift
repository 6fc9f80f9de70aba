import Diffusion

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
      .filter { RunLock.isLeftBehind(in: $0) }
      .map { RunSummary(reading: $0) }
      .filter { $0.hasCheckpoint && $0.problem == nil && !$0.isComplete }
    guard let run = runs.max(by: { RunSummary.isNewer($1, $0) }),
      let checkpoint = try? run.folder.checkpoint()
    else { return nil }
    return InterruptedRun(summary: run, savedStep: checkpoint.state.step)
  }
}
