/// Points of the plane over faint ones, with their trails; both axes have the same unit.
public struct ScatterPlot: Widget {
  public struct Point: Hashable, Sendable {
    public var x: Double
    public var y: Double

    public init(_ x: Double, _ y: Double) {
      (self.x, self.y) = (x, y)
    }
  }

  /// A direction at a place, shown as the nearest of eight arrows.
  public struct Arrow: Hashable, Sendable {
    public var place: Point
    public var direction: Point
    public var ink: Ink

    public init(at place: Point, direction: Point, ink: Ink = .dim) {
      (self.place, self.direction, self.ink) = (place, direction, ink)
    }
  }

  public var points: [Point]
  /// Points drawn faint behind, such as the data.
  public var background: [Point] = []
  /// Paths from noise to data.
  public var trails: [[Point]] = []
  public var arrows: [Arrow] = []
  /// The ink of each point.
  public var ink: (Int) -> Ink = { _ in .accent }
  /// The ink along a trail, from 0 at its start to 1 at its end.
  public var trailInk: (Double) -> Ink = { .noise($0) }
  /// The ranges that are shown at least.
  public var xRange: ClosedRange<Double>
  public var yRange: ClosedRange<Double>
  /// The point marked by a ring.
  public var selected: Int?
  /// Whether a point takes four dots instead of one.
  public var large = false

  public init(
    _ points: [Point], xRange: ClosedRange<Double> = -2...2, yRange: ClosedRange<Double> = -2...2
  ) {
    (self.points, self.xRange, self.yRange) = (points, xRange, yRange)
  }

  public func draw(in area: Rect, on surface: inout Surface, theme: Theme) {
    guard !area.isEmpty else { return }
    let map = Map(xRange, yRange, dots: Size(area.width * 2, area.height * 4))
    surface.clipped(to: area) { surface in
      drawCross(map, area, &surface, theme)
      drawArrows(map, area, &surface, theme)
      var canvas = BrailleCanvas(area.size)
      for point in background { set(point, map, &canvas, Ink.dim.style(in: theme)) }
      drawTrails(map, &canvas, theme)
      canvas.beginSeries()
      for (index, point) in points.enumerated() {
        set(point, map, &canvas, ink(index).style(in: theme), large: large)
      }
      canvas.draw(x: area.x, y: area.y, on: &surface)
      drawSelection(map, area, &surface, theme)
    }
  }

  /// From values to dots, the same number of dots to a unit in both directions.
  private struct Map {
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

    /// The cell of a point, counted from the upper left of the plot.
    func cell(_ point: Point) -> (x: Int, y: Int)? {
      self(point).map { (Int($0.x.rounded()) >> 1, Int($0.y.rounded()) >> 2) }
    }
  }

  private func set(
    _ point: Point, _ map: Map, _ canvas: inout BrailleCanvas, _ style: Style, large: Bool = false
  ) {
    guard let place = map(point) else { return }
    let (x, y) = (Int(place.x.rounded()), Int(place.y.rounded()))
    for dy in 0..<(large ? 2 : 1) {
      for dx in 0..<(large ? 2 : 1) { canvas.set(x: x + dx, y: y + dy, style: style) }
    }
  }

  private func drawCross(_ map: Map, _ area: Rect, _ surface: inout Surface, _ theme: Theme) {
    guard let center = map.cell(Point(0, 0)) else { return }
    let style = Ink.faint.style(in: theme)
    for x in stride(from: area.x, to: area.maxX, by: 2) {
      surface.put("·", x: x, y: area.y + center.y, style: style)
    }
    for y in area.y..<area.maxY { surface.put("·", x: area.x + center.x, y: y, style: style) }
  }

  private func drawTrails(_ map: Map, _ canvas: inout BrailleCanvas, _ theme: Theme) {
    canvas.beginSeries()
    for trail in trails where trail.count > 1 {
      for index in 1..<trail.count {
        guard let from = map(trail[index - 1]), let to = map(trail[index]) else { continue }
        let style = trailInk(Double(index) / Double(trail.count - 1)).style(in: theme)
        canvas.line(fromX: from.x, y: from.y, toX: to.x, y: to.y, style: style)
      }
    }
  }

  private func drawArrows(_ map: Map, _ area: Rect, _ surface: inout Surface, _ theme: Theme) {
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

  private func drawSelection(_ map: Map, _ area: Rect, _ surface: inout Surface, _ theme: Theme) {
    guard let selected, points.indices.contains(selected), let cell = map.cell(points[selected])
    else { return }
    surface.put(
      "◉", x: area.x + cell.x, y: area.y + cell.y, style: Ink.accent.style(in: theme).bold)
  }
}
