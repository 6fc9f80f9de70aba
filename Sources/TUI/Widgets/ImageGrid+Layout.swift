extension ImageGrid {
  /// The layout in an area, or nil where there is nothing to show or no room.
  ///
  /// The scale is the largest at which all pictures fit. Where they do not fit even pixel for
  /// pixel, as many as do are shown, the selected one among them; only when those are fewer than
  /// `atLeast`, the pictures are reduced.
  package func layout(in area: Rect) -> Layout? {
    let count = images.count
    guard count > 0, !area.isEmpty else { return nil }
    let picture = Size(
      images.reduce(0) { max($0, $1.size.width) }, images.reduce(0) { max($0, $1.size.height) })
    guard picture.width > 0, picture.height > 0 else { return nil }

    let largest = PictureScale.fitting(picture, in: area.size, style: style).enlargement
    for times in stride(from: largest, through: 1, by: -1) {
      let grid = grid(of: picture, at: .enlarged(times), in: area)
      if grid.columns * grid.rows >= count {
        return layout(picture, .enlarged(times), count, area)
      }
    }
    let wanted = min(count, atLeast)
    for times in 1..<max(2, min(picture.width, picture.height)) {
      let grid = grid(of: picture, at: .reduced(times), in: area)
      if grid.columns * grid.rows >= wanted {
        return layout(picture, .reduced(times), count, area)
      }
    }
    // No scale shows as many as wanted: one picture, as large as it goes.
    let scale = PictureScale.fitting(picture, in: area.size, style: style)
    return layout(picture, scale, count, area)
  }

  private func grid(
    of picture: Size, at scale: PictureScale, in area: Rect
  ) -> (columns: Int, rows: Int) {
    let cell = scale.cells(picture, style: style)
    // A gap left and right of each picture holds the marks of the selection.
    let columns = (area.width - 1) / (cell.width + 1)
    let rows =
      labels.isEmpty ? (area.height + 1) / (cell.height + 1) : area.height / (cell.height + 1)
    return (columns, rows)
  }

  private func layout(
    _ picture: Size, _ scale: PictureScale, _ count: Int, _ area: Rect
  ) -> Layout {
    let cell = scale.cells(picture, style: style)
    let room = grid(of: picture, at: scale, in: area)
    let (across, down) = (max(1, room.columns), max(1, room.rows))
    let shown = min(count, across * down)
    // The widest grid whose last row is full, or else as few rows as needed.
    let fewest = (shown + across - 1) / across
    let even = (fewest...max(fewest, min(down, 2 * fewest))).first { shown.isMultiple(of: $0) }
    let rows = even ?? fewest
    let columns = (shown + rows - 1) / rows
    var first = 0
    if let selected, selected >= shown, selected < images.count {
      first = min(selected / shown * shown, images.count - shown)
    }
    let width = columns * (cell.width + 1) - 1
    let height = rows * (cell.height + 1) - (labels.isEmpty ? 1 : 0)
    return Layout(
      columns: columns, rows: rows, cell: cell, scale: scale, first: first, shown: shown,
      x: area.x + max(0, area.width - width) / 2, y: area.y + max(0, area.height - height) / 2)
  }
}
