/// What happened last, with the time of day.
package struct Notice: Widget {
  /// How serious a notice is.
  package enum Kind: Hashable, Sendable {
    /// Something happened.
    case plain
    /// Something went well.
    case good
    /// Something may be wrong.
    case warning
    /// Something went wrong.
    case error
  }

  /// When it happened, as text.
  package var time: String
  /// What happened.
  package var message: StyledText
  /// How serious it is.
  package var kind: Kind

  /// A line that says what happened.
  package init(time: String, message: StyledText, kind: Kind = .plain) {
    (self.time, self.message, self.kind) = (time, message, kind)
  }

  package func draw(in area: Rect, on surface: inout Surface, theme: Theme) {
    guard !area.isEmpty else { return }
    let (mark, ink): (String, Ink) =
      switch kind {
      case .plain: (" ", .text)
      case .good: ("✓", .good)
      case .warning: ("!", .warning)
      case .error: ("✗", .error)
      }
    let text = StyledText(" \(time) ", .dim) + StyledText(mark + " ", ink, bold: true) + message
    surface.put(
      text, in: area.row(0), alignment: .left, ink: kind == .plain ? .text : ink, theme: theme)
  }
}
