/// Lines of text, wrapped between words where they do not fit.
public struct Text: Widget {
  /// The lines before they are wrapped.
  package var lines: [StyledText]
  /// The colour of parts without their own ink.
  package var ink: Ink
  /// Where lines are aligned.
  package var alignment: Alignment
  /// Whether the text is in the middle of its height, as messages in empty panels do.
  package var isCentered: Bool

  /// Lines that are wrapped where they do not fit; `centered` from top to bottom as well.
  public init(
    _ lines: [StyledText], ink: Ink = .text, alignment: Alignment = .left, centered: Bool = false
  ) {
    (self.lines, self.ink, self.alignment, self.isCentered) = (lines, ink, alignment, centered)
  }

  /// A line that is wrapped where it does not fit; `centered` from top to bottom as well.
  public init(
    _ text: StyledText, ink: Ink = .text, alignment: Alignment = .left, centered: Bool = false
  ) {
    self.init([text], ink: ink, alignment: alignment, centered: centered)
  }

  /// The text of an empty panel: dim and centred.
  public static func placeholder(_ text: StyledText) -> Text {
    Text(text, ink: .dim, alignment: .center, centered: true)
  }

  /// The lines as they come out at a width.
  package func wrapped(to width: Int) -> [StyledText] {
    lines.flatMap { Self.wrap($0, to: width) }
  }

  public func draw(in area: Rect, on surface: inout Surface, theme: Theme) {
    guard !area.isEmpty else { return }
    let lines = wrapped(to: area.width)
    var shown = Array(lines.prefix(area.height))
    if lines.count > shown.count, let last = shown.last {
      // What follows does not fit.
      shown[shown.count - 1] = last.cut(to: area.width - 1) + "…"
    }
    let top = isCentered ? (area.height - shown.count) / 2 : 0
    surface.clipped(to: area) { surface in
      for (index, line) in shown.enumerated() {
        surface.put(
          line, in: area.row(top + index), alignment: alignment, ink: ink, theme: theme)
      }
    }
  }

  private static func wrap(_ line: StyledText, to width: Int) -> [StyledText] {
    guard width > 0 else { return [] }
    guard line.columnCount > width else { return [line] }
    var rows: [StyledText] = []
    var row = StyledText()
    var used = 0
    for word in words(of: line) {
      let count = word.text.columnCount
      let isSpace = word.text.first == " "
      if used + count > width, used > 0 {
        rows.append(row)
        (row, used) = (StyledText(), 0)
      }
      if used == 0, isSpace, !rows.isEmpty { continue }
      var rest = word
      while rest.text.columnCount > width {
        rows.append(
          StyledText([.init(String(rest.text.prefix(width)), rest.ink, bold: rest.isBold)]))
        rest.text = String(rest.text.dropFirst(width))
      }
      row.runs.append(rest)
      used += rest.text.columnCount
    }
    if !row.isEmpty { rows.append(row) }
    return rows
  }

  /// Words and the spaces between them, each in its ink.
  private static func words(of line: StyledText) -> [StyledText.Run] {
    line.runs.flatMap { run in
      var words: [StyledText.Run] = []
      for character in run.text {
        if let last = words.last?.text.last, (last == " ") == (character == " ") {
          words[words.count - 1].text.append(character)
        } else {
          words.append(.init(String(character), run.ink, bold: run.isBold))
        }
      }
      return words
    }
  }
}
