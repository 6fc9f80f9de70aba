import Diffusion
import TUI

/// An image that is painted on: a mask over it, or its own pixels.
struct Canvas: Sendable {
  /// What is hidden of the image below, an entry per pixel; nil where pixels themselves are painted.
  private(set) var hidden: [Bool]?
  /// The image below a mask.
  private(set) var picture: [Float] = []
  /// One image.
  let shape: Shape
  private(set) var cursor = Point()
  /// How bright pixels become, from 0 (black) to 1 (white).
  private(set) var brush = 1.0
  /// What a drag does to the pixels it meets: whether it hides them.
  var stroke: Bool?

  /// A pixel of the image.
  struct Point: Sendable, Equatable {
    var x = 0
    var y = 0
  }

  /// A canvas for pixels of images of a shape.
  init(_ shape: Shape) { self.shape = shape.with(batch: 1) }

  /// A canvas for a mask over a picture.
  init(_ shape: Shape, picture: [Float], hidden: [Bool]) {
    self.init(shape)
    (self.picture, self.hidden) = (picture, hidden)
  }

  var isMask: Bool { hidden != nil }

  private func index(_ point: Point) -> Int { point.y * shape.width + point.x }

  /// Shows another image below the mask.
  mutating func takePicture(_ values: [Float]?) {
    if let values, values.count == shape.count { picture = values }
  }

  /// Shows another mask, where it is one that is painted.
  mutating func takeMask(_ pixels: [Bool]?) {
    if isMask, let pixels, pixels.count == shape.height * shape.width { hidden = pixels }
  }

  func isHidden(_ point: Point) -> Bool { hidden?[index(point)] ?? false }

  /// Hides a pixel or shows it.
  mutating func hide(_ point: Point, _ isHidden: Bool) {
    let index = index(point)
    hidden?[index] = isHidden
  }

  /// Values of an image with the channels of a pixel set to one value.
  func painted(_ values: [Float], at point: Point, _ value: Float) -> [Float] {
    var changed = values
    let start = index(point) * shape.channels
    for channel in start..<start + shape.channels { changed[channel] = value }
    return changed
  }

  mutating func move(_ x: Int, _ y: Int) { put(Point(x: cursor.x + x, y: cursor.y + y)) }

  /// Puts the cursor on a pixel, or the nearest one.
  mutating func put(_ point: Point) {
    cursor.x = min(max(point.x, 0), shape.width - 1)
    cursor.y = min(max(point.y, 0), shape.height - 1)
  }

  mutating func changeBrush(by steps: Int) {
    brush = min(max(brush + 0.25 * Double(steps), 0), 1)
  }

  // MARK: Places

  /// Where pixels are on the screen; as many as there is room for, the cursor among them.
  struct Places: Equatable {
    /// The rows of a pixel, which has twice as many columns.
    let side: Int
    /// The pixel in the upper left corner.
    let first: Point
    let columns: Int
    let rows: Int
    let x: Int
    let y: Int

    /// The left upper cell of a pixel.
    func cell(of point: Point) -> (x: Int, y: Int)? {
      let (column, row) = (point.x - first.x, point.y - first.y)
      guard (0..<columns).contains(column), (0..<rows).contains(row) else { return nil }
      return (x + column * 2 * side, y + row * side)
    }

    /// The pixel at a cell.
    func point(atX x: Int, y: Int) -> Point? {
      let (column, row) = (x - self.x, y - self.y)
      guard column >= 0, row >= 0, column < columns * 2 * side, row < rows * side else {
        return nil
      }
      return Point(x: first.x + column / (2 * side), y: first.y + row / side)
    }
  }

  func places(in area: Rect) -> Places? {
    guard area.width >= 2, area.height >= 1 else { return nil }
    let side = max(1, min(area.width / (2 * shape.width), area.height / shape.height))
    let columns = min(shape.width, area.width / (2 * side))
    let rows = min(shape.height, area.height / side)
    let first = Point(
      x: min(max(cursor.x - columns / 2, 0), shape.width - columns),
      y: min(max(cursor.y - rows / 2, 0), shape.height - rows))
    return Places(
      side: side, first: first, columns: columns, rows: rows,
      x: area.x + (area.width - columns * 2 * side) / 2,
      y: area.y + (area.height - rows * side) / 2)
  }

  // MARK: Drawing

  /// Draws an image with what is hidden, and the cursor where keys paint.
  func draw(
    _ values: [Float], range: ClosedRange<Float>, showsCursor: Bool, in area: Rect,
    _ theme: Theme, _ surface: inout Surface
  ) {
    guard let places = places(in: area), values.count == shape.count else { return }
    let pixels = Shape(1, places.rows, places.columns, shape.channels)
    var part: [Float] = []
    for row in places.first.y..<places.first.y + places.rows {
      let start = (row * shape.width + places.first.x) * shape.channels
      part += values[start..<start + places.columns * shape.channels]
    }
    let image = PixelImage(part, sample: 0, shape: pixels, range: range)
    ImagePainter(style: .halfBlocks, theme: theme).draw(
      image, scale: .enlarged(2 * places.side), x: places.x, y: places.y, on: &surface)
    for y in places.first.y..<places.first.y + places.rows {
      for x in places.first.x..<places.first.x + places.columns {
        let point = Point(x: x, y: y)
        if isHidden(point) { mark(point, places, theme, &surface) }
      }
    }
    if showsCursor { drawCursor(places, theme, &surface) }
  }

  /// Hatches a hidden pixel, so that it is told by its pattern, too.
  private func mark(
    _ point: Point, _ places: Places, _ theme: Theme, _ surface: inout Surface
  ) {
    guard let cell = places.cell(of: point) else { return }
    let sign: Unicode.Scalar = surface.symbols == .ascii ? "x" : "▒"
    for y in cell.y..<cell.y + places.side {
      for x in cell.x..<cell.x + 2 * places.side {
        surface.put(sign, x: x, y: y, style: Ink.accent.style(in: theme))
      }
    }
  }

  private func drawCursor(_ places: Places, _ theme: Theme, _ surface: inout Surface) {
    guard let cell = places.cell(of: cursor) else { return }
    let corners: [(Unicode.Scalar, Int, Int)] = [
      ("[", cell.x, cell.y),
      ("]", cell.x + 2 * places.side - 1, cell.y + places.side - 1),
    ]
    for (sign, x, y) in corners {
      // Dark on bright pixels, bright on dark ones.
      let isDark = surface[x, y].style.background.isDark
      let ends = [theme.grey(0), theme.grey(1)]
      let contrast = isDark.flatMap { isDark in ends.first { $0.isDark == !isDark } }
      let style = contrast.map { Style($0) } ?? Ink.accent.style(in: theme)
      surface.put(sign, x: x, y: y, style: style.bold)
    }
  }
}
