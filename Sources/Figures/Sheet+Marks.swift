internal import Axes

extension Sheet {
  func draw(_ mark: Figure.Mark, _ layout: PanelLayout) {
    switch mark {
    case .line(let line): draw(line, layout)
    case .points(let points):
      let color = Paper.color(points.tint)
      let radius = Self.radius(of: points.points.count)
      canvas.dots(points.points.compactMap(layout.place), radius: radius, color)
    case .bars(let bars): draw(bars, layout)
    case .heatMap(let map): draw(map, layout)
    case .images: break
    }
  }

  /// Many points are smaller ones.
  private static func radius(of count: Int) -> Double {
    min(2.4, max(0.9, 30 / Double(max(count, 1)).squareRoot()))
  }

  private func draw(_ line: Figure.Line, _ layout: PanelLayout) {
    let color = Paper.color(line.tint)
    let isPale = if case .pale = line.tint { true } else { false }
    let width = isPale ? 0.8 : layout.panel.marks.count > 6 ? 1.1 : 1.6
    var places: [Place] = []
    for point in line.points {
      if let place = layout.place(point) {
        places.append(place)
      } else {
        stroke(places)
        places = []
      }
    }
    stroke(places)

    func stroke(_ places: [Place]) {
      // A place between two gaps has no line to show it.
      if places.count == 1 { return canvas.dots(places, radius: width / 2, color) }
      canvas.line(
        places.thinned.straightened, color, width: width, dash: line.isDashed ? Self.dash : [])
    }
  }

  static let dash = [5.0, 3.5]

  private func draw(_ bars: Figure.Bars, _ layout: PanelLayout) {
    let color = Paper.color(bars.tint)
    for (index, height) in bars.heights.enumerated() where height > 0 {
      guard let top = layout.place(Figure.Point(bars.edges[index], height)),
        let end = layout.place(Figure.Point(bars.edges[index + 1], height))
      else { continue }
      let bar = Area(
        x: top.x, y: top.y, width: end.x - top.x, height: max(0, layout.plot.bottom - top.y))
      canvas.fill(bar, color)
      canvas.frame(bar, Paper.background, width: 0.6)
    }
  }

  private func draw(_ map: Figure.HeatMap, _ layout: PanelLayout) {
    let span = max(map.range.upperBound - map.range.lowerBound, .leastNormalMagnitude)
    var bytes: [UInt8] = []
    for row in (0..<map.rows).reversed() {
      for value in map.values[row * map.columns..<(row + 1) * map.columns] {
        let color = Paper.diverging((value - map.range.lowerBound) / span)
        bytes += [color.red, color.green, color.blue].map { UInt8(($0 * 255).rounded()) }
      }
    }
    guard let low = layout.place(Figure.Point(map.x.lowerBound, map.y.lowerBound)),
      let high = layout.place(Figure.Point(map.x.upperBound, map.y.upperBound))
    else { return }
    canvas.image(
      Figure.Raster(width: map.columns, height: map.rows, bytes: bytes),
      in: Area(x: low.x, y: high.y, width: high.x - low.x, height: low.y - high.y))
  }

  static let imageGap = 3.0
  /// The room of labels above columns of images.
  static let labelRoom = 18.0

  /// The least room in which images can be told from one another.
  static func smallestSize(of images: Figure.Images) -> (width: Double, height: Double) {
    let cell = 6.0
    return (
      Double(images.columns) * (cell + imageGap) - imageGap,
      Double(images.rows) * (cell + imageGap) - imageGap
        + (images.labels.isEmpty ? 0 : labelRoom)
    )
  }

  /// Draws images side by side, with their labels above the columns.
  func draw(_ images: Figure.Images, in area: Area) {
    let raster = images.images[0]
    let gap = Self.imageGap
    let room = area.inset(top: images.labels.isEmpty ? 0 : Self.labelRoom)
    let (columns, rows) = (Double(images.columns), Double(images.rows))
    var unit = min(
      (room.width - gap * (columns - 1)) / columns / Double(raster.width),
      (room.height - gap * (rows - 1)) / rows / Double(raster.height))
    // A whole number of pixels for each of the image's own, so that all are equally large.
    if unit * canvas.scale >= 1 { unit = (unit * canvas.scale).rounded(.down) / canvas.scale }
    let (width, height) = (unit * Double(raster.width), unit * Double(raster.height))
    let left = area.middle.x - (columns * (width + gap) - gap) / 2
    let widest = images.labels.map { Letters.standard.width($0) }.max() ?? 0
    let every = max(1, Int((widest * Paper.tickSize / (width + gap)).rounded(.up)))
    for (index, image) in images.images.enumerated() {
      let column = index % images.columns
      let cell = Area(
        x: left + Double(column) * (width + gap),
        y: room.y + Double(index / images.columns) * (height + gap), width: width, height: height)
      canvas.image(image, in: cell)
      canvas.frame(cell, Paper.grid, width: 0.6)
      guard index < images.labels.count, index.isMultiple(of: every) else { continue }
      write(
        images.labels[index], at: Place(x: cell.middle.x, y: room.y - 6), size: Paper.tickSize,
        anchor: .middle)
    }
  }
}
