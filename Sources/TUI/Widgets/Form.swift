/// Fields one below the other, with one of them focused.
public struct Form: Widget {
  /// The fields from the top.
  public var fields: [Field]
  /// The index of the field that keys act on; nil where the form has no focus.
  package var focus: Int?

  /// Fields in lines; `focus` is the index of the one that keys act on.
  public init(_ fields: [Field], focus: Int?) {
    (self.fields, self.focus) = (fields, focus)
  }

  /// The field at a row of the terminal, as for a mouse.
  public func field(atRow y: Int, in area: Rect) -> Int? {
    guard y >= area.y, y < area.maxY else { return nil }
    let index = firstField(in: area) + y - area.y
    return fields.indices.contains(index) ? index : nil
  }

  public func draw(in area: Rect, on surface: inout Surface, theme: Theme) {
    guard !area.isEmpty else { return }
    // The same columns for all fields, so that the values are aligned.
    let labelWidth = fields.map { $0.labelWidth ?? $0.label.columnCount }.max()
    let valueWidth = fields.map(\.valueWidth).max() ?? 0
    let first = firstField(in: area)
    surface.clipped(to: area) { surface in
      for (row, var field) in fields.dropFirst(first).prefix(area.height).enumerated() {
        field.labelWidth = labelWidth
        field.valueWidth = valueWidth
        field.isFocused = first + row == focus
        field.draw(in: area.row(row), on: &surface, theme: theme)
      }
      Scrolling.drawMarks(first: first, count: fields.count, in: area, on: &surface, theme: theme)
    }
  }

  private func firstField(in area: Rect) -> Int {
    let shown = focus.flatMap { fields.indices.contains($0) ? $0 : nil }
    return Scrolling.first(showing: shown, count: fields.count, visible: area.height)
  }
}
