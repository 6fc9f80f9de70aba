/// What happened last, with the time of day.
package struct Notice: Widget {
  /// When it happened, as text.
  package var time: String
  /// What happened.
  package var message: StyledText

  /// A line that says what happened.
  package init(time: String, message: StyledText) {
    (self.time, self.message) = (time, message)
  }

  package func draw(in area: Rect, on surface: inout Surface, theme: Theme) {
    guard !area.isEmpty else { return }
    let text = StyledText(" \(time)   ", .dim) + message
    surface.put(text, in: area.row(0), alignment: .left, theme: theme)
  }
}
