/// What happened last, with the time of day.
public struct Notice: Widget {
  public enum Kind: Hashable, Sendable {
    case plain
    case good
    case warning
    case error
  }

  public var time: String
  public var message: StyledText
  public var kind: Kind

  public init(time: String, message: StyledText, kind: Kind = .plain) {
    (self.time, self.message, self.kind) = (time, message, kind)
  }

  public func draw(in area: Rect, on surface: inout Surface, theme: Theme) {
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
