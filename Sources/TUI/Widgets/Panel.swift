/// A thin frame with a title in its upper border.
public struct Panel: Widget {
  /// The title in the upper edge.
  package var title: StyledText
  /// Units and current values, at the right of the upper border.
  package var info: StyledText
  /// A summary at the left of the lower border.
  package var foot: StyledText
  /// A focused panel takes the accent colour and a mark before its title.
  package var isFocused: Bool

  /// A frame with texts in its border.
  public init(
    _ title: StyledText, info: StyledText = "", foot: StyledText = "", focused: Bool = false
  ) {
    (self.title, self.info, self.foot, self.isFocused) = (title, info, foot, focused)
  }

  /// The area within the frame.
  public static func inner(_ area: Rect) -> Rect {
    area.inset(columns: 1, rows: 1)
  }

  public func draw(in area: Rect, on surface: inout Surface, theme: Theme) {
    guard area.width >= 2, area.height >= 2 else { return }
    surface.clipped(to: area) { surface in
      drawFrame(in: area, on: &surface, theme: theme)
      drawTitle(in: area, on: &surface, theme: theme)
      // The first column and the last two stay border.
      surface.put(
        padded(foot), x: area.x + 1, y: area.maxY - 1, ink: .dim, theme: theme,
        maxWidth: area.width - 3)
    }
  }

  private func drawFrame(in area: Rect, on surface: inout Surface, theme: Theme) {
    let style = (isFocused ? Ink.accent : .border).style(in: theme)
    let (left, right, top, bottom) = (area.x, area.maxX - 1, area.y, area.maxY - 1)
    for x in left + 1..<max(left + 1, right) {
      surface.put("─", x: x, y: top, style: style)
      surface.put("─", x: x, y: bottom, style: style)
    }
    for y in top + 1..<max(top + 1, bottom) {
      surface.put("│", x: left, y: y, style: style)
      surface.put("│", x: right, y: y, style: style)
    }
    surface.put("╭", x: left, y: top, style: style)
    surface.put("╮", x: right, y: top, style: style)
    surface.put("╰", x: left, y: bottom, style: style)
    surface.put("╯", x: right, y: bottom, style: style)
  }

  private func drawTitle(in area: Rect, on surface: inout Surface, theme: Theme) {
    let room = area.width - 3
    guard room > 0 else { return }
    if isFocused {
      surface.put("▸", x: area.x + 1, y: area.y, style: Ink.accent.style(in: theme).bold)
    }
    var heading = title
    if isFocused {
      heading.runs = heading.runs.map { .init($0.text, $0.ink ?? .accent, bold: true) }
    }
    let taken = surface.put(
      padded(heading), x: area.x + 2, y: area.y, ink: .text, theme: theme, maxWidth: room)
    // At least one dash keeps the title and the information apart.
    let left = room - taken - 2
    let text = padded(info)
    guard !info.isEmpty, left >= min(text.columnCount, 8) else { return }
    let width = min(text.columnCount, left)
    surface.put(
      text, x: area.maxX - 2 - width, y: area.y, ink: .dim, theme: theme, maxWidth: width)
  }

  private func padded(_ text: StyledText) -> StyledText {
    text.isEmpty ? text : " " + text + " "
  }
}
