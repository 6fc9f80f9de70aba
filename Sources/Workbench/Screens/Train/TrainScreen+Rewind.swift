import Diffusion
import TUI

/// The checkpoints of the run behind the screens, read in the background.
struct KeptCheckpoints: Sendable {
  var folder: RunFolder
  var checkpoints: [KeptCheckpoint]

  init(_ folder: RunFolder, _ checkpoints: [KeptCheckpoint]) {
    (self.folder, self.checkpoints) = (folder, checkpoints)
  }

  init(reading folder: RunFolder) { self.init(folder, folder.keptCheckpoints()) }
}

/// Undoing training: going back to a checkpoint, as a run of its own.
extension TrainScreen {
  func listCheckpoints(_ session: inout Session) -> [Effect] {
    guard let path = session.facts?.folder, session.facts?.dataset != nil else {
      session.note("there is no training to go back in")
      return []
    }
    let folder = RunFolder(path: path)
    return [.compute(screen: Self.title) { KeptCheckpoints(reading: folder) }]
  }

  func choose(among kept: KeptCheckpoints, _ session: inout Session) -> [Effect] {
    guard session.facts?.folder == kept.folder.path else { return [] }
    guard !kept.checkpoints.isEmpty else {
      session.note(
        "no checkpoint is kept yet – \(session.label(of: .keepCheckpoint, usually: "w")) keeps one")
      return []
    }
    let items = kept.checkpoints.map { checkpoint in
      Choices.Item(
        name: "step \(Numbers.grouped(checkpoint.step)) · \(checkpoint.reason)",
        detail: loss(atStep: checkpoint.step).map { "loss \(Numbers.compact($0))" } ?? "",
        action: .open(.rewind(kept.folder, to: checkpoint)))
    }
    return [
      .choose(
        Choices(
          title: "go back to which checkpoint?", items: items,
          foot: "enter start a new run from it · the current run is kept · esc close"))
    ]
  }

  /// The smoothed loss at a step, where it was measured.
  private func loss(atStep step: Int) -> Double? {
    guard let index = history.points.lastIndex(where: { $0.step <= step }) else { return nil }
    let losses = history.smoothedLosses(weight: smoothing)
    return losses.indices.contains(index) ? losses[index] : nil
  }
}
