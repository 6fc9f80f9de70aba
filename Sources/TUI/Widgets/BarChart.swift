/// Vertical bars side by side, with a resolution of an eighth of a cell.
public struct BarChart: Widget {
  /// Text under a bar.
  public struct Label: Hashable, Sendable {
    /// The bar that the text belongs to, from 0.
    package var index: Int
    /// What is written below it.
    package var text: String

    /// A text below one of the bars.
    public init(_ index: Int, _ text: String) {
      (self.index, self.text) = (index, text)
    }
  }

  /// One value a bar; NaN leaves its place empty.
  package var values: [Double]
  /// For each bar a value that is drawn as a thin line, such as the least one possible.
  package var floors: [Double] = []
  /// The ink of each bar.
  public var ink: (Int) -> Ink
  /// Texts below bars.
  public var labels: [Label] = []
  /// How values become heights.
  public var scale: Axis.Scale = .linear
  /// The range of the values, or nil for 0 (logarithmic: the smallest) up to the largest.
  public var range: ClosedRange<Double>?
  /// Whether bars of negative values hang from 0, where others begin, rather than all rise from the lowest
  /// value.
  package var beginsAtZero = false
  /// Whether round values are shown at the left.
  package var showsAxis = true
  /// The bar that is read out.
  package var cursor: Int?
  /// The read-out of a bar.
  public var text: (Int, Double) -> String = { "\($0)  " + Numbers.compact($1) }
  /// The text shown when there are no values.
  public var placeholder: StyledText = "no values yet"

  /// A bar for each value; `ink` gives each its colour.
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
      for slot in 0..<layout.slots {
        if beginsAtZero {
          drawSignedBar(slot, layout, axis, &surface, theme)
        } else {
          drawBar(slot, layout, axis, &surface, theme)
        }
      }
      drawLabels(layout, &surface, theme)
      drawReadOut(layout, &surface, theme)
    }
  }

  /// The bar under a column of the terminal, as for a mouse.
  public func index(atColumn column: Int, in area: Rect) -> Int? {
    guard !area.isEmpty, !values.isEmpty, let axis = valueAxis else { return nil }
    let layout = layout(in: area, axis: axis)
    let slot = (0..<layout.slots).first { layout.columns(of: $0).contains(column) }
    return slot.map { min(values.count - 1, $0 * layout.valuesPerSlot) }
  }

  struct Layout {
    var plot: Rect
    /// How many bars there are.
    var slots: Int
    /// Values that share a bar where there are more than columns; the greatest is drawn, or the one
    /// farthest from 0 where bars begin there.
    var valuesPerSlot: Int

    /// The columns of a bar and the gap after it; together the bars take the whole width.
    func columns(of slot: Int) -> Range<Int> {
      plot.x + slot * plot.width / slots..<plot.x + (slot + 1) * plot.width / slots
    }

    /// There are gaps between bars that are wide enough.
    var gap: Int { plot.width / slots >= 3 ? 1 : 0 }
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
    let valuesPerSlot = max(1, (values.count + plot.width - 1) / max(1, plot.width))
    let slots = (values.count + valuesPerSlot - 1) / valuesPerSlot
    return Layout(plot: plot, slots: slots, valuesPerSlot: valuesPerSlot)
  }
}
