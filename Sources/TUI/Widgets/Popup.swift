/// A framed box in the middle of an area, over a cleared background.
public struct Popup: Widget {
  /// The frame.
  package var panel: Panel
  /// The cells within the frame.
  package var content: Size

  /// A box for content of this size.
  public init(_ title: StyledText, content: Size, info: StyledText = "", foot: StyledText = "") {
    panel = Panel(title, info: info, foot: foot, focused: true)
    self.content = content
  }

  /// The box, no larger than the area.
  package func frame(in area: Rect) -> Rect {
    area.centered(Size(content.width + 4, content.height + 2))
  }

  /// The area within the frame and its side margins.
  public func inner(in area: Rect) -> Rect {
    frame(in: area).inset(columns: 2, rows: 1)
  }

  public func draw(in area: Rect, on surface: inout Surface, theme: Theme) {
    let frame = frame(in: area)
    surface.fill(frame, style: theme.style(.text))
    panel.draw(in: frame, on: &surface, theme: theme)
  }
}
