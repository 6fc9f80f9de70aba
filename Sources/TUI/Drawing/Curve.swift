/// A value of a curve, or the range of a few neighbouring values.
public struct CurvePoint: Hashable, Sendable {
  /// The place across.
  package var x: Double
  /// The value a line goes through; NaN makes a gap.
  package var y: Double
  /// The least of the values that the point represents.
  package var low: Double
  /// The greatest of the values that the point represents.
  package var high: Double

  /// A point of a line.
  public init(x: Double, y: Double) {
    (self.x, self.y, low, high) = (x, y, y, y)
  }

  /// A point that represents values from `low` to `high`.
  public init(x: Double, y: Double, low: Double, high: Double) {
    (self.x, self.y, self.low, self.high) = (x, y, low, high)
  }
}

/// Draws points of ascending x as one curve, with the extremes of every column of dots.
struct Curve {
  var points: [CurvePoint]
  var xAxis: Axis
  var yAxis: Axis
  var dash: Dash = .solid
  /// How the curve looks at an x.
  var style: (Double) -> Style

  private struct Column {
    var x: Int
    var value: Double
    var first: Double
    var last: Double
    var top: Double
    var bottom: Double
  }

  /// Adds the curve to a canvas as a separate series.
  func draw(on canvas: inout BrailleCanvas) {
    canvas.beginSeries()
    var current: Column?
    var previous: Column?
    for point in points[visible] {
      guard let place = place(point, on: canvas) else {
        if let current { finish(current, after: previous, on: &canvas) }
        (current, previous) = (nil, nil)
        continue
      }
      if var column = current, column.x == place.x {
        column.last = place.last
        column.top = min(column.top, place.top)
        column.bottom = max(column.bottom, place.bottom)
        current = column
      } else {
        if let current { finish(current, after: previous, on: &canvas) }
        previous = current
        current = place
      }
    }
    if let current { finish(current, after: previous, on: &canvas) }
  }

  /// The points on the axis, and one more at either side for the lines that lead there.
  private var visible: Range<Int> {
    let first = points.partitioningIndex { $0.x >= xAxis.lower }
    let last = points.partitioningIndex { $0.x > xAxis.upper }
    return max(0, first - 1)..<min(points.count, last + 1)
  }

  private func place(_ point: CurvePoint, on canvas: BrailleCanvas) -> Column? {
    guard let across = xAxis.fraction(of: point.x), let up = yAxis.fraction(of: point.y),
      across.magnitude < 1e9
    else { return nil }
    let height = Double(canvas.dots.height - 1)
    let y = (1 - up) * height
    let top = yAxis.fraction(of: point.high).map { (1 - $0) * height } ?? y
    let bottom = yAxis.fraction(of: point.low).map { (1 - $0) * height } ?? y
    return Column(
      x: Int((across * Double(canvas.dots.width - 1)).rounded()), value: point.x, first: y, last: y,
      top: min(y, top), bottom: max(y, bottom))
  }

  private func finish(
    _ column: Column, after previous: Column?, on canvas: inout BrailleCanvas
  ) {
    let style = style(column.value)
    let x = Double(column.x)
    if let previous {
      canvas.line(
        fromX: Double(previous.x), y: previous.last, toX: x, y: column.first, style: style,
        dash: dash)
    }
    canvas.line(
      fromX: x, y: column.top, toX: x, y: column.bottom, style: style, dash: dash)
  }
}

extension RandomAccessCollection where Index == Int {
  /// The first index whose element fulfils `belongs`, where all after it do too.
  func partitioningIndex(where belongs: (Element) -> Bool) -> Int {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = (low + high) / 2
      if belongs(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
