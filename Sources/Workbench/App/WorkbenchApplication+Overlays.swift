import Diffusion
import TUI

/// What is on top of a screen.
extension WorkbenchApplication {
  func drawOverlay(_ area: Rect, _ surface: inout Surface) {
    switch overlay {
    case nil, .typing: break
    case .help: helpOverlay.draw(in: area, on: &surface, theme: theme)
    case .palette: drawPalette(area, &surface)
    case .quitting:
      drawMessage(
        "quit?",
        [
          "Training is still running. The run will be saved before the program quits.", "",
          StyledText("enter", .accent, bold: true) + " save and quit    "
            + StyledText("esc", .accent, bold: true) + " stay",
        ],
        area, &surface)
    case .picture: drawEnlarged(area, &surface)
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
      let hint = KeyHint(binding.label, binding.help)
      if let index = groups.firstIndex(where: { $0.title == binding.group }) {
        groups[index].hints.append(hint)
      } else {
        groups.append(HelpOverlay.Group(binding.group, [hint]))
      }
    }
    return HelpOverlay("keys", groups: groups, scroll: chosen)
  }

  private func drawPalette(_ area: Rect, _ surface: inout Surface) {
    let entries = paletteEntries
    let width = min(64, area.width - 4)
    let height = min(14, area.height - 2)
    let popup = Popup("command", content: Size(width, height), foot: "enter run · esc close")
    popup.draw(in: area, on: &surface, theme: theme)
    let rows = popup.inner(in: area).rows(.fixed(1), .fraction(1))
    line.draw(in: rows[0], on: &surface, theme: theme)
    let first = max(0, min(chosen - rows[1].height + 1, entries.count - rows[1].height))
    for (place, entry) in entries.dropFirst(first).prefix(rows[1].height).enumerated() {
      let row = rows[1].row(place)
      let isChosen = first + place == chosen
      if isChosen { surface.fill(row, style: theme.style(.selection)) }
      let mark = isChosen ? "▸ " : "  "
      surface.put(
        StyledText(mark + entry.help, isChosen ? .accent : .text), x: row.x, y: row.y, ink: .text,
        theme: theme, maxWidth: row.width - 14)
      surface.put(
        entry.keys, in: Rect(x: row.maxX - 13, y: row.y, width: 13, height: 1), alignment: .right,
        style: theme.style(.dim).on(.keep))
    }
    if entries.isEmpty {
      Text.placeholder("no matching command").draw(in: rows[1], on: &surface, theme: theme)
    }
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

  private func drawEnlarged(_ area: Rect, _ surface: inout Surface) {
    guard let (frame, selected) = screen.samples else { return }
    let index = min(selected, frame.shape.batch - 1)
    let popup = Popup(
      "sample \(index + 1) of \(frame.shape.batch)",
      content: Size(area.width - 8, area.height - 2),
      info: "σ/α \(Numbers.short(frame.level.sigmaOverAlpha))",
      foot: "←→ other samples · enter close")
    popup.draw(in: area, on: &surface, theme: theme)
    let size = frame.shape.sampleCount
    SampleView(
      Array(frame.x[index * size..<(index + 1) * size]), shape: frame.shape.with(batch: 1),
      isNoisy: true, context
    ).draw(in: popup.inner(in: area), &surface)
  }
}
