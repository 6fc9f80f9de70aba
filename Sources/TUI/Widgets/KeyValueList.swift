/// Names and values in rows, the values right-aligned so that they do not jump.
public struct KeyValueList: Widget {
  /// A name with its value.
  public struct Item: Hashable, Sendable {
    /// What the value is.
    package var name: String
    /// The value as text.
    package var value: StyledText
    /// The value's unit; empty for none.
    package var unit: String

    /// A name with its value.
    public init(_ name: String, _ value: StyledText, unit: String = "") {
      (self.name, self.value, self.unit) = (name, value, unit)
    }
  }

  /// The items, column by column.
  package var items: [Item]
  /// How many items there are side by side.
  package var columns: Int
  /// The least columns for a value.
  package var valueWidth: Int

  /// Items in a number of columns; `valueWidth` is the minimum width of the values.
  public init(_ items: [Item], columns: Int = 1, valueWidth: Int = 0) {
    (self.items, self.columns, self.valueWidth) = (items, max(1, columns), valueWidth)
  }

  public func draw(in area: Rect, on surface: inout Surface, theme: Theme) {
    guard !area.isEmpty else { return }
    let rows = (items.count + columns - 1) / columns
    let places = area.columns(Array(repeating: .fraction(1), count: columns), gap: 2)
    for (column, place) in places.enumerated() {
      let part = items.dropFirst(column * rows).prefix(rows)
      let nameWidth = part.reduce(0) { max($0, $1.name.columnCount) }
      let valueWidth = part.reduce(valueWidth) { max($0, $1.value.columnCount) }
      surface.clipped(to: place) { surface in
        for (row, item) in part.enumerated() where row < place.height {
          let y = place.y + row
          // Where there is no room for both, the value stays and its name is cut.
          let names = max(0, min(nameWidth, place.width - valueWidth - 1))
          surface.put(
            item.name, x: place.x, y: y, style: Ink.dim.style(in: theme), maxWidth: names)
          let start = place.x + names + (names > 0 ? min(2, place.width - names - valueWidth) : 0)
          let field = Rect(x: start, y: y, width: valueWidth, height: 1)
          surface.put(
            item.value, in: field.intersection(place), alignment: .right, theme: theme)
          surface.put(
            item.unit, x: field.maxX + 1, y: y, style: Ink.dim.style(in: theme),
            maxWidth: place.maxX - field.maxX - 1)
        }
      }
    }
  }
}
