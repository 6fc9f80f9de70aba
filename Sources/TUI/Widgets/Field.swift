/// A named value that keys can change: `learning rate ‹ 2.0e-3 ›  live`.
public struct Field: Widget {
  /// What the value is.
  package var label: String
  /// The value as text.
  package var value: String
  /// Columns for the value, right-aligned; a longer value is cut.
  package var valueWidth: Int
  /// Columns for the label, or nil for as many as it has.
  package var labelWidth: Int?
  /// Whether a change takes effect at once, which is shown after the value.
  public var isLive: Bool
  /// Whether keys act on it.
  package var isFocused: Bool

  /// A line of a form; without `labelWidth` the label has as many columns as it needs.
  public init(
    _ label: String, value: String, valueWidth: Int = 8, labelWidth: Int? = nil,
    live: Bool = false, focused: Bool = false
  ) {
    (self.label, self.value, isLive, isFocused) = (label, value, live, focused)
    (self.valueWidth, self.labelWidth) = (valueWidth, labelWidth)
  }

  public func draw(in area: Rect, on surface: inout Surface, theme: Theme) {
    guard !area.isEmpty else { return }
    surface.clipped(to: area.row(0)) { surface in
      var x = area.x
      func put(_ text: String, _ ink: Ink, bold: Bool = false) {
        let style = ink.style(in: theme)
        x += surface.put(text, x: x, y: area.y, style: bold ? style.bold : style)
      }
      put(isFocused ? "▸ " : "  ", .accent, bold: true)
      // A label gives way so that the value stays in sight.
      let wanted = labelWidth ?? label.columnCount
      let room = area.width - 2 - 1 - valueWidth - 4
      put(label.fitted(to: max(0, min(wanted, room))), isFocused ? .text : .dim)
      put(" ‹ ", isFocused ? .accent : .border, bold: isFocused)
      put(
        value.fitted(to: valueWidth, alignment: .right), isFocused ? .accent : .text,
        bold: isFocused)
      put(" ›", isFocused ? .accent : .border, bold: isFocused)
      if isLive, x + 6 <= area.maxX { put("  live", .good) }
    }
  }
}
