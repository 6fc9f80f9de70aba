/// Points in the plane over faint background points, with their trails; both axes have the same unit.
public struct ScatterPlot: Widget {
  /// A point in the plane.
  public typealias Point = PlotPoint

  /// A direction at a place, shown as the nearest of eight arrows.
  package struct Arrow: Hashable, Sendable {
    /// Where the arrow begins.
    package var place: Point
    /// Where it points, as a difference of places.
    package var direction: Point
    /// The colour of the arrow.
    package var ink: Ink

    /// An arrow from a place.
    package init(at place: Point, direction: Point, ink: Ink = .dim) {
      (self.place, self.direction, self.ink) = (place, direction, ink)
    }
  }

  /// The points.
  public var points: [Point]
  /// Points drawn faint behind, such as the data.
  package var background: [Point] = []
  /// Trajectories from noise to data.
  package var trails: [[Point]] = []
  /// The ink along a trail, from 0 at its beginning to 1 at its end.
  package var trailInk: (Double) -> Ink = { .noise($0) }
  /// Whether numbers stand at the left and below where there is room.
  package var showsAxes = false
  /// Arrows between places, such as steps of a sampler.
  package var arrows: [Arrow] = []
  /// How dark each place of the plane is, from 0 to 1; nil where none is.
  package var shade: ((Point) -> Double)?
  /// The ink of each point.
  public var ink: (Int) -> Ink = { _ in .accent }
  /// The ranges that are shown at least.
  public var xRange: ClosedRange<Double>
  /// The range of y that the plot covers.
  public var yRange: ClosedRange<Double>
  /// The point marked by a ring.
  package var selected: Int?

  /// A plot of the points within two ranges.
  public init(
    _ points: [Point], xRange: ClosedRange<Double> = -2...2, yRange: ClosedRange<Double> = -2...2
  ) {
    (self.points, self.xRange, self.yRange) = (points, xRange, yRange)
  }

  public func draw(in area: Rect, on surface: inout Surface, theme: Theme) {
    guard !area.isEmpty else { return }
    var plot = area
    if showsAxes, area.width >= 20, area.height >= 5 {
      plot = area.inset(left: Self.labelWidth + 1, bottom: 1)
    }
    let map = Map(xRange, yRange, dots: Size(plot.width * 2, plot.height * 4))
    surface.clipped(to: area) { surface in
      if plot != area { drawNumbers(map, plot, &surface, theme) }
      surface.clipped(to: plot) { surface in drawPlane(map, plot, &surface, theme) }
    }
  }

  private func drawPlane(
    _ map: Map, _ area: Rect, _ surface: inout Surface, _ theme: Theme
  ) {
    drawShade(map, area, &surface, theme)
    drawCross(map, area, &surface, theme)
    drawArrows(map, area, &surface, theme)
    var canvas = BrailleCanvas(area.size)
    for point in background { set(point, map, &canvas, Ink.dim.style(in: theme)) }
    drawTrails(map, &canvas, theme)
    canvas.beginSeries()
    for (index, point) in points.enumerated() {
      set(point, map, &canvas, ink(index).style(in: theme))
    }
    canvas.draw(x: area.x, y: area.y, on: &surface)
    drawSelection(map, area, &surface, theme)
  }
}
