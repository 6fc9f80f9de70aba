extension ImageGrid {
  /// The layout in an area, or nil where there is nothing to show or no room.
  ///
  /// The scale is the largest at which all images fit, or at which `atLeast` do where all of them would
  /// leave most of the area empty. Then as many as fit are shown, the selected one among them. Only where
  /// fewer than `atLeast` fit pixel for pixel, more of them go into a cell: by quarters of a cell first,
  /// then by averages.
  package func layout(in area: Rect) -> Layout? {
    let count = images.count
    guard count > 0, !area.isEmpty else { return nil }
    let imageSize = Size(
      images.reduce(0) { max($0, $1.size.width) }, images.reduce(0) { max($0, $1.size.height) })
    guard imageSize.width > 0, imageSize.height > 0 else { return nil }
    func layout(_ scale: ImageScale, _ style: ImageStyle) -> Layout {
      self.layout(Pages(imageSize: imageSize, scale: scale, style: style), count, area)
    }
    let wanted = min(count, atLeast)
    func largest(_ style: ImageStyle, for count: Int) -> Int? {
      let most = ImageScale.fitting(imageSize, in: area.size, style: style).enlargement
      return stride(from: most, through: 1, by: -1).first {
        capacity(Pages(imageSize: imageSize, scale: .enlarged($0), style: style), in: area) >= count
      }
    }
    if let all = largest(style, for: count) {
      let cell = ImageScale.enlarged(all).cells(imageSize, style: style)
      let isFilled = 5 * count * cell.width * cell.height >= 2 * area.width * area.height
      let times = isFilled ? all : largest(style, for: wanted) ?? all
      return layout(.enlarged(times), style)
    }
    if let times = largest(style, for: wanted) { return layout(.enlarged(times), style) }
    let finer = style.finer
    if let times = largest(finer, for: wanted) { return layout(.enlarged(times), finer) }
    for times in 2..<max(3, min(imageSize.width, imageSize.height)) {
      let pages = Pages(imageSize: imageSize, scale: .reduced(times), style: finer)
      if capacity(pages, in: area) >= wanted { return layout(.reduced(times), finer) }
    }
    // No scale shows as many as wanted: one image, as large as it goes.
    return layout(ImageScale.fitting(imageSize, in: area.size, style: style), style)
  }

  /// Images of one size at one scale.
  private struct Pages {
    var imageSize: Size
    var scale: ImageScale
    var style: ImageStyle

    /// The cells of one image.
    var cell: Size { scale.cells(imageSize, style: style) }
  }

  private func capacity(_ pages: Pages, in area: Rect) -> Int {
    let grid = grid(pages, in: area)
    return grid.columns * grid.rows
  }

  private func grid(_ pages: Pages, in area: Rect) -> (columns: Int, rows: Int) {
    let cell = pages.cell
    // A gap left and right of each image holds the marks of the selection.
    let columns = (area.width - 1) / (cell.width + 1)
    let rows =
      labels.isEmpty ? (area.height + 1) / (cell.height + 1) : area.height / (cell.height + 1)
    return (columns, rows)
  }

  private func layout(_ pages: Pages, _ count: Int, _ area: Rect) -> Layout {
    let cell = pages.cell
    let room = grid(pages, in: area)
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
      columns: columns, rows: rows, cell: cell, scale: pages.scale, style: pages.style,
      first: first, shown: shown,
      x: area.x + max(0, area.width - width) / 2, y: area.y + max(0, area.height - height) / 2)
  }
}
