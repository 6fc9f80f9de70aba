/// A grid of cells that widgets draw on; whatever lies outside is clipped.
public struct Surface: Equatable, Sendable {
  /// The size of the grid.
  public let size: Size
  /// Which characters the surface accepts; others are replaced as they are put.
  package let symbols: Symbols
  /// The cells row by row.
  package private(set) var cells: [Cell]
  private var clip: Rect

  /// A surface of spaces.
  public init(_ size: Size, symbols: Symbols = .unicode) {
    self.size = size
    self.symbols = symbols
    cells = Array(repeating: Cell(), count: size.width * size.height)
    clip = Rect(size)
  }

  /// The whole surface.
  public var bounds: Rect { Rect(size) }

  /// The cell at a position; writing outside the clip does nothing, reading outside gives a space.
  public subscript(x: Int, y: Int) -> Cell {
    get { bounds.contains(x: x, y: y) ? cells[y * size.width + x] : Cell() }
    set {
      guard clip.contains(x: x, y: y) else { return }
      let index = y * size.width + x
      cells[index] = Cell(symbols(newValue.scalar), newValue.style.over(cells[index].style))
    }
  }

  /// Draws one character.
  public mutating func put(
    _ scalar: Unicode.Scalar, x: Int, y: Int, style: Style = Style()
  ) {
    self[x, y] = Cell(scalar, style)
  }

  /// Draws text from left to right and returns the number of columns it took.
  ///
  /// Text longer than `maxWidth` is cut and ends with `…`. Control characters are drawn as
  /// symbols, never sent.
  @discardableResult
  public mutating func put(
    _ text: some StringProtocol, x: Int, y: Int, style: Style = Style(), maxWidth: Int? = nil
  ) -> Int {
    if let maxWidth, maxWidth <= 0 { return 0 }
    var scalars = Columns.scalars(text)
    if let maxWidth, scalars.count > maxWidth {
      scalars.removeLast(scalars.count - maxWidth)
      scalars[maxWidth - 1] = "…"
    }
    for (offset, scalar) in scalars.enumerated() {
      self[x + offset, y] = Cell(scalar, style)
    }
    return scalars.count
  }

  /// Draws text in one row of an area, aligned as given and cut off where it does not fit.
  public mutating func put(
    _ text: some StringProtocol, in row: Rect, alignment: Alignment, style: Style = Style()
  ) {
    guard !row.isEmpty else { return }
    let width = min(text.columnCount, row.width)
    let before = alignment.offset(in: row.width - width)
    put(text, x: row.x + before, y: row.y, style: style, maxWidth: width)
  }

  /// Fills an area with one character.
  public mutating func fill(_ area: Rect, with scalar: Unicode.Scalar = " ", style: Style) {
    let part = area.intersection(clip)
    for y in part.y..<part.maxY {
      for x in part.x..<part.maxX {
        self[x, y] = Cell(scalar, style)
      }
    }
  }

  /// A guide along a row: a dot in every second column.
  mutating func putGuide(in row: Rect, style: Style) {
    for x in stride(from: row.x, to: row.maxX, by: 2) { put("·", x: x, y: row.y, style: style) }
  }

  /// Changes the colours of an area, adds attributes, and leaves its characters.
  package mutating func restyle(_ area: Rect, _ style: Style) {
    let part = area.intersection(clip)
    for y in part.y..<part.maxY {
      for x in part.x..<part.maxX {
        let index = y * size.width + x
        let below = cells[index].style
        cells[index].style = style.over(below).adding(below.attributes)
      }
    }
  }

  /// Runs `body` with drawing clipped to `area`.
  public mutating func clipped(to area: Rect, _ body: (inout Surface) -> Void) {
    let before = clip
    clip = clip.intersection(area)
    body(&self)
    clip = before
  }

  /// The characters of each row, without trailing spaces.
  public var lines: [String] {
    (0..<size.height).map { y in
      var view = String.UnicodeScalarView()
      var row = cells[y * size.width..<(y + 1) * size.width]
      while row.last?.scalar == " " { row.removeLast() }
      for cell in row { view.append(cell.scalar) }
      return String(view)
    }
  }
}
