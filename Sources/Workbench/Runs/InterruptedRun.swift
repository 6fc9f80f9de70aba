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
      .filter { $0.hasCheckpoint && $0.problem == nil }
    for run in runs.sorted(by: RunSummary.isNewer) {
      // What was measured may go further than what was saved, which alone counts.
      guard let step = try? run.folder.checkpoint().state.step, step < run.totalSteps ?? .max
      else { continue }
      return InterruptedRun(summary: run, savedStep: step)
    }
    return nil
  }
}
