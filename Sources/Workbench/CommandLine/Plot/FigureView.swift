import Figures
import TUI

/// A figure in the cells of a terminal.
struct FigureView: Widget {
  private let figure: Figure

  init(_ figure: Figure) { self.figure = figure }

  /// The least columns of a panel beside another.
  private static let leastWidth = 24

  /// How many panels are side by side in so many columns, and how many rows they take.
  private func grid(width: Int) -> (columns: Int, rows: Int) {
    let columns = max(1, min(figure.grid.columns, width / Self.leastWidth))
    return (columns, (figure.panels.count + columns - 1) / columns)
  }

  /// The rows it takes in so many columns, of the `room` there is; more where panels would be flat.
  func height(width: Int, room: Int) -> Int {
    let (columns, rows) = grid(width: width)
    let heights = figure.panels.map { panel in
      guard let images = panel.images else { return rows == 1 ? 14 : 11 }
      return ImageRows(images, width: (width - columns + 1) / columns).height + 1
    }
    let least = head(width: width).count + rows * (heights.max() ?? 0)
    return figure.panels.allSatisfy({ $0.images != nil }) ? least : max(room, least)
  }

  /// The title and a legend that the panels have in common, as lines.
  private func head(width: Int) -> [StyledText] {
    (figure.title.isEmpty ? [] : [StyledText(figure.title, .text, bold: true)])
      + Self.lines(of: figure.sharedLegend ?? [], width: width)
  }

  func draw(in area: Rect, on surface: inout Surface, theme: Theme) {
    let head = head(width: area.width)
    Text(head, alignment: .center).draw(in: area, on: &surface, theme: theme)
    let (columns, rows) = grid(width: area.width)
    let lines = area.inset(top: head.count).rows(
      Array(repeating: .fraction(1), count: rows))
    for (index, panel) in figure.panels.enumerated() {
      let cells = lines[index / columns].columns(
        Array(repeating: .fraction(1), count: columns), gap: 1)
      draw(panel, in: cells[index % columns], on: &surface, theme: theme)
    }
  }

  private func draw(
    _ panel: Figure.Panel, in area: Rect, on surface: inout Surface, theme: Theme
  ) {
    let own = figure.sharedLegend == nil ? panel.legend : []
    let head =
      [StyledText(panel.heading, .dim)].filter { !$0.isEmpty }
      + Self.lines(of: own, width: area.width)
    Text(head, alignment: .center).draw(in: area, on: &surface, theme: theme)
    let body = area.inset(top: head.count)
    if let images = panel.images {
      ImageRows(images, width: body.width).draw(in: body, on: &surface, theme: theme)
    } else if let map = panel.heatMap {
      draw(map, in: body, on: &surface, theme: theme)
    } else if panel.hasEqualUnits {
      ScatterPlot(panel).draw(in: body, on: &surface, theme: theme)
    } else {
      LineChart(panel).draw(in: body, on: &surface, theme: theme)
    }
  }

  private func draw(
    _ map: Figure.HeatMap, in area: Rect, on surface: inout Surface, theme: Theme
  ) {
    let (width, height) = (area.width, area.height * 2)
    guard width > 0, height > 0 else { return }
    let span = max(map.range.upperBound - map.range.lowerBound, .leastNormalMagnitude)
    let places = (0..<height).flatMap { y in
      (0..<width).map { x in
        let row = map.rows - 1 - y * map.rows / height
        let value = map.values[row * map.columns + x * map.columns / width]
        return min(max((value - map.range.lowerBound) / span, 0), 1)
      }
    }
    let pixels: PixelImage.Pixels =
      theme.depth <= .ansi16
      ? .grey(places.map { UInt8($0 * 255) })
      : .rgb(
        places.flatMap { place in
          let color = theme.noise(place)
          return [color.red, color.green, color.blue]
        })
    ImagePainter(style: .halfBlocks, theme: theme).draw(
      PixelImage(width: width, height: height, pixels: pixels), scale: .actual, x: area.x,
      y: area.y, on: &surface)
  }

  /// A legend as lines of whole entries.
  private static func lines(of legend: [Figure.LegendEntry], width: Int) -> [StyledText] {
    legend.reduce(into: []) { lines, entry in
      let sample = StyledText(entry.isDashed ? "╌╌ " : "── ", Ink(entry.tint))
      let text = sample + StyledText(entry.name, .dim)
      if let last = lines.last, last.columnCount + 2 + text.columnCount <= width {
        lines[lines.count - 1] = last + "  " + text
      } else {
        lines.append(text)
      }
    }
  }
}

extension Figure.Panel {
  /// The title with what is measured, for which the terminal has no room beside the axes.
  fileprivate var heading: String {
    let sides = [y.label, x.label].filter { !$0.isEmpty }.joined(separator: " over ")
    return [title, sides].filter { !$0.isEmpty }.joined(separator: " · ")
  }
}

extension Ink {
  init(_ tint: Figure.Tint) {
    switch tint {
    case .series(let index): self = .series(index)
    case .pale: self = .faint
    case .noise(let place): self = .noise(place)
    }
  }
}

extension LineChart {
  /// The lines and bars of a panel, bars by their outline.
  fileprivate init(_ panel: Figure.Panel) {
    self.init(
      panel.marks.compactMap { mark in
        switch mark {
        case .line(let line):
          Series(
            line.name, points: line.points.map { CurvePoint(x: $0.x, y: $0.y) },
            ink: Ink(line.tint), dash: line.isDashed ? .dashed : .solid)
        case .bars(let bars):
          Series(
            "",
            points: bars.heights.enumerated().flatMap { index, height in
              [bars.edges[index], bars.edges[index + 1]].map { CurvePoint(x: $0, y: height) }
            }, ink: Ink(bars.tint))
        case .points, .heatMap, .images: nil
        }
      })
    (xScale, yScale) = (panel.x.scale, panel.y.scale)
    (xRange, yRange) = (panel.x.range, panel.y.range)
  }
}

extension ScatterPlot {
  /// The points of a panel, the last on top.
  fileprivate init(_ panel: Figure.Panel) {
    let groups = panel.marks.compactMap { mark -> Figure.Points? in
      if case .points(let points) = mark { points } else { nil }
    }
    let inks = groups.flatMap { group in group.points.map { _ in Ink(group.tint) } }
    self.init(
      groups.flatMap(\.points), xRange: panel.x.range ?? -1...1,
      yRange: panel.y.range ?? -1...1)
    ink = { inks[$0] }
  }
}
