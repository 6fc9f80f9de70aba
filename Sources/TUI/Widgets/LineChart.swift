/// Curves over a common x, with grid lines at round values, reference lines, marks and a cursor.
///
/// The chart has no state: its caller stores the zoom window, the scales and the cursor.
public struct LineChart: Widget {
  /// One curve.
  public struct Series {
    /// The name at its end and in the read-out.
    package var name: String
    /// Points of ascending x; NaN, and 0 or less on a logarithmic axis, makes a gap.
    package var points: [CurvePoint]
    /// The colour of the line.
    package var ink: Ink
    /// How the line is broken.
    package var dash: Dash
    /// The ink at an x, where the curve changes colour along its way.
    package var inkAt: ((Double) -> Ink)?

    /// A line through points; `inkAt` colours each point.
    public init(
      _ name: String, points: [CurvePoint], ink: Ink, dash: Dash = .solid,
      inkAt: ((Double) -> Ink)? = nil
    ) {
      (self.name, self.points, self.ink) = (name, points, ink)
      (self.dash, self.inkAt) = (dash, inkAt)
    }

    /// Values at x = 0, 1, 2 ….
    public init(
      _ name: String, values: [Double], ink: Ink, dash: Dash = .solid,
      inkAt: ((Double) -> Ink)? = nil
    ) {
      let points = values.enumerated().map { CurvePoint(x: Double($0), y: $1) }
      self.init(name, points: points, ink: ink, dash: dash, inkAt: inkAt)
    }
  }

  /// A horizontal line at a value that the curves are compared with.
  public struct Reference {
    /// The height of the line.
    package var value: Double
    /// What is written on it.
    package var label: String
    /// The colour of the line.
    package var ink: Ink

    /// A horizontal line at a value.
    public init(_ value: Double, label: String, ink: Ink = .dim) {
      (self.value, self.label, self.ink) = (value, label, ink)
    }
  }

  /// Something that happened at an x.
  package struct Mark {
    /// The place across.
    package var x: Double
    /// What is written at its top.
    package var label: String

    /// A vertical line at a place.
    package init(x: Double, label: String = "") {
      (self.x, self.label) = (x, label)
    }
  }

  /// The curves, the last one on top.
  public var series: [Series]
  /// The scale of x.
  public var xScale: Axis.Scale = .linear
  /// The scale of y.
  public var yScale: Axis.Scale = .linear
  /// The zoom window, or nil for all of x.
  public var xRange: ClosedRange<Double>?
  /// The range of y, or nil to fit the visible points.
  public var yRange: ClosedRange<Double>?
  /// Horizontal lines.
  public var references: [Reference] = []
  /// Vertical lines.
  package var marks: [Mark] = []
  /// x values marked by small ticks on the axis, such as the steps a sampler visits.
  package var axisTicks: [Double] = []
  /// Points marked on the last curve, such as the levels that a sampler visits, unless there are too many.
  package var dots: [CurvePoint] = []
  /// Points that can be dragged, drawn over the curves.
  package var handles: [Handle] = []
  /// The x whose values are read out.
  public var cursor: Double?
  /// Whether the values at the cursor are written into the chart.
  package var readsOut = true
  /// What x counts, as in the read-out.
  package var xName = "step"
  /// The text of an x, or nil for a number.
  package var xText: ((Double) -> String)?
  /// The text of a y in the read-out.
  package var yText: (Double) -> String = { Numbers.compact($0) }
  /// Whether each curve's name stands at its right end.
  public var namesCurves = false
  /// Whether axis values and grid lines are drawn.
  public var showsAxes = true
  /// The text shown when there are no points.
  public var placeholder: StyledText = "no values yet"

  /// A chart of some series.
  public init(_ series: [Series]) {
    self.series = series
  }

  /// The value of a curve at an x: that of the last point up to there.
  package static func value(of series: Series, at x: Double) -> Double? {
    let index = series.points.partitioningIndex { $0.x > x }
    guard index > 0 else { return nil }
    let value = series.points[index - 1].y
    return value.isFinite ? value : nil
  }

  /// The x under a column of the terminal, as for a mouse; nil beside the plot.
  package func x(atColumn column: Int, in area: Rect) -> Double? {
    guard let layout = ChartLayout(self, in: area) else { return nil }
    let plot = layout.plot
    guard column >= plot.x, column < plot.maxX else { return nil }
    let dots = Double(plot.width * 2 - 1)
    return layout.xAxis.value(at: (Double((column - plot.x) * 2) + 0.5) / dots)
  }
}
