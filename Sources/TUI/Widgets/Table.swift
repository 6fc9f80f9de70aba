/// Rows of texts in columns as wide as their contents, with one row selected.
public struct Table: Widget {
  /// A column of the table.
  public struct Column: Hashable, Sendable {
    /// What is written at its top.
    package var title: String
    /// Where its cells are aligned.
    package var alignment: Alignment

    /// A column with its title.
    public init(_ title: String, alignment: Alignment = .left) {
      (self.title, self.alignment) = (title, alignment)
    }
  }

  /// The columns from left to right.
  package var columns: [Column]
  /// How many rows there are.
  package let count: Int
  /// The cells of a row, as many as there are columns; asked for those that are seen.
  private let row: (Int) -> [StyledText]
  /// The widths of the widest cells, or nil to look for them.
  private let widest: [Int]?
  /// The marked row; nil for none.
  package var selected: Int?
  /// What is shown where there are no rows.
  package var placeholder: StyledText

  /// A table whose columns are as wide as their widest cells.
  public init(
    _ columns: [Column], rows: [[StyledText]], selected: Int? = nil, placeholder: StyledText = ""
  ) {
    (self.columns, count, row, widest) = (columns, rows.count, { rows[$0] }, nil)
    (self.selected, self.placeholder) = (selected, placeholder)
  }

  /// A table of many rows, of which only those in sight are made; `widest` are the widths of the widest
  /// cells.
  package init(
    _ columns: [Column], count: Int, widest: [Int], selected: Int? = nil,
    placeholder: StyledText = "", row: @escaping (Int) -> [StyledText]
  ) {
    (self.columns, self.count, self.row, self.widest) = (columns, count, row, widest)
    (self.selected, self.placeholder) = (selected, placeholder)
  }

  public func draw(in area: Rect, on surface: inout Surface, theme: Theme) {
    guard !area.isEmpty else { return }
    let widths = widths(in: area.width - 2)
    surface.clipped(to: area) { surface in
      drawRow(
        columns.map { StyledText($0.title) }, widths, x: area.x + 2, y: area.y, ink: .dim,
        on: &surface, theme: theme)
      let body = area.inset(top: 1)
      if count == 0 {
        Text.placeholder(placeholder).draw(in: body, on: &surface, theme: theme)
      }
      let first = Scrolling.first(showing: selected, count: count, visible: body.height)
      for offset in 0..<min(body.height, count - first) {
        let isSelected = first + offset == selected
        if isSelected {
          surface.put(
            "▸", x: area.x, y: body.y + offset, style: Ink.accent.style(in: theme).bold)
        }
        drawRow(
          row(first + offset), widths, x: area.x + 2, y: body.y + offset,
          ink: isSelected ? .accent : .text,
          on: &surface, theme: theme)
      }
      Scrolling.drawMarks(first: first, count: count, in: body, on: &surface, theme: theme)
    }
  }

  /// The index of the table row at a row of the terminal, as for a mouse.
  public func row(atY y: Int, in area: Rect) -> Int? {
    let body = area.inset(top: 1)
    guard y >= body.y, y < body.maxY else { return nil }
    let first = Scrolling.first(showing: selected, count: count, visible: body.height)
    let index = first + y - body.y
    return index < count ? index : nil
  }

  private func drawRow(
    _ texts: [StyledText], _ widths: [Int], x: Int, y: Int, ink: Ink, on surface: inout Surface,
    theme: Theme
  ) {
    var column = x
    for (index, (text, width)) in zip(texts, widths).enumerated() {
      let field = Rect(x: column, y: y, width: width, height: 1)
      surface.put(
        text, in: field, alignment: columns[index].alignment, ink: ink, theme: theme)
      column += width + 2
    }
  }

  /// The widths of the columns, the widest cut where they do not all fit.
  private func widths(in room: Int) -> [Int] {
    var widths = columns.map(\.title.columnCount)
    if let widest {
      for (index, width) in zip(widths.indices, widest) {
        widths[index] = max(widths[index], width)
      }
    } else {
      for cells in (0..<count).map(row) {
        for (index, cell) in zip(widths.indices, cells) {
          widths[index] = max(widths[index], cell.columnCount)
        }
      }
    }
    var excess = widths.reduce(0, +) + 2 * (columns.count - 1) - room
    while excess > 0, let widest = widths.max(), widest > 1,
      let index = widths.firstIndex(of: widest)
    {
      widths[index] -= 1
      excess -= 1
    }
    return widths
  }
}
