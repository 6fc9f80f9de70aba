/// The axes of a chart and the places of its parts.
struct ChartLayout {
  var xAxis: Axis
  var yAxis: Axis
  /// The cells of the curves.
  var plot: Rect
  var xTicks: [Axis.Tick] = []
  var yTicks: [Axis.Tick] = []

  /// The layout of a chart in an area, or nil where there is nothing to show or no room.
  init?(_ chart: LineChart, in area: Rect) {
    guard !area.isEmpty, let xAxis = Self.xAxis(of: chart),
      let yAxis = Self.yAxis(of: chart, over: xAxis)
    else { return nil }
    (self.xAxis, self.yAxis) = (xAxis, yAxis)
    plot = area
    let hasXLabels = chart.showsAxes && area.height >= 4
    if hasXLabels { plot.height -= 1 }
    if chart.showsAxes, plot.height >= 2 {
      yTicks = yAxis.ticks(atMost: max(2, (plot.height + 2) / 3))
      // At least five columns, so that the plot rarely moves when the values change.
      let width = yTicks.reduce(5) { max($0, $1.label.columnCount) } + 1
      if area.width >= width + 10 {
        plot.x += width
        plot.width -= width
      } else {
        yTicks = []
      }
    }
    if chart.namesCurves {
      let width = chart.series.reduce(0) { max($0, $1.name.columnCount + 1) }
      if plot.width >= width + 16 { plot.width -= width }
    }
    if hasXLabels {
      xTicks = xAxis.ticks(atMost: max(1, plot.width / 9))
      if let text = chart.xText {
        xTicks = xTicks.map { Axis.Tick(value: $0.value, label: text($0.value)) }
      }
    }
  }

  private static func xAxis(of chart: LineChart) -> Axis? {
    if let range = chart.xRange { return Axis(range, scale: chart.xScale) }
    let curves = chart.series.filter { !$0.points.isEmpty }
    guard !curves.isEmpty else { return nil }
    let lower = curves.reduce(Double.infinity) { min($0, $1.points.first?.x ?? $0) }
    let upper = curves.reduce(-Double.infinity) { max($0, $1.points.last?.x ?? $0) }
    guard lower.isFinite, upper.isFinite, lower <= upper else { return nil }
    return Axis(lower == upper ? lower...lower + 1 : lower...upper, scale: chart.xScale)
  }

  private static func yAxis(of chart: LineChart, over xAxis: Axis) -> Axis? {
    var values: [Double] = []
    for series in chart.series {
      let first = series.points.partitioningIndex { $0.x >= xAxis.lower }
      let last = series.points.partitioningIndex { $0.x > xAxis.upper }
      for point in series.points[min(first, last)..<last] where point.y.isFinite {
        values.append(point.low)
        values.append(point.high)
      }
    }
    guard let own = Axis(fitting: values, scale: chart.yScale) else { return nil }
    if let range = chart.yRange { return Axis(range, scale: chart.yScale) }
    if chart.references.isEmpty { return own }
    return Axis(fitting: values + chart.references.map(\.value), scale: chart.yScale)
  }

  /// The column of an x, or nil outside the plot.
  func column(of x: Double) -> Int? {
    guard let fraction = xAxis.fraction(of: x), fraction > -1e-9, fraction < 1 + 1e-9 else {
      return nil
    }
    return plot.x + Int((fraction * Double(plot.width * 2 - 1)).rounded()) / 2
  }

  /// The row of a y, or nil outside the plot.
  func row(of y: Double) -> Int? {
    guard let fraction = yAxis.fraction(of: y), fraction > -1e-9, fraction < 1 + 1e-9 else {
      return nil
    }
    return plot.y + Int(((1 - fraction) * Double(plot.height * 4 - 1)).rounded()) / 4
  }
}
