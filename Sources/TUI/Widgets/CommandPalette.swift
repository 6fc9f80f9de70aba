/// A line to type in, over the commands that match it.
public struct CommandPalette: Widget {
  /// Something that can be chosen.
  public struct Item: Hashable, Sendable {
    /// The words that it is found by.
    package var name: String
    /// What it does, in a few words.
    package var detail: String
    /// The keys that do the same.
    package var keys: String

    /// Something that can be chosen; `keys` do it without the palette.
    public init(_ name: String, detail: String = "", keys: String = "") {
      (self.name, self.detail, self.keys) = (name, detail, keys)
    }
  }

  /// All that can be chosen.
  package var items: [Item]
  /// What was typed to find one.
  public var field: TextField
  /// The selected one among the matches.
  public var selected: Int

  /// A palette that shows the items that fit what was typed.
  public init(_ items: [Item], field: TextField = TextField(), selected: Int = 0) {
    (self.items, self.field, self.selected) = (items, field, selected)
  }

  /// The indices of the items that match what was typed, the best first.
  package var matches: [Int] {
    let query = field.text.lowercased().filter { $0 != " " }
    let scored = items.indices.compactMap { index in
      Self.score(items[index].name.lowercased(), query).map { (index: index, score: $0) }
    }
    return scored.sorted { ($1.score, $0.index) < ($0.score, $1.index) }.map(\.index)
  }

  /// The index of the item that Enter would run.
  public var choice: Int? {
    let matches = matches
    return matches.isEmpty ? nil : matches[min(max(0, selected), matches.count - 1)]
  }

  /// Moves the selection within the matches.
  public mutating func move(by places: Int) {
    selected = min(max(0, matches.count - 1), max(0, selected + places))
  }

  /// How well a text contains the characters of a query in their order; nil when it does not.
  ///
  /// Characters next to each other and at the start of words count more.
  private static func score(_ text: String, _ query: String) -> Int? {
    var score = 0
    var rest = query[...]
    var before: Character = " "
    var run = 0
    for character in text {
      if let wanted = rest.first, wanted == character {
        rest.removeFirst()
        run += 1
        score += run + (before == " " || before == "-" ? 4 : 0)
      } else {
        run = 0
      }
      before = character
    }
    // Of texts that match equally, the shorter says less besides.
    return rest.isEmpty ? score * 100 - text.count : nil
  }

  public func draw(in area: Rect, on surface: inout Surface, theme: Theme) {
    let matches = matches
    let popup = Popup(
      "command", content: Size(60, min(items.count, 12) + 2), info: "\(matches.count)",
      foot: "↑/↓ select   enter run   Esc back")
    popup.draw(in: area, on: &surface, theme: theme)
    let inner = popup.inner(in: area)
    surface.clipped(to: inner) { surface in
      surface.put(":", x: inner.x, y: inner.y, style: Ink.accent.style(in: theme).bold)
      field.draw(in: inner.row(0).inset(left: 2), on: &surface, theme: theme)
      let list = inner.inset(top: 2)
      if matches.isEmpty {
        surface.put(
          "no command matches", in: list.row(0), alignment: .left, style: Ink.dim.style(in: theme))
      }
      let chosen = min(max(0, selected), max(0, matches.count - 1))
      let first = Scrolling.first(showing: chosen, count: matches.count, visible: list.height)
      for (offset, match) in matches.dropFirst(first).prefix(list.height).enumerated() {
        drawItem(
          items[match], selected: first + offset == chosen, in: list.row(offset), on: &surface,
          theme: theme)
      }
    }
  }

  private func drawItem(
    _ item: Item, selected: Bool, in row: Rect, on surface: inout Surface, theme: Theme
  ) {
    let name = StyledText(
      (selected ? "▸ " : "  ") + item.name, selected ? .accent : .text, bold: selected)
    let text = item.detail.isEmpty ? name : name + StyledText("  " + item.detail, .dim)
    let keys = item.keys.columnCount
    surface.put(
      text, x: row.x, y: row.y, theme: theme,
      maxWidth: keys > 0 ? row.width - keys - 2 : row.width)
    surface.put(item.keys, in: row, alignment: .right, style: Ink.dim.style(in: theme))
  }
}
