/// The course of a value without axes, as large as its area.
public struct Sparkline: Widget {
  /// The points of the line, from the left.
  package var points: [CurvePoint]
  /// The colour of the line.
  package var ink: Ink
  /// How values become heights.
  package var scale: Axis.Scale
  /// The range of the values, or nil for the one they take.
  package var range: ClosedRange<Double>?
  /// The ink at an x, where the line changes colour along its way.
  package var inkAt: ((Double) -> Ink)?
  /// What is shown where there are no points.
  package var placeholder: StyledText

  /// A line without axes; without `range` it fills the height, and `inkAt` colours it point by
  /// point.
  public init(
    _ points: [CurvePoint], ink: Ink = .accent, scale: Axis.Scale = .linear,
    range: ClosedRange<Double>? = nil, placeholder: StyledText = "", inkAt: ((Double) -> Ink)? = nil
  ) {
    (self.points, self.ink, self.scale, self.range) = (points, ink, scale, range)
    (self.placeholder, self.inkAt) = (placeholder, inkAt)
  }

  /// A line through values at equal distances.
  public init(
    values: [Double], ink: Ink = .accent, scale: Axis.Scale = .linear,
    range: ClosedRange<Double>? = nil, placeholder: StyledText = "", inkAt: ((Double) -> Ink)? = nil
  ) {
    self.init(
      values.enumerated().map { CurvePoint(x: Double($0), y: $1) }, ink: ink, scale: scale,
      range: range, placeholder: placeholder, inkAt: inkAt)
  }

  public func draw(in area: Rect, on surface: inout Surface, theme: Theme) {
    var chart = LineChart([LineChart.Series("", points: points, ink: ink, inkAt: inkAt)])
    chart.yScale = scale
    chart.yRange = range
    chart.showsAxes = false
    chart.legend = .none
    chart.placeholder = placeholder
    chart.draw(in: area, on: &surface, theme: theme)
  }
}
