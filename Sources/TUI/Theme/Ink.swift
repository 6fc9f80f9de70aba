/// The meaning of a piece of text or a mark; the theme decides how it looks.
public enum Ink: Hashable, Sendable {
  /// Primary text.
  case text
  /// Secondary text: units, labels, hints.
  case dim
  /// Barely there: guides, raw values behind smoothed ones.
  case faint
  /// Frames and rules.
  case border
  /// The line of a cursor through a chart.
  case cursor
  /// Focus, and what a key would change.
  case accent
  /// All is well.
  case good
  /// Something may be wrong.
  case warning
  /// Something is wrong.
  case error
  /// A position on the noise ramp, from 0 (noise) to 1 (data).
  case noise(Double)
  /// One of the colours that distinguish series.
  case series(Int)

  /// The foreground in a theme; the background is kept.
  public func style(in theme: Theme) -> Style {
    switch self {
    case .text: theme.style(.text).on(.keep)
    case .dim: theme.style(.dim).on(.keep)
    case .faint: theme.style(.faint).on(.keep)
    case .border: theme.style(.border).on(.keep)
    case .cursor: theme.style(.cursor).on(.keep)
    case .accent: theme.style(.accent).on(.keep)
    case .good: theme.style(.good).on(.keep)
    case .warning: theme.style(.warning).on(.keep)
    case .error: theme.style(.error).on(.keep)
    case .noise(let level): Style(theme.noise(level))
    case .series(let index): Style(theme.series(index))
    }
  }
}
