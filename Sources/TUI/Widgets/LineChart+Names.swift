extension LineChart {
  /// Writes each curve's name next to it: at its end, or where ends meet, beside its course where it
  /// is alone.
  func drawNames(
    _ layout: ChartLayout, _ canvas: BrailleCanvas, _ area: Rect, _ surface: inout Surface,
    _ theme: Theme
  ) {
    let margin = Rect(
      x: layout.plot.maxX + 1, y: layout.plot.y, width: area.maxX - layout.plot.maxX - 1,
      height: layout.plot.height)
    var taken: [Rect] = []
    // The last series is on top, so it has the first choice.
    for series in series.reversed() where !series.name.isEmpty {
      func atEnd(_ row: Int) -> Rect {
        Rect(x: margin.x, y: row, width: series.name.columnCount, height: 1)
      }
      let isFree = { (row: Int) in !taken.contains { $0.x == margin.x && $0.y == row } }
      let end = margin.isEmpty ? nil : endRow(of: series, layout)
      let nearest = end.flatMap { end in
        (margin.y..<margin.maxY).filter(isFree).min { abs($0 - end) < abs($1 - end) }
      }
      let place =
        end != nil && end == nearest
        ? end.map(atEnd)
        : placeAlong(series, layout, canvas, besides: taken) ?? nearest.map(atEnd)
      guard let place else { continue }
      taken.append(place)
      // A curve may be barely there, its name may not.
      let ink = series.ink == .faint ? .dim : series.ink
      surface.put(
        series.name, x: place.x, y: place.y, style: ink.style(in: theme),
        maxWidth: area.maxX - place.x)
    }
  }

  private func endRow(of series: Series, _ layout: ChartLayout) -> Int? {
    let visible = series.points.last { $0.x <= layout.xAxis.upper && $0.y.isFinite }
    guard let value = visible?.y, let fraction = layout.yAxis.fraction(of: value) else {
      return nil
    }
    return layout.row(of: layout.yAxis.value(at: min(1, max(0, fraction))))
  }

  /// The cells above or below a curve where its name lies on no curve and nearest to its own.
  private func placeAlong(
    _ series: Series, _ layout: ChartLayout, _ canvas: BrailleCanvas, besides taken: [Rect]
  ) -> Rect? {
    let plot = layout.plot
    let width = series.name.columnCount
    guard plot.width > width + 4 else { return nil }
    var best: (place: Rect, room: Int)?
    for column in stride(from: plot.x + 1, to: plot.maxX - width, by: 2) {
      guard let x = self.x(atColumn: column + width / 2, layout),
        let own = Self.value(of: series, at: x).flatMap(layout.row)
      else { continue }
      let others = self.series.filter { $0.name != series.name }.compactMap {
        Self.value(of: $0, at: x).flatMap(layout.row)
      }
      for row in [own - 1, own + 1] where row > plot.y && row < plot.maxY {
        let place = Rect(x: column, y: row, width: width, height: 1)
        let around = Rect(x: column - 1, y: row, width: width + 2, height: 1)
        let isFree = (around.x..<around.maxX).allSatisfy {
          canvas.isEmpty(column: $0 - plot.x, row: row - plot.y)
        }
        // Nearer to its own curve than to any other.
        let room = others.map { abs($0 - row) }.min() ?? plot.height
        guard isFree, room > 1, room > best?.room ?? 0,
          !taken.contains(where: { !$0.intersection(around).isEmpty })
        else { continue }
        best = (place, room)
      }
    }
    return best?.place
  }

  private func x(atColumn column: Int, _ layout: ChartLayout) -> Double? {
    let dots = Double(layout.plot.width * 2 - 1)
    return layout.xAxis.value(at: (Double((column - layout.plot.x) * 2) + 0.5) / dots)
  }

  /// Writes what marks say at the bottom of the plot, the newest first, none over another.
  func drawMarkLabels(_ layout: ChartLayout, _ surface: inout Surface, _ theme: Theme) {
    let plot = layout.plot
    var taken: [Rect] = []
    for mark in marks.reversed() where !mark.label.isEmpty {
      guard let column = layout.column(of: mark.x) else { continue }
      let width = min(mark.label.columnCount, max(0, plot.width - 2))
      let start = column + 1 + width > plot.maxX ? column - width : column + 1
      let rows = stride(from: plot.maxY - 1, to: max(plot.y, plot.maxY - 5), by: -1)
      let places = rows.lazy.map { Rect(x: start, y: $0, width: width, height: 1) }
      let isFree = { (place: Rect) in
        let around = Rect(x: place.x - 1, y: place.y, width: place.width + 2, height: 1)
        return !taken.contains { !$0.intersection(around).isEmpty }
      }
      guard let place = places.first(where: isFree) else { continue }
      taken.append(place)
      surface.put(
        mark.label, x: place.x, y: place.y, style: Ink.dim.style(in: theme), maxWidth: width)
    }
  }
}
