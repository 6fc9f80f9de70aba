import TUI

/// Where the parts of the page are that all screens share; the same for drawing and for the mouse.
struct PageLayout {
  let header: Rect
  /// The screen's own.
  let body: Rect
  /// Beside the screen, or below it where there is little room; nil without a lesson.
  let lesson: Rect?
  let notice: Rect
  let help: Rect

  /// Below this nothing useful can be shown.
  static let smallest = Size(40, 12)

  init(_ size: Size, hasLesson: Bool = false) {
    let rows = Rect(size).rows(.fixed(1), .fraction(1), .fixed(1), .fixed(1))
    (header, notice, help) = (rows[0], rows[2], rows[3])
    guard hasLesson else {
      (body, lesson) = (rows[1], nil)
      return
    }
    let parts =
      size.width >= 100
      ? rows[1].columns(.fraction(1), .fixed(max(36, size.width / 5)))
      : rows[1].rows(.fraction(1), .fixed(max(6, size.height / 3)))
    (body, lesson) = (parts[0], parts[1])
  }
}
