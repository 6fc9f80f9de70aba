extension ScatterPlot {
  /// From values to dots, the same number of dots to a unit in both directions.
  struct Map {
    let scale: Double
    let left: Double
    let top: Double

    init(_ x: ClosedRange<Double>, _ y: ClosedRange<Double>, dots: Size) {
      let (width, height) = (Double(dots.width - 1), Double(dots.height - 1))
      let (spanX, spanY) = (x.upperBound - x.lowerBound, y.upperBound - y.lowerBound)
      let fit = min(width / max(spanX, 1e-12), height / max(spanY, 1e-12))
      scale = fit.isFinite ? fit : 1
      left = (x.lowerBound + x.upperBound) / 2 - width / scale / 2
      top = (y.lowerBound + y.upperBound) / 2 + height / scale / 2
    }

    func callAsFunction(_ point: Point) -> (x: Double, y: Double)? {
      let (x, y) = ((point.x - left) * scale, (top - point.y) * scale)
      return x.magnitude < 1e6 && y.magnitude < 1e6 ? (x, y) : nil
    }

    /// The place in the middle of a cell.
    func place(ofCell x: Int, _ y: Int) -> Point {
      Point(left + (Double(x) * 2 + 0.5) / scale, top - (Double(y) * 4 + 1.5) / scale)
    }

    /// The cell of a point, counted from the upper left of the plot.
    func cell(_ point: Point) -> (x: Int, y: Int)? {
      self(point).map { (Int($0.x.rounded()) >> 1, Int($0.y.rounded()) >> 2) }
    }
  }

  func set(_ point: Point, _ map: Map, _ canvas: inout BrailleCanvas, _ style: Style) {
    guard let place = map(point) else { return }
    canvas.set(x: Int(place.x.rounded()), y: Int(place.y.rounded()), style: style)
  }

  /// The columns of the numbers at the left.
  static let labelWidth = 5

  /// Puts round values beside and below the plane; the units are equal, so one axis may span more.
  func drawNumbers(_ map: Map, _ plot: Rect, _ surface: inout Surface, _ theme: Theme) {
    let dim = Ink.dim.style(in: theme)
    let border = Ink.border.style(in: theme)
    let (width, height) = (Double(plot.width * 2 - 1), Double(plot.height * 4 - 1))
    let down = Axis(map.top - height / map.scale...map.top)
    for tick in down.ticks(atMost: max(2, plot.height / 3)) {
      guard let cell = map.cell(Point(map.left, tick.value)), (0..<plot.height).contains(cell.y)
      else { continue }
      let row = Rect(
        x: plot.x - Self.labelWidth - 1, y: plot.y + cell.y, width: Self.labelWidth, height: 1)
      surface.put(tick.label, in: row, alignment: .right, style: dim)
      surface.put("╴", x: plot.x - 1, y: row.y, style: border)
    }
    let across = Axis(map.left...map.left + width / map.scale)
    var free = plot.x
    for tick in across.ticks(atMost: max(2, plot.width / 9)) {
      guard let cell = map.cell(Point(tick.value, map.top)) else { continue }
      let start = plot.x + cell.x - tick.label.columnCount / 2
      guard start >= free, start + tick.label.columnCount <= plot.maxX else { continue }
      surface.put(tick.label, x: start, y: plot.maxY, style: dim)
      free = start + tick.label.columnCount + 1
    }
  }

  func drawCross(_ map: Map, _ area: Rect, _ surface: inout Surface, _ theme: Theme) {
    guard let center = map.cell(Point(0, 0)) else { return }
    let style = Ink.faint.style(in: theme)
    surface.putGuide(in: area.row(center.y), style: style)
    for y in area.y..<area.maxY { surface.put("·", x: area.x + center.x, y: y, style: style) }
  }

  func drawShade(_ map: Map, _ area: Rect, _ surface: inout Surface, _ theme: Theme) {
    guard let shade else { return }
    let style = Ink.faint.style(in: theme)
    for y in 0..<area.height {
      for x in 0..<area.width {
        let value = shade(map.place(ofCell: x, y))
        let symbol: Unicode.Scalar? =
          value > 0.5 ? "▓" : value > 0.2 ? "▒" : value > 0.05 ? "░" : nil
        if let symbol { surface.put(symbol, x: area.x + x, y: area.y + y, style: style) }
      }
    }
  }

  func drawTrails(_ map: Map, _ canvas: inout BrailleCanvas, _ theme: Theme) {
    canvas.beginSeries()
    for trail in trails where trail.count > 1 {
      for index in 1..<trail.count {
        guard let from = map(trail[index - 1]), let to = map(trail[index]) else { continue }
        let style = trailInk(Double(index) / Double(trail.count - 1)).style(in: theme)
        canvas.line(fromX: from.x, y: from.y, toX: to.x, y: to.y, style: style)
      }
    }
  }

  func drawArrows(_ map: Map, _ area: Rect, _ surface: inout Surface, _ theme: Theme) {
    let heads: [Unicode.Scalar] =
      surface.symbols == .ascii
      ? [">", "/", "^", "\\", "<", "/", "v", "\\"] : ["→", "↗", "↑", "↖", "←", "↙", "↓", "↘"]
    for arrow in arrows {
      guard let cell = map.cell(arrow.place), let octant = Self.octant(arrow.direction) else {
        continue
      }
      surface.put(
        heads[octant], x: area.x + cell.x, y: area.y + cell.y, style: arrow.ink.style(in: theme))
    }
  }

  /// Which of eight directions is nearest, counted from the right against the clock.
  private static func octant(_ direction: Point) -> Int? {
    let (x, y) = (direction.x, direction.y)
    guard x.isFinite, y.isFinite, x != 0 || y != 0 else { return nil }
    // tan 22.5° separates an axis from a diagonal.
    let narrow = 0.414_213_562
    if y.magnitude <= narrow * x.magnitude { return x > 0 ? 0 : 4 }
    if x.magnitude <= narrow * y.magnitude { return y > 0 ? 2 : 6 }
    return y > 0 ? (x > 0 ? 1 : 3) : (x > 0 ? 7 : 5)
  }

  func drawSelection(_ map: Map, _ area: Rect, _ surface: inout Surface, _ theme: Theme) {
    guard let selected, points.indices.contains(selected), let cell = map.cell(points[selected])
    else { return }
    surface.put(
      "◉", x: area.x + cell.x, y: area.y + cell.y, style: Ink.accent.style(in: theme).bold)
  }
}
