package import Axes

/// A figure for a page: panels with marks, axes and a legend.
package struct Figure: Sendable {
  /// What is written above all panels; empty for nothing.
  package var title: String
  /// The panels, row by row.
  package var panels: [Panel]
  /// How many panels are side by side; nil for about as many as there are rows, or some more where
  /// that fills the last row.
  package var columns: Int?

  /// A figure of some panels.
  package init(_ title: String = "", panels: [Panel], columns: Int? = nil) {
    (self.title, self.panels, self.columns) = (title, panels, columns)
  }

  /// How many panels are side by side, and how many rows they take.
  package var grid: (columns: Int, rows: Int) {
    let count = max(panels.count, 1)
    let square = Int(Double(count).squareRoot().rounded(.up))
    let even = (square...square + 1).first { count.isMultiple(of: $0) } ?? square
    let columns = min(count, max(1, columns ?? even))
    return (columns, (count + columns - 1) / columns)
  }

  /// The names of the legend that all panels have in common, where there are several panels.
  package var sharedLegend: [LegendEntry]? {
    guard panels.count > 1, let first = panels.first?.legend, !first.isEmpty,
      panels.allSatisfy({ $0.legend == first })
    else { return nil }
    return first
  }
}

extension Figure {
  /// Marks over two axes, or images without any.
  package struct Panel: Sendable {
    /// What is written above; empty for nothing.
    package var title: String
    /// What is drawn, the last on top.
    package var marks: [Mark]
    /// What goes across.
    package var x: Side
    /// What goes up.
    package var y: Side
    /// Whether a unit is as long across as it is upwards, as for points of the plane.
    package var hasEqualUnits = false

    /// A panel of marks; a side without a range shows all of them.
    package init(_ title: String = "", _ marks: [Mark], x: Side = Side(), y: Side = Side()) {
      (self.title, self.marks, self.x, self.y) = (title, marks, x, y)
    }

    /// The names of its lines, in their order.
    package var legend: [LegendEntry] {
      marks.compactMap { mark in
        guard case .line(let line) = mark, !line.name.isEmpty else { return nil }
        return LegendEntry(name: line.name, tint: line.tint, isDashed: line.isDashed)
      }
    }
  }

  /// One side of a panel: what is measured along it.
  package struct Side: Sendable {
    /// The quantity with its unit; empty for none.
    package var label: String
    /// How values are spread.
    package var scale: Axis.Scale
    /// The values at the ends; nil for those of the marks.
    package var range: ClosedRange<Double>?

    /// A side, by default an even one without a name.
    package init(
      _ label: String = "", _ scale: Axis.Scale = .linear, range: ClosedRange<Double>? = nil
    ) {
      (self.label, self.scale, self.range) = (label, scale, range)
    }
  }

  /// A colour by what it means; paper and terminal each have their own.
  package enum Tint: Sendable, Hashable {
    /// One of the colours that distinguish series.
    case series(Int)
    /// A paler kind of that colour, for raw values behind smoothed ones.
    case pale(Int)
    /// A place on the way from noise (0) to data (1).
    case noise(Double)
  }

  /// A name in a legend with the look of its line.
  package struct LegendEntry: Sendable, Hashable {
    package var name: String
    package var tint: Tint
    package var isDashed: Bool
  }
}
