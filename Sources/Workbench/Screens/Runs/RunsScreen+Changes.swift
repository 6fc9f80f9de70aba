import Diffusion
import TUI

/// What became of a run that was to be renamed or deleted.
enum RunChange: Sendable {
  case renamed(RunFolder, to: RunFolder)
  case deleted(RunFolder)
  case failed(String)

  /// Does what is asked, away from the screens.
  init(_ change: () throws -> RunChange) {
    do {
      self = try change()
    } catch {
      self = .failed("\(error)")
    }
  }
}

/// Names and deletion of runs, but of the one behind the screens and of those that others write.
extension RunsScreen {
  /// Why a run may not be changed, as a sentence; nil where it may.
  private func refusal(_ run: RunSummary, _ session: Session) -> String? {
    if isOpen(run, session) {
      return
        "\(Wording.escaped(run.folder.path)) is the run that is open; open or start another one first"
    }
    return run.writer.map { "\(RunError.inUse(run.folder.path, process: $0))" }
  }

  /// Lets the user type another name for the selected run.
  mutating func rename(_ session: inout Session) -> [Effect] {
    guard let run else { return [] }
    if let refusal = refusal(run, session) { return [.message(refusal)] }
    focus.panel = .details
    return [.type(Self.nameKey(of: run))]
  }

  /// Gives the run whose name is typed, which is the selected one, another name.
  mutating func rename(
    _ key: String, to name: String, _ session: Session
  ) throws(FieldInputError) -> [Effect] {
    guard let run, key == Self.nameKey(of: run) else {
      throw FieldInputError("the run is no longer in the list")
    }
    let folder = run.folder
    if let problem = refusal(run, session) ?? RunFolder.problem(withName: name) {
      throw FieldInputError(problem)
    }
    if runs?.contains(where: { $0.name == name && $0.folder != folder }) == true {
      throw FieldInputError("there is already a run called \(Wording.quoted(name))")
    }
    focus.panel = .list
    if name == folder.name { return [] }
    return [
      .compute(screen: Self.title) {
        RunChange { .renamed(folder, to: try folder.changeName(to: name)) }
      }
    ]
  }

  /// Asks whether to delete the selected run; when that was answered, deletes it.
  func delete(_ session: inout Session) -> [Effect] {
    guard let run else { return [] }
    if let refusal = refusal(run, session) { return [.message(refusal)] }
    let steps = run.step.map { "\(Numbers.grouped($0)) steps" } ?? "no steps"
    return [
      .ask(
        Question(
          title: "delete \(Wording.escaped(run.name))?",
          text:
            "This deletes \(Wording.escaped(run.folder.path)) (\(steps)) with its checkpoints, metrics "
            + "and everything else in its folder, and cannot be undone.",
          answer: "delete it", action: .deleteRun(run.folder)))
    ]
  }

  /// Deletes a run, unless another one is open by now.
  mutating func delete(_ folder: RunFolder, _ session: inout Session) -> [Effect] {
    guard let run = runs?.first(where: { $0.folder == folder }), !isOpen(run, session) else {
      return []
    }
    return [
      .compute(screen: Self.title) {
        RunChange {
          try folder.delete()
          return .deleted(folder)
        }
      }
    ]
  }

  mutating func take(_ change: RunChange, _ session: inout Session) -> [Effect] {
    switch change {
    case .renamed(let old, let new):
      session.note("\(Wording.escaped(old.name)) renamed to \(Wording.escaped(new.name))")
      follow(old, to: new)
    case .deleted(let folder):
      session.note("\(Wording.escaped(folder.path)) is deleted")
      marked.removeAll { $0 == folder }
    case .failed(let sentence): return Self.readingFolder + [.message(sentence)]
    }
    return Self.readingFolder
  }
}
