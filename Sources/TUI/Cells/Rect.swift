/// An area of cells; x grows to the right, y downwards, and a negative extent becomes 0.
public struct Rect: Hashable, Sendable, CustomStringConvertible {
  /// The leftmost column.
  public var x: Int
  /// The top row.
  public var y: Int
  /// The number of columns.
  public var width: Int
  /// The number of rows.
  public var height: Int

  /// A rectangle with its upper left cell at (`x`, `y`); sizes below 0 count as 0.
  public init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = max(0, width)
    self.height = max(0, height)
  }

  /// A rectangle of that size at the upper left corner.
  public init(_ size: Size) {
    self.init(x: 0, y: 0, width: size.width, height: size.height)
  }

  /// The empty area.
  public static let zero = Rect(x: 0, y: 0, width: 0, height: 0)

  /// The numbers of columns and rows.
  public var size: Size { Size(width, height) }
  /// Whether it has no cells.
  public var isEmpty: Bool { width == 0 || height == 0 }
  /// The column just right of the area.
  public var maxX: Int { x + width }
  /// The row just below the area.
  public var maxY: Int { y + height }

  public var description: String { "\(width)×\(height) at (\(x), \(y))" }

  /// Whether a cell is inside.
  public func contains(x column: Int, y row: Int) -> Bool {
    column >= x && column < maxX && row >= y && row < maxY
  }

  /// The cells in both areas.
  public func intersection(_ other: Rect) -> Rect {
    let left = max(x, other.x)
    let top = max(y, other.y)
    return Rect(
      x: left, y: top,
      width: min(maxX, other.maxX) - left, height: min(maxY, other.maxY) - top)
  }

  /// The area without `columns` at the left and right and `rows` at the top and bottom.
  public func inset(columns: Int = 0, rows: Int = 0) -> Rect {
    inset(left: columns, top: rows, right: columns, bottom: rows)
  }

  /// The area without the given numbers of cells at each side.
  public func inset(left: Int = 0, top: Int = 0, right: Int = 0, bottom: Int = 0) -> Rect {
    Rect(
      x: x + min(left, width), y: y + min(top, height),
      width: width - left - right, height: height - top - bottom)
  }

  /// The row `index` of the area; empty if there is none.
  public func row(_ index: Int) -> Rect {
    guard index >= 0, index < height else { return Rect(x: x, y: y, width: 0, height: 0) }
    return Rect(x: x, y: y + index, width: width, height: 1)
  }

  /// An area of at most `size` in the middle of this one.
  package func centered(_ size: Size) -> Rect {
    let width = min(size.width, self.width)
    let height = min(size.height, self.height)
    return Rect(
      x: x + (self.width - width) / 2, y: y + (self.height - height) / 2,
      width: width, height: height)
  }

  /// Divides the area from top to bottom, with one part per length.
  public func rows(_ lengths: Length..., gap: Int = 0) -> [Rect] {
    rows(lengths, gap: gap)
  }

  /// Divides the area from left to right, with one part per length.
  public func columns(_ lengths: Length..., gap: Int = 0) -> [Rect] {
    columns(lengths, gap: gap)
  }

  /// Divides the area from top to bottom, with one part per length.
  public func rows(_ lengths: [Length], gap: Int = 0) -> [Rect] {
    Layout.cut(height, into: lengths, gap: gap).map {
      Rect(x: x, y: y + $0.start, width: width, height: $0.count)
    }
  }

  /// Divides the area from left to right, with one part per length.
  public func columns(_ lengths: [Length], gap: Int = 0) -> [Rect] {
    Layout.cut(width, into: lengths, gap: gap).map {
      Rect(x: x + $0.start, y: y, width: $0.count, height: height)
    }
  }
}
