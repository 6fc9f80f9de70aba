internal import Axes

/// Draws figures on a canvas.
struct Sheet {
  let canvas: Canvas

  static let margin = 14.0
  private static let gap = 16.0

  init(_ canvas: Canvas) { self.canvas = canvas }

  /// The room of the title and of a legend that all panels have in common.
  static func headHeight(of figure: Figure) -> Double {
    (figure.title.isEmpty ? 0 : 28) + (figure.sharedLegend == nil ? 0 : 24)
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
      drawRow(of: shared, around: Place(x: area.middle.x, y: rest.y + 10), within: rest.width)
      rest = rest.inset(top: 24)
    }
    let (columns, rows) = figure.grid
    let width = (rest.width - Double(columns - 1) * Self.gap) / Double(columns)
    let height = (rest.height - Double(rows - 1) * Self.gap) / Double(rows)
    let titleRoom = figure.panels.contains { !$0.title.isEmpty } ? 20.0 : 0
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
    if let pictures = panel.pictures {
      draw(pictures, in: body)
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
