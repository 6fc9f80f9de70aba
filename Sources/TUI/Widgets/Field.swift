/// A named value that keys can change: `learning rate ‹ 2.0e-3 ›  live`.
public struct Field: Widget {
  /// What a change does.
  public enum Tag: String, Hashable, Sendable {
    /// It acts at once.
    case live
    /// It needs a new run.
    case restart
  }

  /// What the value is.
  package var label: String
  /// The value as text.
  package var value: String
  /// The value's unit; empty for none.
  package var unit: String
  /// Columns for the value, right-aligned; a longer value is cut.
  package var valueWidth: Int
  /// Columns for the label, or nil for as many as it has.
  package var labelWidth: Int?
  /// A mark after the value; nil for none.
  package var tag: Tag?
  /// The keys that change the value, shown while focused.
  package var keys: String
  /// Whether keys act on it.
  package var isFocused: Bool
  /// Whether keys can change the value; if not, it is shown without its marks.
  package var isAdjustable: Bool
  /// The text being typed in place of the value.
  package var editing: TextField?
  /// Why what was typed is not a value.
  package var problem: String

  /// A line of a form; without `labelWidth` the label has as many columns as it needs.
  public init(
    _ label: String, value: String, unit: String = "", valueWidth: Int = 8, labelWidth: Int? = nil,
    tag: Tag? = nil, keys: String = "", focused: Bool = false, adjustable: Bool = true,
    editing: TextField? = nil, problem: String = ""
  ) {
    (self.label, self.value, self.unit) = (label, value, unit)
    (self.valueWidth, self.labelWidth) = (valueWidth, labelWidth)
    (self.tag, self.keys, self.isFocused) = (tag, keys, focused)
    (self.isAdjustable, self.editing, self.problem) = (adjustable, editing, problem)
  }

  /// The columns that the mark, the label and the value take, without unit, tag and keys.
  var coreWidth: Int { 2 + (labelWidth ?? label.columnCount) + 1 + valueWidth + 4 }

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
      put(isAdjustable ? " ‹ " : "   ", isFocused ? .accent : .border, bold: isFocused)
      if let editing {
        editing.draw(
          in: Rect(x: x, y: area.y, width: valueWidth, height: 1), on: &surface, theme: theme)
        x += valueWidth
      } else {
        put(
          value.fitted(to: valueWidth, alignment: .right), isFocused ? .accent : .text,
          bold: isFocused)
      }
      put(isAdjustable ? " ›" : "  ", isFocused ? .accent : .border, bold: isFocused)
      if !unit.isEmpty { put(" " + unit, .dim) }
      if !problem.isEmpty {
        put("  " + problem, .error)
        return
      }
      if let tag { put("  " + tag.rawValue, tag == .live ? .good : .warning) }
      if isFocused, !keys.isEmpty { put("  " + keys, .dim) }
    }
  }
}
