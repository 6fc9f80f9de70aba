/// Values over two axes as brightness: strips from left to right, each from its lowest value up.
package struct HeatMap: Widget {
  /// The values over a stretch of x, evenly from the bottom to the top; NaN for none.
  package struct Strip: Hashable, Sendable {
    /// Where it begins, and where the next one may.
    package var x: ClosedRange<Double>
    /// Its values from the bottom up.
    package var values: [Double]

    /// A strip of values from the bottom up.
    package init(_ x: ClosedRange<Double>, _ values: [Double]) {
      (self.x, self.values) = (x, values)
    }
  }

  /// The strips, of ascending x.
  package var strips: [Strip]
  /// The stretch of x in view, or nil for all.
  package var xRange: ClosedRange<Double>?
  /// How values become brightness.
  package var scale: Axis.Scale = .log
  /// The values that are darkest and brightest, or nil for the extremes in view.
  package var range: ClosedRange<Double>?
  /// Texts at the left, from the bottom (0) to the top (1).
  package var labels: [(place: Double, text: String)] = []
  /// The x under the cursor.
  package var cursor: Double?
  /// What is said of the cursor.
  package var readOut: StyledText = ""
  /// How pixels become characters.
  package var style: ImageStyle
  /// What is shown where there are no values.
  package var placeholder: StyledText = "no values yet"

  /// Strips as brightness.
  package init(_ strips: [Strip], style: ImageStyle = .halfBlocks) {
    (self.strips, self.style) = (strips, style)
  }

  /// The extremes of what is in view; nil where there is nothing.
  package var extremes: ClosedRange<Double>? {
    guard let xAxis else { return nil }
    let values = strips.filter { $0.x.upperBound >= xAxis.lower && $0.x.lowerBound <= xAxis.upper }
      .flatMap(\.values).filter { $0.isFinite && (scale == .linear || $0 > 0) }
    guard let least = values.min(), let greatest = values.max() else { return nil }
    return least...greatest
  }

  package func draw(in area: Rect, on surface: inout Surface, theme: Theme) {
    guard let xAxis, let range = range ?? extremes else {
      Text.placeholder(placeholder).draw(in: area, on: &surface, theme: theme)
      return
    }
    let plot = plot(in: area)
    guard !plot.isEmpty else { return }
    surface.clipped(to: area) { surface in
      ImagePainter(style: style, theme: theme).draw(
        picture(plot.size, xAxis, range), scale: .actual, x: plot.x, y: plot.y, on: &surface)
      drawLabels(area, plot, xAxis, &surface, theme)
      drawCursor(plot, xAxis, &surface, theme)
    }
  }

  /// The x under a column of the terminal, as for a mouse; nil beside the plot.
  package func x(atColumn column: Int, in area: Rect) -> Double? {
    let plot = plot(in: area)
    guard let xAxis, column >= plot.x, column < plot.maxX else { return nil }
    return xAxis.value(at: (Double(column - plot.x) + 0.5) / Double(plot.width))
  }

  private var xAxis: Axis? {
    if let xRange { return Axis(xRange) }
    guard let first = strips.first, let last = strips.last else { return nil }
    let (lower, upper) = (first.x.lowerBound, last.x.upperBound)
    return Axis(lower...max(upper, lower + 1))
  }

  private func plot(in area: Rect) -> Rect {
    var plot = area
    if area.height >= 4 { plot.height -= 1 }
    let width = labels.reduce(0) { max($0, $1.text.columnCount) }
    return width > 0 && area.width >= width + 12 ? plot.inset(left: width + 1) : plot
  }

  /// The plot pixel by pixel: the mean of what falls into each.
  private func picture(
    _ cells: Size, _ xAxis: Axis, _ range: ClosedRange<Double>
  ) -> PixelImage {
    let per = style.pixelsPerCell
    let (width, height) = (cells.width * per.width, cells.height * per.height)
    var pixels = [UInt8](repeating: 0, count: width * height)
    let brightness = Axis(range, scale: scale)
    for column in 0..<width {
      let start = xAxis.value(at: Double(column) / Double(width))
      let end = xAxis.value(at: Double(column + 1) / Double(width))
      let here = strips(between: start, and: end)
      guard !here.isEmpty else { continue }
      for row in 0..<height {
        let values = here.compactMap { strip -> Double? in
          let index = (height - 1 - row) * strip.values.count / height
          return strip.values[index].isFinite ? strip.values[index] : nil
        }
        guard !values.isEmpty else { continue }
        let mean = values.reduce(0, +) / Double(values.count)
        let place = brightness.fraction(of: mean) ?? 0
        // The lowest value is still something.
        pixels[row * width + column] = UInt8(24 + 231 * min(max(place, 0), 1))
      }
    }
    return PixelImage(width: width, height: height, pixels: .grey(pixels))
  }

  /// The strips that lie in a stretch of x, or the one in which it lies.
  private func strips(between start: Double, and end: Double) -> ArraySlice<Strip> {
    let first = strips.partitioningIndex { $0.x.upperBound > start }
    let last = strips.partitioningIndex { $0.x.lowerBound >= end }
    return strips[min(first, last)..<last]
  }

  private func drawLabels(
    _ area: Rect, _ plot: Rect, _ xAxis: Axis, _ surface: inout Surface, _ theme: Theme
  ) {
    let style = Ink.dim.style(in: theme)
    if plot.x > area.x {
      for label in labels {
        let row = plot.y + Int(((1 - label.place) * Double(plot.height - 1)).rounded())
        let cells = Rect(x: area.x, y: row, width: plot.x - area.x - 1, height: 1)
        surface.put(label.text, in: cells, alignment: .right, style: style)
      }
    }
    guard plot.height < area.height else { return }
    var free = plot.x
    for tick in xAxis.ticks(atMost: max(1, plot.width / 9)) {
      guard let fraction = xAxis.fraction(of: tick.value), (0...1).contains(fraction) else {
        continue
      }
      let width = tick.label.columnCount
      let middle = plot.x + Int((fraction * Double(plot.width - 1)).rounded())
      let start = min(max(middle - width / 2, plot.x), plot.maxX - width)
      guard start >= free else { continue }
      surface.put(tick.label, x: start, y: plot.maxY, style: style)
      free = start + width + 2
    }
  }

  private func drawCursor(
    _ plot: Rect, _ xAxis: Axis, _ surface: inout Surface, _ theme: Theme
  ) {
    guard let cursor, let fraction = xAxis.fraction(of: cursor), (0...1).contains(fraction) else {
      return
    }
    let column = plot.x + min(Int(fraction * Double(plot.width)), plot.width - 1)
    for y in plot.y..<plot.maxY {
      surface.put("│", x: column, y: y, style: Ink.cursor.style(in: theme))
    }
    guard plot.height >= 3, !readOut.isEmpty else { return }
    // On a background of its own: the cells below may have any brightness.
    let text = " " + readOut + " "
    let width = min(text.columnCount, plot.width)
    let row = plot.row(0).inset(left: plot.width - width)
    surface.fill(row, style: theme.style(.text))
    surface.put(text, in: row, alignment: .left, ink: .text, theme: theme)
  }
}
