/// The way from noise to data as a bar in the noise ramp, with a marker where one is.
package struct Timeline: Widget {
  /// Where the marker is, from 0 (x_T) to 1 (x_0).
  package var position: Double
  /// Where another marker is, to compare with.
  package var other: Double?
  /// How much of the way has been computed, from 0 to 1.
  package var available: Double
  /// Where there is a frame, marked on the bar while there is a gap between any two.
  package var ticks: [Double] = []
  /// A stretch with a mark at both ends.
  package var span: ClosedRange<Double>?
  /// A value for each step of the way, drawn as a curve above the bar where there is room.
  package var curve: [Double]
  private let start = "x_T"
  private let end = "x_0"

  /// The way from noise to data with a marker at `position`.
  package init(
    _ position: Double, other: Double? = nil, available: Double = 1, curve: [Double] = []
  ) {
    (self.position, self.other, self.available, self.curve) = (position, other, available, curve)
  }

  /// The cells of the bar within an area: its last row, between the names of the ends.
  func bar(in area: Rect) -> Rect {
    let row = area.row(area.height - 1)
    let (left, right) = (start.columnCount, end.columnCount)
    guard row.width >= left + right + 10 else { return row }
    return row.inset(left: left + 1, right: right + 1)
  }

  /// The position under a column of the terminal, as for a mouse; beyond the ends the end.
  package func position(atColumn column: Int, in area: Rect) -> Double {
    let bar = bar(in: area)
    guard bar.width > 1 else { return 0 }
    return min(1, max(0, Double(column - bar.x) / Double(bar.width - 1)))
  }

  package func draw(in area: Rect, on surface: inout Surface, theme: Theme) {
    let bar = bar(in: area)
    guard !bar.isEmpty else { return }
    surface.clipped(to: area) { surface in
      if bar.width < area.width {
        let row = area.row(area.height - 1)
        surface.put(start, in: row, alignment: .left, style: Ink.dim.style(in: theme))
        surface.put(end, in: row, alignment: .right, style: Ink.dim.style(in: theme))
      }
      drawBar(bar, on: &surface, theme: theme)
      let above = Rect(x: bar.x, y: area.y, width: bar.width, height: area.height - 1)
      drawCurve(in: above, on: &surface, theme: theme)
    }
  }

  private func column(_ position: Double, in bar: Rect) -> Int {
    let fraction = position.isFinite ? min(1, max(0, position)) : 0
    return Int((fraction * Double(bar.width - 1)).rounded())
  }

  private func drawBar(_ bar: Rect, on surface: inout Surface, theme: Theme) {
    let marker = column(position, in: bar)
    let reached = column(available, in: bar)
    let marked = ticks.count <= bar.width / 2 ? Set(ticks.map { column($0, in: bar) }) : []
    for column in 0..<bar.width {
      let level = Double(column) / Double(max(1, bar.width - 1))
      if column > reached {
        surface.put("·", x: bar.x + column, y: bar.y, style: Ink.faint.style(in: theme))
      } else {
        surface.put(
          symbol(isBehind: column < marker, isMarked: marked.contains(column)),
          x: bar.x + column, y: bar.y,
          style: Ink.noise(level).style(in: theme))
      }
    }
    for end in span.map({ [$0.lowerBound, $0.upperBound] }) ?? [] {
      surface.put(
        "┃", x: bar.x + column(end, in: bar), y: bar.y, style: Ink.accent.style(in: theme).bold)
    }
    if let other {
      surface.put(
        "○", x: bar.x + column(other, in: bar), y: bar.y, style: Ink.text.style(in: theme))
    }
    surface.put("●", x: bar.x + marker, y: bar.y, style: Ink.accent.style(in: theme).bold)
  }

  private func symbol(isBehind: Bool, isMarked: Bool) -> Unicode.Scalar {
    isBehind ? (isMarked ? "▓" : "█") : isMarked ? "▒" : "░"
  }

  private func drawCurve(in area: Rect, on surface: inout Surface, theme: Theme) {
    guard !area.isEmpty, curve.count > 1 else { return }
    let last = Double(curve.count - 1)
    var chart = LineChart([
      LineChart.Series("", values: curve, ink: .dim) { .noise($0 / last) }
    ])
    chart.xRange = 0...last
    chart.showsAxes = false
    chart.draw(in: area, on: &surface, theme: theme)
  }
}
