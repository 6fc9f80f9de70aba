/// A signal as a curve over the clean one it came from or should become.
package struct SignalPlot: Widget {
  /// The values, evenly spaced across.
  package var signal: [Double]
  /// The signal to compare with, drawn faint behind.
  package var clean: [Double]
  /// The values at the bottom and the top.
  package var range: ClosedRange<Double>
  /// The colour of the line.
  package var ink: Ink

  /// A line through the values of a signal, over the one to compare with.
  package init(
    _ signal: [Double], over clean: [Double] = [], range: ClosedRange<Double> = -1.5...1.5,
    ink: Ink = .accent
  ) {
    (self.signal, self.clean, self.range, self.ink) = (signal, clean, range, ink)
  }

  package func draw(in area: Rect, on surface: inout Surface, theme: Theme) {
    guard !area.isEmpty else { return }
    let zero = Axis(range).fraction(of: 0) ?? -1
    if zero > 0, zero < 1 {
      let row = Int((1 - zero) * Double(area.height * 4 - 1)) / 4
      surface.putGuide(in: area.row(row), style: Ink.faint.style(in: theme))
    }
    var chart = LineChart([
      LineChart.Series("clean", values: Self.envelope(clean, columns: 2 * area.width), ink: .dim),
      LineChart.Series("signal", values: Self.envelope(signal, columns: 2 * area.width), ink: ink),
    ])
    chart.yRange = range
    chart.showsAxes = false
    chart.placeholder = ""
    chart.draw(in: area, on: &surface, theme: theme)
  }

  /// The lowest and the highest value of each stretch in turn, where there are far more values than columns of
  /// dots: no peak is lost, and drawing takes no longer than for a short signal.
  static func envelope(_ values: [Double], columns: Int) -> [Double] {
    guard columns > 0, values.count > 4 * columns else { return values }
    return (0..<columns).flatMap { column -> [Double] in
      let part = values[column * values.count / columns..<(column + 1) * values.count / columns]
      var (least, greatest) = (Double.infinity, -Double.infinity)
      for value in part where value.isFinite {
        (least, greatest) = (min(least, value), max(greatest, value))
      }
      return least <= greatest ? [least, greatest] : [.nan, .nan]
    }
  }
}
