/// A line of text with a cursor.
public struct TextField: Hashable, Sendable, Widget {
  /// The text, one scalar a column.
  package private(set) var scalars: [Unicode.Scalar]
  /// The number of scalars before the cursor.
  public private(set) var cursor: Int
  /// Whether all of the text is selected, so that typing replaces it.
  public private(set) var isSelected: Bool

  /// A field with the cursor after `text`, which is selected if it is to be replaced.
  public init(_ text: String = "", selected: Bool = false) {
    scalars = Columns.scalars(text)
    cursor = scalars.count
    isSelected = selected && !scalars.isEmpty
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
    clearIfSelected()
    let new = Columns.scalars(text)
    scalars.insert(contentsOf: new, at: cursor)
    cursor += new.count
  }

  /// Removes the character before the cursor.
  public mutating func deleteBackward() {
    guard !clearIfSelected(), cursor > 0 else { return }
    cursor -= 1
    scalars.remove(at: cursor)
  }

  /// Removes the character at the cursor.
  public mutating func deleteForward() {
    guard !clearIfSelected(), cursor < scalars.count else { return }
    scalars.remove(at: cursor)
  }

  /// Deletes the word left of the cursor and the spaces after it.
  public mutating func deleteWord() {
    guard !clearIfSelected() else { return }
    while cursor > 0, scalars[cursor - 1] == " " { deleteBackward() }
    while cursor > 0, scalars[cursor - 1] != " " { deleteBackward() }
  }

  /// Removes everything.
  public mutating func clear() {
    scalars = []
    cursor = 0
    isSelected = false
  }

  @discardableResult
  private mutating func clearIfSelected() -> Bool {
    guard isSelected else { return false }
    clear()
    return true
  }

  /// Moves the cursor by a number of characters, within the text.
  public mutating func move(by places: Int) {
    isSelected = false
    cursor = min(scalars.count, max(0, cursor + places))
  }

  /// Puts the cursor before the first character.
  public mutating func moveToStart() { move(by: -scalars.count) }
  /// Puts the cursor after the last character.
  public mutating func moveToEnd() { move(by: scalars.count) }

  /// Draws the part of the text around the cursor, which shows as a reversed cell, with … where more
  /// of it follows at a side; selected text is reversed as a whole.
  public func draw(in area: Rect, on surface: inout Surface, theme: Theme) {
    guard !area.isEmpty else { return }
    let style = Ink.text.style(in: theme)
    let first = max(0, cursor - area.width + 1)
    surface.fill(area.row(0), style: style.underline)
    let shown = scalars[first...].prefix(area.width)
    for (column, scalar) in shown.enumerated() {
      surface.put(
        scalar, x: area.x + column, y: area.y,
        style: isSelected ? style.reverse : style.underline)
    }
    let dim = Ink.dim.style(in: theme)
    if first > 0, area.width > 2 { surface.put("…", x: area.x, y: area.y, style: dim) }
    if shown.endIndex < scalars.count, cursor < shown.endIndex - 1 {
      surface.put("…", x: area.maxX - 1, y: area.y, style: dim)
    }
    surface.restyle(
      Rect(x: area.x + cursor - first, y: area.y, width: 1, height: 1),
      Ink.accent.style(in: theme).reverse)
  }
}
