/// How often values fall into equal parts of an axis, one part a column.
public struct Histogram: Widget {
  /// What is counted.
  package var values: [Double]
  /// Where the counts are drawn; its ends are those of the first and last bar.
  package var axis: Axis
  /// The ink of the bar at a value.
  package var ink: (Double) -> Ink
  /// What is shown where there are no values.
  package var placeholder: StyledText = "no values yet"

  /// The counts of values between the ends of an axis.
  public init(
    _ values: [Double], over axis: Axis, ink: @escaping (Double) -> Ink = { _ in .accent }
  ) {
    (self.values, self.axis, self.ink) = (values, axis, ink)
  }

  public func draw(in area: Rect, on surface: inout Surface, theme: Theme) {
    guard !area.isEmpty else { return }
    guard !values.isEmpty else {
      Text.placeholder(placeholder).draw(in: area, on: &surface, theme: theme)
      return
    }
    let counts = axis.counts(of: values, in: area.width)
    var chart = BarChart(counts.map(Double.init)) { [axis, ink] index in
      ink(axis.value(at: (Double(index) + 0.5) / Double(counts.count)))
    }
    chart.showsAxis = false
    chart.labels = axis.ticks(atMost: max(1, area.width / 8)).compactMap { tick in
      axis.fraction(of: tick.value).map {
        BarChart.Label(min(counts.count - 1, Int($0 * Double(counts.count))), tick.label)
      }
    }
    chart.draw(in: area, on: &surface, theme: theme)
  }
}
