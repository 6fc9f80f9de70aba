internal import Axes

/// Draws figures on a canvas.
struct Sheet {
  let canvas: Canvas

  static let margin = 14.0
  private static let gap = 16.0

  init(_ canvas: Canvas) { self.canvas = canvas }

  /// The room of the title and of a legend that all panels have in common, on a sheet so wide.
  static func headHeight(of figure: Figure, width: Double) -> Double {
    (figure.title.isEmpty ? 0 : 28) + legendHeight(of: figure, within: width - 2 * margin)
  }

  private static func legendHeight(of figure: Figure, within room: Double) -> Double {
    guard let shared = figure.sharedLegend else { return 0 }
    return 7 + Legend.lineHeight * Double(Legend.rows(of: shared, within: room).count)
  }

  /// The room of titles of panels.
  private static func titleRoom(of figure: Figure) -> Double {
    figure.panels.contains { !$0.title.isEmpty } ? 20 : 0
  }

  /// The smallest sheet on which every panel has some room, if it is as wide as given or wider.
  static func smallestSize(for figure: Figure, width: Double) -> (width: Double, height: Double) {
    let (columns, rows) = figure.grid
    let panels = figure.panels.map(PanelLayout.smallestSize)
    let titles = titleRoom(of: figure)
    let (across, down) = (
      panels.map(\.width).max() ?? 0, (panels.map(\.height).max() ?? 0) + titles
    )
    let least = Double(columns) * (across + gap) - gap + 2 * margin
    return (
      least,
      Double(rows) * (down + gap) - gap + 2 * margin
        + headHeight(of: figure, width: max(width, least))
    )
  }

  func draw(_ figure: Figure, in area: Area) {
    canvas.fill(area, Paper.background)
    var rest = area.inset(
      top: Self.margin, left: Self.margin, bottom: Self.margin, right: Self.margin)
    if !figure.title.isEmpty {
      write(
        figure.title, at: Place(x: area.middle.x, y: rest.y + 15), size: Paper.titleSize,
        anchor: .middle, fitting: rest.width)
      rest = rest.inset(top: 28)
    }
    let shared = figure.sharedLegend
    if let shared {
      drawRows(of: shared, around: Place(x: area.middle.x, y: rest.y + 10), within: rest.width)
      rest = rest.inset(top: Self.legendHeight(of: figure, within: rest.width))
    }
    let (columns, rows) = figure.grid
    let width = (rest.width - Double(columns - 1) * Self.gap) / Double(columns)
    let height = (rest.height - Double(rows - 1) * Self.gap) / Double(rows)
    let titleRoom = Self.titleRoom(of: figure)
    // One width for all, so that axes stand below one another.
    let left =
      figure.panels.map { PanelLayout.leftRoom(of: $0, height: height - titleRoom - 45) }.max() ?? 0
    for (index, panel) in figure.panels.enumerated() {
      let cell = Area(
        x: rest.x + Double(index % columns) * (width + Self.gap),
        y: rest.y + Double(index / columns) * (height + Self.gap), width: width, height: height)
      draw(panel, in: cell, titleRoom: titleRoom, left: left, hasLegend: shared == nil)
    }
  }

  private func draw(
    _ panel: Figure.Panel, in area: Area, titleRoom: Double, left: Double, hasLegend: Bool
  ) {
    let body = area.inset(top: titleRoom)
    var middle = body.middle.x
    if let images = panel.images {
      draw(images, in: body)
    } else {
      var layout = PanelLayout(panel, in: body, left: left)
      let legend = hasLegend ? Legend(panel.legend, over: &layout) : nil
      draw(layout, in: body)
      if let legend { draw(legend) }
      middle = layout.plot.middle.x
    }
    write(
      panel.title, at: Place(x: middle, y: area.y + 13), size: Paper.panelTitleSize,
      anchor: .middle, fitting: area.width)
  }
}

// MARK: - Text

extension Sheet {
  /// Which part of a text is at its place.
  enum Anchor: Double {
    case start = 0
    case middle = 0.5
    case end = 1
  }

  /// Writes a line of text that stands at a place, made smaller where it would be wider than
  /// `fitting`.
  func write(
    _ text: String, at place: Place, size: Double, _ color: Hue = Paper.text,
    anchor: Anchor = .start, turn: Double = 0, fitting room: Double = .infinity
  ) {
    guard !text.isEmpty else { return }
    let (letters, width) = Letters.standard.place(text)
    let size = min(size, room / max(width, 1e-9))
    canvas.placed(x: place.x, y: place.y, turn: turn) {
      canvas.placed(x: -width * size * anchor.rawValue, y: 0) {
        canvas.fill(letters, size: size, color)
      }
    }
  }
}
