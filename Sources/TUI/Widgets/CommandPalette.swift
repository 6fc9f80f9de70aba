/// An input line above the items that match it, with one of them selected.
public struct CommandPalette: Widget {
  /// Something that can be chosen.
  public struct Item: Hashable, Sendable {
    /// What it does, in a few words.
    package var name: String
    /// The keys that do the same.
    package var keys: String

    /// Something that can be chosen; `keys` do the same without the palette.
    public init(_ name: String, keys: String = "") {
      (self.name, self.keys) = (name, keys)
    }
  }

  /// The commands that match what was typed.
  package var items: [Item]
  /// The typed text.
  public var field: TextField
  /// The index of the selected item, which enter chooses.
  public var selected: Int

  /// The title of the frame.
  public var title: StyledText = "command"
  /// What enter and escape do.
  public var foot: StyledText = "enter choose · esc close"
  /// The text shown when nothing matches.
  public var placeholder: StyledText = "no matching command"
  /// The maximum size in columns and rows.
  public var largest = Size(72, 16)

  /// A palette of the items that match the typed text.
  public init(_ items: [Item], field: TextField = TextField(), selected: Int = 0) {
    (self.items, self.field, self.selected) = (items, field, selected)
  }

  private func popup(in area: Rect) -> Popup {
    let content = Size(
      min(largest.width, area.width - 4), min(largest.height, area.height - 2))
    return Popup(title, content: content, foot: foot)
  }

  /// Whether a cell is in the palette rather than beside it.
  package func isInside(x: Int, y: Int, in area: Rect) -> Bool {
    popup(in: area).frame(in: area).contains(x: x, y: y)
  }

  /// The item at a row of the terminal, as for a mouse.
  package func item(atY y: Int, in area: Rect) -> Int? {
    let list = popup(in: area).inner(in: area).inset(top: 1)
    guard y >= list.y, y < list.maxY else { return nil }
    let index = firstItem(in: list) + y - list.y
    return items.indices.contains(index) ? index : nil
  }

  private func firstItem(in list: Rect) -> Int {
    max(0, min(selected - list.height + 1, items.count - list.height))
  }

  public func draw(in area: Rect, on surface: inout Surface, theme: Theme) {
    let popup = popup(in: area)
    popup.draw(in: area, on: &surface, theme: theme)
    let inner = popup.inner(in: area)
    let rows = inner.rows(.fixed(1), .fraction(1))
    surface.clipped(to: inner) { surface in
      field.draw(in: rows[0], on: &surface, theme: theme)
      let list = rows[1]
      if items.isEmpty {
        Text.placeholder(placeholder).draw(in: list, on: &surface, theme: theme)
      }
      let first = firstItem(in: list)
      for (place, item) in items.dropFirst(first).prefix(list.height).enumerated() {
        let row = list.row(place)
        let isSelected = first + place == selected
        let name = StyledText((isSelected ? "▸ " : "  ") + item.name, isSelected ? .accent : .text)
        surface.put(name, x: row.x, y: row.y, theme: theme, maxWidth: row.width - 14)
        surface.put(
          item.keys, in: row.inset(left: row.width - 13), alignment: .right,
          style: Ink.dim.style(in: theme))
        // After the text, which would leave holes in a selection that is reversed.
        if isSelected { surface.restyle(row, theme.style(.selection)) }
      }
    }
  }
}
