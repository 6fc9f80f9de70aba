/// A line of text under a cursor.
public struct TextField: Hashable, Sendable, Widget {
  /// The text, one scalar a column.
  package private(set) var scalars: [Unicode.Scalar]
  /// The number of scalars left of the cursor.
  public private(set) var cursor: Int

  /// A field with the cursor after `text`.
  public init(_ text: String = "") {
    scalars = Columns.scalars(text)
    cursor = scalars.count
  }

  /// The text that was typed.
  public var text: String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }

  /// Whether nothing was typed.
  public var isEmpty: Bool { scalars.isEmpty }

  /// Inserts text at the cursor, which moves past it.
  public mutating func insert(_ text: some StringProtocol) {
    let new = Columns.scalars(text)
    scalars.insert(contentsOf: new, at: cursor)
    cursor += new.count
  }

  /// Removes the character before the cursor.
  public mutating func deleteBackward() {
    guard cursor > 0 else { return }
    cursor -= 1
    scalars.remove(at: cursor)
  }

  /// Removes the character at the cursor.
  public mutating func deleteForward() {
    guard cursor < scalars.count else { return }
    scalars.remove(at: cursor)
  }

  /// Deletes the word left of the cursor and the spaces after it.
  public mutating func deleteWord() {
    while cursor > 0, scalars[cursor - 1] == " " { deleteBackward() }
    while cursor > 0, scalars[cursor - 1] != " " { deleteBackward() }
  }

  /// Removes everything.
  public mutating func clear() {
    scalars = []
    cursor = 0
  }

  /// Moves the cursor by a number of places, within the text.
  public mutating func move(by places: Int) {
    cursor = min(scalars.count, max(0, cursor + places))
  }

  /// Puts the cursor before the first character.
  public mutating func moveToStart() { cursor = 0 }
  /// Puts the cursor after the last character.
  public mutating func moveToEnd() { cursor = scalars.count }

  /// Draws the part of the text around the cursor, which shows as a reversed cell.
  public func draw(in area: Rect, on surface: inout Surface, theme: Theme) {
    guard !area.isEmpty else { return }
    let style = Ink.text.style(in: theme)
    let first = max(0, cursor - area.width + 1)
    surface.fill(area.row(0), style: style.underline)
    for (column, scalar) in scalars[first...].prefix(area.width).enumerated() {
      surface.put(scalar, x: area.x + column, y: area.y, style: style.underline)
    }
    surface.restyle(
      Rect(x: area.x + cursor - first, y: area.y, width: 1, height: 1),
      Ink.accent.style(in: theme).reverse)
  }
}
