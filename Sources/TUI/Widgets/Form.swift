/// Fields one below the other, in groups, with one of them focused.
public struct Form: Widget {
  /// A line of the form.
  public enum Row {
    /// A setting with its value.
    case field(Field)
    /// A title over the lines below it.
    case heading(String)
    /// A line of text.
    case note(StyledText)
  }

  /// The lines from the top.
  package var rows: [Row]
  /// The focused field, counted without headings and notes; nil where the form has no focus.
  package var focus: Int?

  /// Lines of all kinds; `focus` counts the fields among them, from 0.
  public init(_ rows: [Row], focus: Int?) {
    (self.rows, self.focus) = (rows, focus)
  }

  /// Fields only; `focus` is the index of the one that keys act on.
  public init(_ fields: [Field], focus: Int?) {
    self.init(fields.map(Row.field), focus: focus)
  }

  /// The field at a row of the terminal, as for a mouse.
  public func field(atRow y: Int, in area: Rect) -> Int? {
    guard y >= area.y, y < area.maxY else { return nil }
    let row = firstRow(in: area) + y - area.y
    guard rows.indices.contains(row), case .field = rows[row] else { return nil }
    return fieldRows.firstIndex(of: row)
  }

  public func draw(in area: Rect, on surface: inout Surface, theme: Theme) {
    guard !area.isEmpty else { return }
    let (labelWidth, valueWidth) = widths
    let first = firstRow(in: area)
    let focusedRow = focusedRow
    surface.clipped(to: area) { surface in
      for (offset, row) in rows.dropFirst(first).prefix(area.height).enumerated() {
        let place = area.row(offset)
        switch row {
        case .field(var field):
          field.labelWidth = labelWidth
          field.valueWidth = valueWidth
          field.isFocused = first + offset == focusedRow
          field.draw(in: place, on: &surface, theme: theme)
        case .heading(let title):
          surface.put(
            title, in: place.inset(left: 2), alignment: .left, style: Ink.text.style(in: theme).bold
          )
        case .note(let text):
          surface.put(
            text, in: place.inset(left: 2), alignment: .left, ink: .dim, theme: theme)
        }
      }
      Scrolling.drawMarks(first: first, count: rows.count, in: area, on: &surface, theme: theme)
    }
  }

  private var fieldRows: [Int] {
    rows.indices.filter { if case .field = rows[$0] { true } else { false } }
  }

  private var focusedRow: Int? {
    let fields = fieldRows
    return focus.flatMap { fields.indices.contains($0) ? fields[$0] : nil }
  }

  private func firstRow(in area: Rect) -> Int {
    Scrolling.first(showing: focusedRow, count: rows.count, visible: area.height)
  }

  /// The same columns for all fields, so that the values are aligned.
  private var widths: (label: Int, value: Int) {
    rows.reduce((0, 0)) { widths, row in
      guard case .field(let field) = row else { return widths }
      return (
        max(widths.0, field.labelWidth ?? field.label.columnCount), max(widths.1, field.valueWidth)
      )
    }
  }
}
