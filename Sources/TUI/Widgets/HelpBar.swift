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

/// One line of the keys that work here, as many as fit.
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
    surface.put(
      .joined(shown(in: row.width).map { Self.text([$0]) }, separator: Self.space), in: row,
      alignment: .left, ink: .dim, theme: theme)
  }

  /// The hint at a column of the terminal, as for a mouse.
  public func hint(atColumn column: Int, in area: Rect) -> KeyHint? {
    let row = area.row(0).inset(left: 1)
    var x = row.x
    for hint in shown(in: row.width) {
      let width = Self.text([hint]).columnCount
      if column >= x, column < x + width { return hint }
      x += width + Self.gap
    }
    return nil
  }

  /// The hints that fit into so many columns.
  private func shown(in width: Int) -> [KeyHint] {
    let end = Self.text(last)
    let tail = end.isEmpty || end.columnCount > width ? 0 : end.columnCount + Self.gap
    var used = 0
    var shown: [KeyHint] = []
    for hint in hints {
      let next = used + (used > 0 ? Self.gap : 0) + Self.text([hint]).columnCount
      guard next + tail <= width else { break }
      shown.append(hint)
      used = next
    }
    return tail > 0 ? shown + last : shown
  }

  private static let gap = 3
  private static let space = StyledText(String(repeating: " ", count: gap))

  private static func text(_ hints: [KeyHint]) -> StyledText {
    .joined(
      hints.map { StyledText($0.keys, .text, bold: true) + StyledText(" " + $0.label) },
      separator: space)
  }
}
