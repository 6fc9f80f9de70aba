import Diffusion
import TUI

/// Lessons: a text beside the screens that waits for what it asks the reader to do.
extension WorkbenchApplication {
  /// The lessons to choose from.
  var lessonChoices: Choices {
    let left = leftLesson.map { left in
      Choices.Item(
        name: "Go on: \(left.lesson.title)",
        detail: "\(left.index + 1) / \(left.lesson.steps.count)",
        action: .resumeLesson)
    }
    return Choices(
      title: "lessons",
      items: (left.map { [$0] } ?? [])
        + world.lessons().map {
          Choices.Item(
            name: "\($0.title) – \($0.summary)", detail: "\($0.minutes) min",
            action: .startLesson($0.name))
        },
      foot: "enter start · esc close")
  }

  /// Starts the lesson with this name; its run is opened, and the present one saved.
  mutating func startLesson(_ name: String) -> [Effect] {
    do {
      return start(try world.lesson(name))
    } catch {
      return [.message("\(error)")]
    }
  }

  mutating func start(_ lesson: Lesson) -> [Effect] {
    progress = LessonProgress(lesson)
    leftLesson = nil
    guard let recipe = lesson.recipe else { return [] }
    session.note(
      "\(lesson.title): a new run of \(Wording.escaped(recipe.name)); the present one is saved")
    return [.open(.new(recipe, from: nil))]
  }

  /// Begins the present step of the lesson, or takes note of what has happened since.
  mutating func followLesson() -> [Effect] {
    guard var progress, !isOpening, overlay == nil else { return [] }
    var effects: [Effect] = []
    if !progress.hasBegun {
      if let title = progress.step.screen, title != screen.title { effects += show(title) }
      progress.begin(fact)
    }
    progress.look(fact)
    self.progress = progress
    return effects
  }

  /// The key that goes on: to the next step, or out of the lesson after the last.
  mutating func continueLesson() {
    guard var progress, overlay == nil else { return }
    if progress.isLast {
      leaveLesson()
    } else {
      progress.move(by: 1)
      self.progress = progress
    }
  }

  /// Goes on with the lesson that was left.
  mutating func resumeLesson() {
    (progress, leftLesson) = (leftLesson, nil)
  }

  /// Back to what was explained before.
  mutating func repeatLessonStep() {
    progress?.move(by: -1)
  }

  mutating func leaveLesson() {
    guard let left = progress else { return }
    session.note(left.isLast ? "lesson complete: \(left.lesson.title)" : "lesson left")
    leftLesson = left.isLast ? nil : left
    progress = nil
  }

  /// Whether the key that goes on is offered: a step that waits can be skipped with it, too.
  var lessonContexts: Set<KeyContext> {
    guard let progress, overlay == nil else { return [] }
    return progress.waitsForKey ? [.lesson, .reading] : [.lesson]
  }

  // MARK: Facts

  /// What a lesson can ask about: `step`, `phase`, `screen`, `parameters`, a value of the recipe such as `recipe.training.batch`, or a
  /// setting or another fact of a screen, such as `Denoise.sampler` and `Denoise.frame`.
  func fact(_ name: String) -> String? {
    switch name {
    case "screen": return screen.title
    case "phase": return session.phase.name
    case "step": return session.step.map { "\($0)" }
    case "parameters": return session.facts.map { "\($0.parameterCount)" }
    default:
      let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
      if parts.first == "recipe" { return parts.count == 2 ? recipeValue(parts[1]) : nil }
      guard parts.count == 2, let screen = screens.first(where: { $0.title == parts[0] })
      else { return nil }
      return screen.facts(session)[parts[1]] ?? screen.value(ofField: parts[1], session)
    }
  }

  /// The value of a recipe's key, such as `training.batch`, as forms show it.
  private func recipeValue(_ key: String) -> String? {
    guard let dot = key.firstIndex(of: ".") else { return nil }
    let section = RecipeSection.all.first { $0.name == key[..<dot] }
    return section?.texts(in: session.recipe)[String(key[key.index(after: dot)...])]
  }

  // MARK: Drawing

  func drawLesson(_ area: Rect, _ surface: inout Surface) {
    guard let progress else { return }
    let lesson = progress.lesson
    let panel = TUI.Panel(
      StyledText(lesson.title), info: "\(progress.index + 1) / \(lesson.steps.count)",
      foot: "esc leave")
    panel.draw(in: area, on: &surface, theme: theme)
    let inner = TUI.Panel.inner(area).inset(columns: 1)
    let task = lessonTask(progress)
    let taskLines = Text(unseenClaims(progress) + [task]).wrapped(to: inner.width)
    let rows = inner.rows(.fraction(1), .fixed(min(taskLines.count, inner.height)))
    let paragraphs = progress.step.text.split(separator: "\n", omittingEmptySubsequences: false)
    Text(paragraphs.map { StyledText(String($0)) }).draw(in: rows[0], on: &surface, theme: theme)
    Text(taskLines).draw(in: rows[1], on: &surface, theme: theme)
  }

  /// What the text says is seen, but is not in this run.
  private func unseenClaims(_ progress: LessonProgress) -> [StyledText] {
    (progress.unseen?.terms ?? []).compactMap { term in
      guard case .comparison(let name, let relation, let value) = term, let fact = fact(name),
        !relation.holds(fact, value)
      else { return nil }
      return StyledText(
        "≠ not so here: \(name) is \(LessonCondition.shortened(fact)), expected \(relation.rawValue) \(value)",
        .warning)
    }
  }

  /// What the reader is to do.
  private func lessonTask(_ progress: LessonProgress) -> StyledText {
    if isOpening { return StyledText("opening the run…", .dim) }
    if progress.waitsForKey {
      return StyledText(progress.step.wait == nil ? "" : "✓ ", .good)
        + StyledText("enter", .accent, bold: true)
        + StyledText(progress.isLast ? " end the lesson" : " go on")
    }
    return StyledText("▸ ", .accent, bold: true) + StyledText(progress.step.task ?? "wait", .accent)
  }
}

extension Screen {
  /// The text of a setting that one of its forms shows.
  fileprivate func value(ofField key: String, _ session: Session) -> String? {
    panels.lazy.flatMap { fields(of: $0, session) }.first { $0.key == key }?.text
  }
}

extension RunPhase {
  /// What lessons call it.
  fileprivate var name: String {
    switch self {
    case .idle: "idle"
    case .preparing: "preparing"
    case .training: "training"
    case .paused: "paused"
    case .diverged: "diverged"
    case .finished: "complete"
    case .stopped: "stopped"
    }
  }
}
