extension LineChart {
  /// A point of a curve that can be dragged.
  package struct Handle: Hashable, Sendable {
    /// The place across.
    package var x: Double
    /// The height.
    package var y: Double
    /// Whether it is the one that keys move.
    package var isSelected: Bool

    /// A handle at a point.
    package init(x: Double, y: Double, isSelected: Bool = false) {
      (self.x, self.y, self.isSelected) = (x, y, isSelected)
    }
  }

  func drawHandles(_ layout: ChartLayout, _ surface: inout Surface, _ theme: Theme) {
    // The selected one comes last, on top of the others.
    for handle in handles.filter({ !$0.isSelected }) + handles.filter(\.isSelected) {
      guard let (x, y) = layout.cell(of: handle) else { continue }
      let ink: Ink = handle.isSelected ? .accent : .text
      surface.put(
        handle.isSelected ? "◆" : "◇", x: x, y: y, style: ink.style(in: theme).bold)
    }
  }

  /// The handle under a cell of the terminal, as for a mouse, or the nearest within two columns and
  /// a row.
  package func handle(atX x: Int, y: Int, in area: Rect) -> Int? {
    guard let layout = ChartLayout(self, in: area) else { return nil }
    let distances = handles.indices.compactMap { index -> (index: Int, distance: Int)? in
      guard let cell = layout.cell(of: handles[index]) else { return nil }
      let (columns, rows) = (abs(cell.x - x), abs(cell.y - y))
      // A cell is about twice as high as it is wide.
      return columns <= 2 && rows <= 1 ? (index, columns + 2 * rows) : nil
    }
    return distances.min { $0.distance < $1.distance }?.index
  }

  /// The y under a row of the terminal, as for a mouse; beside the plot the axis goes on.
  package func y(atRow row: Int, in area: Rect) -> Double? {
    guard let layout = ChartLayout(self, in: area) else { return nil }
    let plot = layout.plot
    let dots = Double(plot.height * 4 - 1)
    return layout.yAxis.value(at: 1 - (Double((row - plot.y) * 4) + 1.5) / dots)
  }
}

extension ChartLayout {
  fileprivate func cell(of handle: LineChart.Handle) -> (x: Int, y: Int)? {
    guard let x = column(of: handle.x), let y = row(of: handle.y) else { return nil }
    return (x, y)
  }
}
