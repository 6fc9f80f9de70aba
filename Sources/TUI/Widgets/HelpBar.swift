/// Keys and what they do.
public struct KeyHint: Hashable, Sendable {
  /// The keys, as they are written on keyboards.
  package var keys: String
  /// What they do, in a word or two.
  package var label: String

  /// Keys and what they do.
  public init(_ keys: String, _ label: String) {
    (self.keys, self.label) = (keys, label)
  }
}

/// The keys that work here in one line, as many as fit.
public struct HelpBar: Widget {
  /// The hints, the most important first.
  package var hints: [KeyHint]
  /// Hints that follow the others and stay where those do not all fit.
  package var last: [KeyHint]

  /// A bar that shows as many hints as fit, and always those of `last`.
  public init(_ hints: [KeyHint], last: [KeyHint] = []) {
    (self.hints, self.last) = (hints, last)
  }

  public func draw(in area: Rect, on surface: inout Surface, theme: Theme) {
    let row = area.row(0).inset(left: 1)
    guard !row.isEmpty else { return }
    let end = Self.text(last)
    let tail = end.isEmpty || end.columnCount > row.width ? 0 : end.columnCount + Self.gap
    var text = StyledText()
    for hint in hints {
      let next = StyledText.joined([text, Self.text([hint])], separator: Self.space)
      guard next.columnCount + tail <= row.width else { break }
      text = next
    }
    let line = tail > 0 ? StyledText.joined([text, end], separator: Self.space) : text
    surface.put(line, in: row, alignment: .left, ink: .dim, theme: theme)
  }

  private static let gap = 3
  private static let space = StyledText(String(repeating: " ", count: gap))

  private static func text(_ hints: [KeyHint]) -> StyledText {
    .joined(
      hints.map { StyledText($0.keys, .text, bold: true) + StyledText(" " + $0.label) },
      separator: space)
  }
}
