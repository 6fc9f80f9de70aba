/// Which rows of a list are seen, as a function of the one that must be.
enum Scrolling {
  /// The first of `visible` rows out of `count`, with `focus` near the middle.
  static func first(showing focus: Int?, count: Int, visible: Int) -> Int {
    max(0, min((focus ?? 0) - visible / 2, count - visible))
  }

  /// Marks at the right of an area whether there is more above or below.
  static func drawMarks(
    first: Int, count: Int, in area: Rect, on surface: inout Surface, theme: Theme
  ) {
    guard area.width > 2, area.height > 0 else { return }
    let style = Ink.dim.style(in: theme)
    if first > 0 { surface.put("↑", x: area.maxX - 1, y: area.y, style: style) }
    if first + area.height < count {
      surface.put("↓", x: area.maxX - 1, y: area.maxY - 1, style: style)
    }
  }
}
