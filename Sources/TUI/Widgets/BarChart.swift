/// Upright bars side by side, to an eighth of a cell.
public struct BarChart: Widget {
  /// Text under a bar.
  public struct Label: Hashable, Sendable {
    public var index: Int
    public var text: String

    public init(_ index: Int, _ text: String) {
      (self.index, self.text) = (index, text)
    }
  }

  /// One value a bar; NaN leaves its place empty.
  public var values: [Double]
  /// For each bar a value that is drawn as a thin line, such as the least one possible.
  public var floors: [Double] = []
  /// The ink of each bar.
  public var ink: (Int) -> Ink
  public var labels: [Label] = []
  public var scale: Axis.Scale = .linear
  /// The range of the values, or nil for 0 (logarithmic: the least) up to the greatest.
  public var range: ClosedRange<Double>?
  /// Whether round values stand at the left.
  public var showsAxis = true
  /// The bar that is read out.
  public var cursor: Int?
  /// What the read-out says of a bar.
  public var text: (Int, Double) -> String = { "\($0)  " + Numbers.compact($1) }
  public var placeholder: StyledText = "no values yet"

  public init(_ values: [Double], ink: @escaping (Int) -> Ink = { _ in .accent }) {
    (self.values, self.ink) = (values, ink)
  }

  public func draw(in area: Rect, on surface: inout Surface, theme: Theme) {
    guard !area.isEmpty else { return }
    guard !values.isEmpty, let axis = valueAxis else {
      Text.placeholder(placeholder).draw(in: area, on: &surface, theme: theme)
      return
    }
    let layout = layout(in: area, axis: axis)
    surface.clipped(to: area) { surface in
      drawGuides(layout, axis, area, &surface, theme)
      for slot in 0..<layout.slots { drawBar(slot, layout, axis, &surface, theme) }
      drawLabels(layout, &surface, theme)
      drawReadOut(layout, &surface, theme)
    }
  }

  /// The bar under a column of the terminal, as for a mouse.
  public func index(atColumn column: Int, in area: Rect) -> Int? {
    guard !area.isEmpty, !values.isEmpty, let axis = valueAxis else { return nil }
    let layout = layout(in: area, axis: axis)
    let slot = (column - layout.plot.x) / layout.width
    guard column >= layout.plot.x, slot < layout.slots else { return nil }
    return min(values.count - 1, slot * layout.valuesPerSlot)
  }

  private struct Layout {
    var plot: Rect
    /// Columns from one bar to the next.
    var width: Int
    var slots: Int
    /// Values that share a bar where there are more than columns; the greatest is drawn.
    var valuesPerSlot: Int
  }

  private var valueAxis: Axis? {
    if let range { return Axis(range, scale: scale) }
    let usable = (values + floors).filter { $0.isFinite && (scale == .linear || $0 > 0) }
    guard let least = usable.min(), let greatest = usable.max() else { return nil }
    if scale == .log { return Axis(least * 0.7...greatest * 1.2, scale: .log) }
    return Axis(min(0, least)...max(greatest * 1.05, least == 0 && greatest == 0 ? 1 : 0))
  }

  private func layout(in area: Rect, axis: Axis) -> Layout {
    var plot = area
    if !labels.isEmpty, plot.height >= 3 { plot.height -= 1 }
    if showsAxis, plot.height >= 2, plot.width >= 24 { plot = plot.inset(left: 6) }
    let valuesPerSlot = (values.count + plot.width - 1) / max(1, plot.width)
    let slots = (values.count + valuesPerSlot - 1) / valuesPerSlot
    return Layout(
      plot: plot, width: max(1, plot.width / slots), slots: slots, valuesPerSlot: valuesPerSlot)
  }

  private func drawGuides(
    _ layout: Layout, _ axis: Axis, _ area: Rect, _ surface: inout Surface, _ theme: Theme
  ) {
    let plot = layout.plot
    guard plot.x > area.x else { return }
    for tick in axis.ticks(atMost: max(2, (plot.height + 1) / 2)) {
      guard let fraction = axis.fraction(of: tick.value) else { continue }
      let y = plot.y + min(plot.height - 1, Int((1 - fraction) * Double(plot.height)))
      let label = Rect(x: area.x, y: y, width: 5, height: 1)
      surface.put(tick.label, in: label, alignment: .right, style: Ink.dim.style(in: theme))
      for x in stride(from: plot.x, to: plot.maxX, by: 2) {
        surface.put("·", x: x, y: y, style: Ink.faint.style(in: theme))
      }
    }
  }

  private func drawBar(
    _ slot: Int, _ layout: Layout, _ axis: Axis, _ surface: inout Surface, _ theme: Theme
  ) {
    let first = slot * layout.valuesPerSlot
    let group = first..<min(values.count, first + layout.valuesPerSlot)
    let value = group.map { values[$0] }.filter { $0.isFinite }.max()
    let plot = layout.plot
    let total = plot.height * 8
    var eighths = 0
    if let value, let fraction = axis.fraction(of: value) {
      // What is there shows, however small.
      eighths = max(value > 0 ? 1 : 0, Int((min(1, max(0, fraction)) * Double(total)).rounded()))
    }
    let ink = ink(first + group.count / 2).style(in: theme)
    let floor = group.compactMap { floors.indices.contains($0) ? floors[$0] : nil }.max()
    let floorRow = floor.flatMap { axis.fraction(of: $0) }.map {
      min(plot.height - 1, max(0, Int($0 * Double(plot.height))))
    }
    let gap = layout.width >= 3 ? 1 : 0
    let x = plot.x + slot * layout.width
    for row in 0..<plot.height {
      let fill = min(8, max(0, eighths - row * 8))
      let y = plot.maxY - 1 - row
      for column in x..<x + layout.width - gap {
        if row == floorRow, fill == 0 || fill == 8 {
          let line = Ink.text.style(in: theme)
          surface.put("─", x: column, y: y, style: fill == 8 ? line.on(ink.foreground) : line)
        } else if fill > 0, let block = Unicode.Scalar(0x2580 + UInt32(fill)) {
          surface.put(block, x: column, y: y, style: ink)
        } else if let cursor, group.contains(cursor), column == x {
          surface.put("│", x: column, y: y, style: Ink.accent.style(in: theme))
        }
      }
    }
  }

  private func drawLabels(_ layout: Layout, _ surface: inout Surface, _ theme: Theme) {
    guard !labels.isEmpty, layout.plot.height >= 2 else { return }
    var free = layout.plot.x
    for label in labels {
      let x = layout.plot.x + label.index / layout.valuesPerSlot * layout.width
      let start = min(x, layout.plot.maxX - label.text.columnCount)
      guard start >= free else { continue }
      surface.put(label.text, x: start, y: layout.plot.maxY, style: Ink.dim.style(in: theme))
      free = start + label.text.columnCount + 1
    }
  }

  private func drawReadOut(_ layout: Layout, _ surface: inout Surface, _ theme: Theme) {
    guard let cursor, values.indices.contains(cursor) else { return }
    surface.put(
      " " + text(cursor, values[cursor]), in: layout.plot.row(0), alignment: .right,
      style: Ink.accent.style(in: theme))
  }
}
