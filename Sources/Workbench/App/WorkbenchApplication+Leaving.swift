import Diffusion
import TUI

/// What the program was started with, while the user decides about an interrupted run.
struct PostponedStart: Sendable {
  var run: InterruptedRun
  var subject: Workload?
  var recipe: Recipe
}

/// Leaving, and resuming where an earlier session ended.
extension WorkbenchApplication {
  /// Asks whether to resume an interrupted run, before anything else begins.
  mutating func offer(_ run: InterruptedRun, insteadOf subject: Workload?, _ recipe: Recipe) {
    postponed = PostponedStart(run: run, subject: subject, recipe: recipe)
    overlay = .offer
  }

  /// Takes the answer.
  mutating func answerOffer(resumes: Bool) -> [Effect] {
    guard let postponed else { return [] }
    self.postponed = nil
    overlay = nil
    let folder = postponed.run.summary.folder
    if resumes { return [.open(.resume(folder))] }
    session.note("\(folder.path) is left as it is; open it on the Runs screen (4)")
    return [.forgetInterruption(folder)]
      + (postponed.subject.map { begin($0, postponed.recipe) } ?? [])
  }

  /// What the question says, line by line.
  var offerLines: [StyledText] {
    guard let postponed else { return [] }
    let run = postponed.run
    let total = run.summary.totalSteps.map { " of \(Numbers.grouped($0))" } ?? ""
    let reached = run.summary.step ?? run.savedStep
    let when = run.summary.lastModified.isEmpty ? "" : " (\(run.summary.lastModified))"
    let saved = "It was saved at step \(Numbers.grouped(run.savedStep))\(total)"
    let lost = reached - run.savedStep
    let instead = postponed.subject == nil ? "not now" : "start \(postponed.recipe.name) instead"
    return [
      StyledText("\(Wording.escaped(run.summary.folder.path)) was interrupted\(when)."),
      StyledText(
        saved
          + (lost > 0 ? "; the \(Numbers.grouped(lost)) steps after that will be repeated." : ".")),
      "",
      StyledText("enter", .accent, bold: true) + " resume    "
        + StyledText("esc", .accent, bold: true) + StyledText(" \(instead)"),
    ]
  }

  /// Leaves at once where nothing can be lost; asks first while training runs.
  mutating func leave() -> [Effect] {
    if canLeave { return [.quit] }
    switch session.phase {
    case .training, .preparing:
      // Nobody could read the question in a window that is too small.
      guard size.fits(PageLayout.smallest) || size == .zero else { break }
      overlay = .quitting
      return []
    case .paused, .finished, .diverged, .stopped, .idle: break
    }
    isLeaving = true
    return [.stopAndQuit]
  }

  /// Asks what to do about a run that cannot be saved; where a signal ends the program, nobody can answer.
  mutating func stay(_ sentence: String) -> [Effect] {
    if endSignal != nil {
      lastProblem = sentence
      return [.training(.abandon)]
    }
    guard isLeaving else {
      if case .unsaved = overlay { overlay = .unsaved(sentence) }
      return []
    }
    isLeaving = false
    if case .unsaved = overlay {} else { prepareLine(session.facts?.folder ?? "") }
    overlay = .unsaved(sentence)
    return [.stay]
  }

  /// A key while the program asks where to save.
  mutating func answerUnsaved(_ key: Key) -> [Effect] {
    switch key {
    case .enter:
      isLeaving = true
      overlay = nil
      return [.training(.stopIn(line.text))]
    case .control("d"):
      isLeaving = true
      overlay = nil
      return [.training(.abandon)]
    case .escape, .control("c"):
      overlay = nil
      return [.training(.pause)]
    default:
      edit(key)
      return []
    }
  }

  var canLeave: Bool {
    (session.phase == .stopped || session.phase == .idle) && endingRuns == 0
  }

  /// What the shell shows when the screens are gone: where the run is and how it goes on.
  var lastWords: [String] {
    guard endSignal != .hangup, let facts = session.facts, facts.dataset != nil,
      let folder = facts.folder
    else { return [] }
    let path = Self.quoted(folder)
    let step = session.savedStep ?? facts.completedSteps
    let total = Numbers.grouped(facts.totalSteps)
    if step >= facts.totalSteps {
      return ["\(path): all \(total) steps are done; open it with workbench \(path)"]
    }
    return [
      "\(path): saved at step \(Numbers.grouped(step)) of \(total)",
      "resume it with workbench --resume \(path), or open it paused with workbench \(path)",
    ]
  }

  /// A path as a shell takes it.
  private static func quoted(_ path: String) -> String {
    let isPlain = path.allSatisfy {
      $0.isASCII && ($0.isLetter || $0.isNumber || "/._-+".contains($0))
    }
    return isPlain
      ? path
      : "'"
        + Wording.escaped(path).split(separator: "'", omittingEmptySubsequences: false)
        .joined(separator: "'\\''") + "'"
  }
}
