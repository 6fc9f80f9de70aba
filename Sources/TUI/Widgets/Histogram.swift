/// How often values fall into equal parts of an axis, one part a column.
public struct Histogram: Widget {
  /// What is counted.
  public var values: [Double]
  /// Where the counts are drawn; its ends are those of the first and last bar.
  public var axis: Axis
  /// The ink of the bar at a value.
  public var ink: (Double) -> Ink
  /// What is shown where there are no values.
  public var placeholder: StyledText = "no values yet"

  /// The counts of values between the ends of an axis.
  public init(
    _ values: [Double], over axis: Axis, ink: @escaping (Double) -> Ink = { _ in .accent }
  ) {
    (self.values, self.axis, self.ink) = (values, axis, ink)
  }

  /// How many of `values` fall into each of `count` equal parts of the axis; others do not count.
  public static func counts(of values: [Double], over axis: Axis, in count: Int) -> [Int] {
    var counts = Array(repeating: 0, count: max(0, count))
    guard count > 0 else { return counts }
    for value in values {
      guard let fraction = axis.fraction(of: value), fraction >= 0, fraction <= 1 else { continue }
      counts[min(count - 1, Int(fraction * Double(count)))] += 1
    }
    return counts
  }

  public func draw(in area: Rect, on surface: inout Surface, theme: Theme) {
    guard !area.isEmpty else { return }
    guard !values.isEmpty else {
      Text.placeholder(placeholder).draw(in: area, on: &surface, theme: theme)
      return
    }
    let counts = Self.counts(of: values, over: axis, in: area.width)
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
