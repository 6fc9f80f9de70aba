internal import Axes

/// Names of lines in a box beside them.
struct Legend {
  let entries: [Figure.LegendEntry]
  let box: Area

  static let lineHeight = 17.0
  static let sampleWidth = 22.0
  private static let padding = 7.0

  /// The legend of a panel in the emptiest of its corners, or beside it where none is free; nil where
  /// there are no names.
  init?(_ entries: [Figure.LegendEntry], over layout: inout PanelLayout) {
    guard !entries.isEmpty else { return nil }
    self.entries = entries
    let widest = entries.map { Letters.standard.width($0.name) }.max() ?? 0
    let width = Self.padding * 2 + Self.sampleWidth + 6 + widest * Paper.tickSize
    let height = Self.padding * 2 + Self.lineHeight * Double(entries.count) - 3
    let plot = layout.plot.inset(top: 8, left: 8, bottom: 8, right: 8)
    let corners = [(plot.right - width, plot.y), (plot.x, plot.y)].flatMap { x, y in
      [Area(x: x, y: y, width: width, height: height)]
        + [Area(x: x, y: plot.bottom - height, width: width, height: height)]
    }
    let places = layout.coveredPlaces
    let free = corners.first { corner in
      corner.x >= plot.x && corner.y >= plot.y && corner.bottom <= plot.bottom
        && !places.contains { corner.inset(top: -5, left: -5, bottom: -5, right: -5).contains($0) }
    }
    if let free {
      box = free
    } else {
      layout.narrow(by: width + 12)
      box = Area(x: layout.plot.right + 12, y: layout.plot.y, width: width, height: height)
    }
  }

  /// Where the name of an entry begins, and the middle of its line.
  func start(of index: Int) -> Place {
    Place(
      x: box.x + Self.padding,
      y: box.y + Self.padding - 2 + (Double(index) + 0.5) * Self.lineHeight)
  }
}

// MARK: - One for all panels

extension Legend {
  /// Between two entries of a line.
  static let gap = 20.0

  /// The width of entries side by side.
  static func width(of entries: [Figure.LegendEntry]) -> Double {
    let widths = entries.map { sampleWidth + 6 + Letters.standard.width($0.name) * Paper.tickSize }
    return widths.reduce(0, +) + gap * Double(max(entries.count - 1, 0))
  }

  /// The entries line by line, none wider than `room` but for a name that is by itself.
  static func rows(
    of entries: [Figure.LegendEntry], within room: Double
  ) -> [[Figure.LegendEntry]] {
    entries.reduce(into: []) { rows, entry in
      if let last = rows.last, width(of: last + [entry]) <= room {
        rows[rows.count - 1].append(entry)
      } else {
        rows.append([entry])
      }
    }
  }
}

extension PanelLayout {
  /// Places that marks cover, close enough to one another to tell whether an area is free.
  fileprivate var coveredPlaces: [Place] {
    panel.marks.flatMap { mark -> [Place] in
      switch mark {
      case .line(let line):
        let places = line.points.compactMap(place)
        return zip(places, places.dropFirst()).flatMap { from, to in
          let steps = max(1, Int(max(abs(to.x - from.x), abs(to.y - from.y)) / 4))
          return (0...steps).map { step in
            let share = Double(step) / Double(steps)
            return Place(x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share)
          }
        }
      case .points(let points): return points.points.compactMap(place)
      case .bars(let bars):
        return zip(zip(bars.edges, bars.edges.dropFirst()), bars.heights).compactMap {
          place(Figure.Point(($0.0 + $0.1) / 2, $1))
        }
      case .heatMap, .images: return [plot.middle]
      }
    }
  }
}

extension Sheet {
  func draw(_ legend: Legend) {
    canvas.fill(legend.box, Hue(0xFFFFFF, opacity: 0.9))
    canvas.frame(legend.box, Hue(0xCCCCCC), width: 0.8)
    for (index, entry) in legend.entries.enumerated() { draw(entry, at: legend.start(of: index)) }
  }

  /// Draws a legend as lines of text, the first around a place.
  func drawRows(of entries: [Figure.LegendEntry], around place: Place, within room: Double) {
    for (index, row) in Legend.rows(of: entries, within: room).enumerated() {
      var x = place.x - min(Legend.width(of: row), room) / 2
      for entry in row {
        let start = Place(x: x, y: place.y + Double(index) * Legend.lineHeight)
        draw(entry, at: start, fitting: room - Legend.sampleWidth - 6)
        x += Legend.width(of: [entry]) + Legend.gap
      }
    }
  }

  private func draw(
    _ entry: Figure.LegendEntry, at start: Place, fitting room: Double = .infinity
  ) {
    canvas.line(
      [start, Place(x: start.x + Legend.sampleWidth, y: start.y)], Paper.color(entry.tint),
      width: 1.8, dash: entry.isDashed ? Self.dash : [])
    write(
      entry.name,
      at: Place(
        x: start.x + Legend.sampleWidth + 6, y: start.y + Letters.capitals * Paper.tickSize / 2),
      size: Paper.tickSize, fitting: room)
  }
}
