import TUI

/// Where the parts of the page are that all screens share; the same for drawing and for the mouse.
struct PageLayout {
  let header: Rect
  /// The screen's own.
  let body: Rect
  let notice: Rect
  let help: Rect

  /// Below this nothing useful can be shown.
  static let smallest = Size(40, 12)

  init(_ size: Size) {
    let rows = Rect(size).rows(.fixed(1), .fraction(1), .fixed(1), .fixed(1))
    (header, body, notice, help) = (rows[0], rows[1], rows[2], rows[3])
  }
}
