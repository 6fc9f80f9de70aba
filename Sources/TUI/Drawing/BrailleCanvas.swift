/// The dash pattern of a line, so that series differ by more than their colour.
public enum Dash: Hashable, Sendable {
  /// An unbroken line.
  case solid
  /// Long strokes.
  case dashed

  /// Whether a line shows at a column of dots.
  func shows(_ column: Int) -> Bool { self == .solid || (column % 6 + 6) % 6 < 4 }
}

/// A grid of dots, two columns and four rows to a cell.
///
/// A cell has one colour. Dots belong to series: where a later series comes into the cell of an
/// earlier one, it takes the cell over, so that no series shows in the colour of another.
package struct BrailleCanvas: Sendable {
  private struct Dots {
    var mask: UInt8 = 0
    var series: Int32 = 0
    var style = Style()
  }

  /// The cells covered.
  package let size: Size
  /// The number of dots across and down.
  package var dots: Size { Size(size.width * 2, size.height * 4) }
  private var cells: [Dots]
  private var series: Int32 = 0

  /// A canvas without dots.
  package init(_ size: Size) {
    self.size = size
    cells = Array(repeating: Dots(), count: size.width * size.height)
  }

  /// Begins a series that takes over the cells it comes into.
  package mutating func beginSeries() {
    series += 1
  }

  /// Sets the dot at a column and row of dots, counted from the upper left; others are ignored.
  package mutating func set(x: Int, y: Int, style: Style) {
    guard x >= 0, y >= 0, x < size.width * 2, y < size.height * 4 else { return }
    let index = (y >> 2) * size.width + x >> 1
    if cells[index].series != series { cells[index] = Dots(mask: 0, series: series) }
    cells[index].mask |= Self.bit(x: x & 1, y: y & 3)
    cells[index].style = style
  }

  /// Draws a straight line between two places in units of dots; what lies outside is cut off.
  package mutating func line(
    fromX x0: Double, y y0: Double, toX x1: Double, y y1: Double, style: Style,
    dash: Dash = .solid
  ) {
    guard let part = clipped(x0, y0, x1, y1) else { return }
    let (dx, dy) = (part.x1 - part.x0, part.y1 - part.y0)
    let steps = max(1, Int(max(dx.magnitude, dy.magnitude).rounded()))
    for step in 0...steps {
      let t = Double(step) / Double(steps)
      let x = Int((part.x0 + t * dx).rounded())
      guard dash.shows(x) else { continue }
      set(x: x, y: Int((part.y0 + t * dy).rounded()), style: style)
    }
  }

  /// Puts the dots on a surface, with the canvas's upper left cell at (`x`, `y`).
  ///
  /// Cells without a dot keep what is there.
  package func draw(x: Int, y: Int, on surface: inout Surface) {
    for row in 0..<size.height {
      for column in 0..<size.width {
        let cell = cells[row * size.width + column]
        guard cell.mask != 0, let scalar = Unicode.Scalar(0x2800 | UInt32(cell.mask)) else {
          continue
        }
        surface[x + column, y + row] = Cell(scalar, cell.style)
      }
    }
  }

  /// Whether a cell has no dot; cells beside the canvas have none.
  func isEmpty(column: Int, row: Int) -> Bool {
    guard column >= 0, column < size.width, row >= 0, row < size.height else { return true }
    return cells[row * size.width + column].mask == 0
  }

  /// The braille bit of a dot within its cell.
  static func bit(x: Int, y: Int) -> UInt8 {
    y == 3 ? 0x40 << x : 1 << (y + 3 * x)
  }

  /// The part of a line within half a dot of the canvas, by the method of Liang and Barsky.
  private func clipped(
    _ x0: Double, _ y0: Double, _ x1: Double, _ y1: Double
  ) -> (x0: Double, y0: Double, x1: Double, y1: Double)? {
    guard x0.isFinite, y0.isFinite, x1.isFinite, y1.isFinite else { return nil }
    let (dx, dy) = (x1 - x0, y1 - y0)
    let (right, bottom) = (Double(size.width * 2) - 0.51, Double(size.height * 4) - 0.51)
    var (enter, leave) = (0.0, 1.0)
    for (p, q) in [(-dx, x0 + 0.49), (dx, right - x0), (-dy, y0 + 0.49), (dy, bottom - y0)] {
      if p == 0 {
        if q < 0 { return nil }
      } else if p < 0 {
        enter = max(enter, q / p)
      } else {
        leave = min(leave, q / p)
      }
    }
    guard enter <= leave else { return nil }
    return (x0 + enter * dx, y0 + enter * dy, x0 + leave * dx, y0 + leave * dy)
  }
}
