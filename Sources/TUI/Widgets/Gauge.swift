/// A progress bar, with a resolution of an eighth of a cell.
public struct Gauge: Widget {
  /// 0 to 1, or NaN while that is not known.
  package var fraction: Double
  /// Text right of the bar.
  package var caption: StyledText
  /// The colour of the bar.
  package var ink: Ink

  /// A bar that is full at a `fraction` of 1; NaN while it is not known.
  public init(_ fraction: Double, caption: StyledText = "", ink: Ink = .accent) {
    (self.fraction, self.caption, self.ink) = (fraction, caption, ink)
  }

  /// A cell filled from the left by 0 to 8 eighths.
  static let eighths: [Unicode.Scalar] = [" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"]

  public func draw(in area: Rect, on surface: inout Surface, theme: Theme) {
    guard !area.isEmpty else { return }
    let row = area.row(0)
    var bar = row
    let width = caption.columnCount
    // The bar gives way to its caption down to six cells.
    if width > 0, row.width >= width + 7 {
      bar.width -= width + 1
      surface.put(
        caption, in: row, alignment: .right, ink: .text, theme: theme)
    }
    if bar.width >= 4 {
      let ends: (Unicode.Scalar, Unicode.Scalar) =
        surface.symbols == .ascii ? ("[", "]") : ("▕", "▏")
      let style = Ink.border.style(in: theme)
      surface.put(ends.0, x: bar.x, y: bar.y, style: style)
      surface.put(ends.1, x: bar.maxX - 1, y: bar.y, style: style)
      bar = bar.inset(columns: 1)
    }
    drawBar(in: bar, on: &surface, theme: theme)
  }

  private func drawBar(in bar: Rect, on surface: inout Surface, theme: Theme) {
    guard fraction.isFinite else {
      surface.fill(bar, with: "┄", style: Ink.faint.style(in: theme))
      return
    }
    let filled = Int((min(1, max(0, fraction)) * Double(bar.width * 8)).rounded())
    for column in 0..<bar.width {
      let eighths = min(8, max(0, filled - column * 8))
      surface.put(
        Self.eighths[eighths], x: bar.x + column, y: bar.y, style: ink.style(in: theme))
    }
  }
}
