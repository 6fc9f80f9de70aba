/// The names of screens in a row, with the current one marked.
public struct Tabs: Widget {
  /// The titles from left to right.
  package var titles: [String]
  /// The index of the chosen one.
  package var selected: Int
  /// Columns between the blanks around two names.
  private let gap: Int

  /// Tabs, of which one is selected, with `gap` columns between the blanks around two names; −1 lets two
  /// names share a blank.
  public init(_ titles: [String], selected: Int, gap: Int = 2) {
    (self.titles, self.selected, self.gap) = (titles, selected, max(gap, -1))
  }

  /// The columns that all names take.
  package var width: Int {
    frames(in: Rect(x: 0, y: 0, width: .max / 2, height: 1)).last?.maxX ?? 0
  }

  /// The tab at a column of the terminal, as for a mouse.
  public func index(atColumn column: Int, in area: Rect) -> Int? {
    guard column < area.maxX else { return nil }
    return frames(in: area).firstIndex { $0.contains(x: column, y: area.y) }
  }

  private func frames(in area: Rect) -> [Rect] {
    var x = area.x
    return titles.map { title in
      let frame = Rect(x: x, y: area.y, width: title.columnCount + 2, height: 1)
      x = frame.maxX + gap
      return frame
    }
  }

  public func draw(in area: Rect, on surface: inout Surface, theme: Theme) {
    guard !area.isEmpty else { return }
    surface.clipped(to: area.row(0)) { surface in
      for (index, frame) in frames(in: area).enumerated() {
        let title = titles[index]
        if index == selected {
          let style = Ink.accent.style(in: theme).bold
          surface.put("▸", x: frame.x, y: area.y, style: style)
          surface.put(title, x: frame.x + 1, y: area.y, style: style.underline)
        } else {
          surface.put(title, x: frame.x + 1, y: area.y, style: Ink.dim.style(in: theme))
        }
      }
    }
  }
}
