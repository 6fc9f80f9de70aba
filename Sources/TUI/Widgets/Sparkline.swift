/// A small line chart without axes that fills its area.
public struct Sparkline: Widget {
  /// The values from the left, at equal distances.
  public var values: [Double]
  /// The colour of the line.
  package var ink: Ink
  /// How values become heights.
  package var scale: Axis.Scale
  /// What is shown where there are no values.
  package var placeholder: StyledText

  /// A line through values that fills its area.
  public init(
    values: [Double], ink: Ink = .accent, scale: Axis.Scale = .linear, placeholder: StyledText = ""
  ) {
    (self.values, self.ink, self.scale, self.placeholder) = (values, ink, scale, placeholder)
  }

  public func draw(in area: Rect, on surface: inout Surface, theme: Theme) {
    var chart = LineChart([LineChart.Series("", values: values, ink: ink)])
    chart.yScale = scale
    chart.showsAxes = false
    chart.placeholder = placeholder
    chart.draw(in: area, on: &surface, theme: theme)
  }
}
