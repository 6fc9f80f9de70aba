extension LineChart {
  func drawCursor(_ layout: ChartLayout, _ surface: inout Surface, _ theme: Theme) {
    guard let cursor, let column = layout.column(of: cursor) else { return }
    let plot = layout.plot
    let style = Ink.cursor.style(in: theme)
    for y in plot.y..<plot.maxY {
      surface.put("│", x: column, y: y, style: style)
    }
  }

  func drawCursorDots(_ layout: ChartLayout, _ surface: inout Surface, _ theme: Theme) {
    guard let cursor, let column = layout.column(of: cursor) else { return }
    for series in series {
      guard let value = Self.value(of: series, at: cursor), let row = layout.row(of: value) else {
        continue
      }
      let ink = series.inkAt?(cursor) ?? series.ink
      surface.put("●", x: column, y: row, style: ink.style(in: theme))
    }
  }

  /// Draws the legend, or while there is a cursor, the values under it, into the top row.
  func drawHeading(_ layout: ChartLayout, _ surface: inout Surface, _ theme: Theme) {
    guard layout.plot.height >= 3 else { return }
    let row = layout.plot.row(0)
    let text = cursor.map(readOut) ?? (legend == .corner ? names : "")
    guard !text.isEmpty, text.columnCount + 2 <= row.width || cursor != nil else { return }
    surface.put(" " + text, in: row, alignment: .right, ink: .dim, theme: theme)
  }

  private var names: StyledText {
    .joined(
      series.map { Self.sample(of: $0) + StyledText($0.name) }, separator: "  ")
  }

  /// The values of all listed curves at an x, in columns that do not move.
  public func readOut(at x: Double) -> StyledText {
    let place = xText?(x) ?? Numbers.grouped(Int(max(-1e15, min(1e15, x)).rounded()))
    let values = series.map { series in
      let value = Self.value(of: series, at: x)
      let text = value.map(yText) ?? "–"
      return Self.sample(of: series) + StyledText("\(series.name) ")
        + StyledText(text.fitted(to: max(7, text.columnCount), alignment: .right), .text)
    }
    return .joined([StyledText("\(xName) \(place)", .accent)] + values, separator: "  ")
  }

  private static func sample(of series: Series) -> StyledText {
    StyledText(series.dash == .solid ? "── " : "╌╌ ", series.ink)
  }
}
