import Diffusion
import TUI

/// What is on top of a screen.
extension WorkbenchApplication {
  func drawOverlay(_ area: Rect, _ surface: inout Surface) {
    switch overlay {
    case nil: break
    case .typing:
      if let field = screen.focusedField(session) { drawTyping(field, area, &surface) }
    case .settings(let form): drawSettings(form, area, &surface)
    case .log: logOverlay.draw(in: area, on: &surface, theme: theme)
    case .offer: drawMessage("interrupted run", offerLines, area, &surface)
    case .help: helpOverlay.draw(in: area, on: &surface, theme: theme)
    case .palette, .choosing: listOverlay?.draw(in: area, on: &surface, theme: theme)
    case .quitting:
      drawMessage(
        "quit?",
        [
          "Training is still running. The run will be saved before the program quits.", "",
          StyledText("enter", .accent, bold: true) + " save and quit    "
            + StyledText("esc", .accent, bold: true) + " stay",
        ],
        area, &surface)
    case .asking(let question):
      drawMessage(
        question.title,
        [
          StyledText(question.text), "",
          StyledText("y", .accent, bold: true) + StyledText(" \(question.answer)    ")
            + StyledText("esc", .accent, bold: true) + " cancel",
        ], area, &surface)
    case .unsaved(let reason): drawUnsaved(reason, area, &surface)
    case .enlarged: drawEnlarged(area, &surface)
    case .message(let text):
      drawMessage(
        "message", [StyledText(text), "", StyledText("enter", .accent, bold: true) + " close"],
        area, &surface)
    }
  }

  /// The table of keys, as the table that dispatches them has it.
  var helpOverlay: HelpOverlay {
    var groups: [HelpOverlay.Group] = []
    for binding in keys.bindings where binding.group != "Dialogs" {
      let hint = KeyHint(binding.label(in: world.symbols), binding.help)
      if let index = groups.firstIndex(where: { $0.title == binding.group }) {
        groups[index].hints.append(hint)
      } else {
        groups.append(HelpOverlay.Group(binding.group, [hint]))
      }
    }
    return HelpOverlay("keys", groups: groups, scroll: chosen)
  }

  /// The value that is typed, with what is allowed and what is wrong with it.
  func drawTyping(_ field: FieldValue, _ area: Rect, _ surface: inout Surface) {
    let width = min(64, area.width - 6)
    var lines = Text([StyledText("expected: \(field.allowed)", .dim)]).wrapped(to: width)
    if !lineProblem.isEmpty {
      let problem = Text([StyledText(lineProblem, .error)]).wrapped(to: width)
      // It may say by itself what is allowed.
      lines = lineProblem.hasSuffix("\(field.allowed)") ? problem : problem + lines
    }
    let popup = Popup(
      .init(field.label), content: Size(width, lines.count + 1), info: .init("now \(field.text)"),
      foot: "enter apply · esc cancel")
    popup.draw(in: area, on: &surface, theme: theme)
    let rows = popup.inner(in: area).rows(.fixed(1), .fraction(1))
    line.draw(in: rows[0], on: &surface, theme: theme)
    Text(lines).draw(in: rows[1], on: &surface, theme: theme)
  }

  private func drawMessage(
    _ title: String, _ lines: [StyledText], _ area: Rect, _ surface: inout Surface
  ) {
    let width = min(64, area.width - 6)
    let text = Text(lines.flatMap { Text([$0]).wrapped(to: width) })
    let popup = Popup(.init(title), content: Size(width, text.lines.count))
    popup.draw(in: area, on: &surface, theme: theme)
    text.draw(in: popup.inner(in: area), on: &surface, theme: theme)
  }

  /// The question where to save, with the line on which the answer is typed.
  private func drawUnsaved(_ reason: String, _ area: Rect, _ surface: inout Surface) {
    let width = min(64, area.width - 6)
    let text = Text(Text([StyledText("The run cannot be saved: \(reason)")]).wrapped(to: width))
    let popup = Popup(
      "where to save?", content: Size(width, text.lines.count + 2),
      foot: "enter save here and quit · ^D quit without saving · esc stay")
    popup.draw(in: area, on: &surface, theme: theme)
    let rows = popup.inner(in: area).rows(.fraction(1), .fixed(1))
    text.draw(in: rows[0], on: &surface, theme: theme)
    line.draw(in: rows[1], on: &surface, theme: theme)
  }

  private func drawEnlarged(_ area: Rect, _ surface: inout Surface) {
    guard let (frame, selected) = screen.samples else { return }
    let index = min(selected, frame.shape.batch - 1)
    let popup = Popup(
      "sample \(index + 1) of \(frame.shape.batch)",
      content: Size(area.width - 8, area.height - 2),
      info: .init(frame.measures.text(frame.level)),
      foot: "arrows other samples · < > frames · enter close")
    popup.draw(in: area, on: &surface, theme: theme)
    var sample = SelectedSample(index, of: frame, context)
    sample.trail = screen.trail
    sample.draw(in: popup.inner(in: area), &surface)
  }
}

// MARK: - Keys

extension WorkbenchApplication {
  /// Keys that mean something else while something is on top of the screen; nil where they do not.
  mutating func performInOverlay(_ action: Action) -> [Effect]? {
    switch (overlay, action) {
    case (.quitting, .enter):
      isLeaving = true
      overlay = nil
      return [.stopAndQuit]
    case (.offer, .enter): return answerOffer(resumes: true)
    case (.offer, .back): return answerOffer(resumes: false)
    case (.offer, .quit): return leave()
    case (.settings, .redraw), (.settings, .suspend): return nil
    case (.settings(let form), _): return perform(action, in: form)
    case (.asking(let question), .enter):
      overlay = nil
      return perform(question.action)
    case (.enlarged, .change(let steps)): screens[current].selectSample(by: steps)
    case (.enlarged, .frame), (.enlarged, .play): return screens[current].handle(action, &session)
    case (_, .back), (.help, .help), (.message, .enter), (.enlarged, .enter), (.quitting, .quit),
      (.help, .quit), (.message, .quit), (.enlarged, .quit):
      overlay = nil
    case (_, .redraw), (_, .suspend): return nil
    default: break
    }
    return []
  }

  /// Moves through a table of keys that is longer than the screen.
  mutating func scrollHelp(_ key: Key) -> Bool {
    let step: Int
    switch key {
    case .up: step = -1
    case .down: step = 1
    case .pageUp, .shiftUp: step = -10
    case .pageDown, .shiftDown, .character(" "): step = 10
    default: return false
    }
    chosen = min(max(0, chosen + step), helpOverlay.maximumScroll(in: layout.body))
    return true
  }
}
