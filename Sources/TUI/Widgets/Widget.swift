/// A pure function from a value to cells.
public protocol Widget {
  /// Draws the value into `area`, of any size including none.
  func draw(in area: Rect, on surface: inout Surface, theme: Theme)
}
