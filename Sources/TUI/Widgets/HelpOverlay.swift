/// All keys in groups, over the screen.
public struct HelpOverlay: Widget {
  /// Keys that belong together.
  public struct Group: Hashable, Sendable {
    /// What they have in common.
    package var title: String
    /// The keys with what they do.
    package var hints: [KeyHint]

    /// Keys under a title.
    public init(_ title: String, _ hints: [KeyHint]) {
      (self.title, self.hints) = (title, hints)
    }
  }

  /// The title of the frame.
  package var title: StyledText
  /// The groups, column by column.
  package var groups: [Group]
  /// Rows left out at the top where the table is longer than the screen.
  package var scroll: Int

  /// An overlay that starts at the line `scroll`.
  public init(_ title: StyledText = "keys", groups: [Group], scroll: Int = 0) {
    (self.title, self.groups, self.scroll) = (title, groups, scroll)
  }

  /// How far the table can be scrolled in an area.
  package func maximumScroll(in area: Rect) -> Int {
    max(0, table(in: area).height - (area.height - 2))
  }

  public func draw(in area: Rect, on surface: inout Surface, theme: Theme) {
    guard !area.isEmpty else { return }
    let table = table(in: area)
    let hidden = min(max(0, scroll), maximumScroll(in: area))
    let foot: StyledText =
      table.height > area.height - 2 ? "arrows scroll   esc close" : "esc close"
    let popup = Popup(title, content: Size(table.width, table.height), foot: foot)
    popup.draw(in: area, on: &surface, theme: theme)
    let inner = popup.inner(in: area)
    surface.clipped(to: inner) { surface in
      for (column, lines) in table.columns.enumerated() {
        for (row, line) in lines.enumerated() {
          surface.put(
            line, x: inner.x + column * (table.columnWidth + Self.gap), y: inner.y + row - hidden,
            ink: .dim, theme: theme)
        }
      }
    }
    Scrolling.drawMarks(
      first: hidden, count: table.height, in: inner, on: &surface, theme: theme)
  }

  private static let gap = 4

  private struct Layout {
    var columns: [[StyledText]]
    var columnWidth: Int
    var height: Int { columns.reduce(0) { max($0, $1.count) } }
    var width: Int { columns.count * columnWidth + max(0, columns.count - 1) * HelpOverlay.gap }
  }

  /// The groups in as many columns as the screen has room for, no group broken in two.
  private func table(in area: Rect) -> Layout {
    let keyWidth = groups.flatMap(\.hints).reduce(0) { max($0, $1.keys.columnCount) }
    let blocks = groups.map { group in
      [StyledText(group.title, .accent, bold: true)]
        + group.hints.map {
          StyledText($0.keys.fitted(to: keyWidth, alignment: .right), .text, bold: true)
            + StyledText("  " + $0.label)
        }
    }
    let width = blocks.joined().reduce(0) { max($0, $1.columnCount) }
    let most = max(1, (area.width - 4 + Self.gap) / (width + Self.gap))
    let total = blocks.reduce(0) { $0 + $1.count + 1 }
    let target = (total + most - 1) / most
    var columns: [[StyledText]] = []
    for block in blocks {
      if var last = columns.last, columns.count == most || last.count + block.count / 2 < target {
        last += [""] + block
        columns[columns.count - 1] = last
      } else {
        columns.append(block)
      }
    }
    return Layout(columns: columns, columnWidth: width)
  }
}
