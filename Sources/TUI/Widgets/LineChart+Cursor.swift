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

  /// Draws the values under the cursor into the top row.
  func drawReadOut(_ layout: ChartLayout, _ surface: inout Surface, _ theme: Theme) {
    guard readsOut, layout.plot.height >= 3, let cursor else { return }
    surface.put(
      " " + readOut(at: cursor), in: layout.plot.row(0), alignment: .right, ink: .dim, theme: theme)
  }

  /// The values of all curves at an x, in columns that do not move.
  package func readOut(at x: Double) -> StyledText {
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
