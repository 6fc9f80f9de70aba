/// A number of columns and rows of cells.
public struct Size: Hashable, Sendable, CustomStringConvertible {
  /// Columns, at least 0.
  public var width: Int
  /// Rows, at least 0.
  public var height: Int

  /// A size; negative numbers become 0.
  public init(_ width: Int, _ height: Int) {
    self.width = max(0, width)
    self.height = max(0, height)
  }

  /// The empty size.
  public static let zero = Size(0, 0)

  public var description: String { "\(width)×\(height)" }
}
