/// Images side by side at the largest whole-number scale at which they fit.
public struct ImageGrid: Widget {
  /// The images, row by row.
  public var images: [PixelImage]
  /// Labels under the images; images beyond the end of the array have none.
  public var labels: [String] = []
  /// The index of the image with brackets around it; nil for none.
  public var selected: Int?
  /// How pixels become characters.
  public var style: ImageStyle
  /// How many images must be seen before they are reduced in size rather than left out.
  package var atLeast = 8
  /// The text shown when there are no images.
  public var placeholder: StyledText = "no images yet"

  /// Images side by side, as large as the area allows.
  public init(_ images: [PixelImage], style: ImageStyle = .halfBlocks) {
    (self.images, self.style) = (images, style)
  }

  /// Where the images are, and at which scale.
  package struct Layout: Hashable, Sendable {
    /// Images a row.
    package let columns: Int
    /// Rows.
    package let rows: Int
    /// The cells of one image.
    package let cell: Size
    /// How images are enlarged or reduced.
    package let scale: ImageScale
    /// How pixels become characters: the grid's style, or a finer one.
    package let style: ImageStyle
    /// The index of the first image shown; others follow until the grid is full.
    package let first: Int
    /// How many images fit.
    package let shown: Int
    /// The upper left cell of the first image.
    let x: Int
    let y: Int

    /// The cells of an image, or nil when it is not shown.
    package func frame(of index: Int) -> Rect? {
      let place = index - first
      guard place >= 0, place < shown else { return nil }
      return Rect(
        x: x + place % columns * (cell.width + 1), y: y + place / columns * (cell.height + 1),
        width: cell.width, height: cell.height)
    }

    /// The image at a cell, as for a mouse.
    package func index(atX x: Int, y: Int) -> Int? {
      (first..<first + shown).first { frame(of: $0)?.contains(x: x, y: y) == true }
    }
  }

  public func draw(in area: Rect, on surface: inout Surface, theme: Theme) {
    guard let layout = layout(in: area) else {
      let text = images.isEmpty ? placeholder : ""
      Text.placeholder(text).draw(in: area, on: &surface, theme: theme)
      return
    }
    let painter = ImagePainter(style: layout.style, theme: theme)
    surface.clipped(to: area) { surface in
      for index in layout.first..<layout.first + layout.shown {
        guard let frame = layout.frame(of: index) else { continue }
        painter.draw(images[index], scale: layout.scale, x: frame.x, y: frame.y, on: &surface)
        drawLabel(index, under: frame, on: &surface, theme: theme)
        if index == selected { drawSelection(frame, on: &surface, theme: theme) }
      }
    }
  }

  private func drawLabel(
    _ index: Int, under frame: Rect, on surface: inout Surface, theme: Theme
  ) {
    guard labels.indices.contains(index) else { return }
    let row = Rect(x: frame.x, y: frame.maxY, width: frame.width, height: 1)
    let style = (index == selected ? Ink.accent : .dim).style(in: theme)
    surface.put(labels[index], in: row, alignment: .center, style: style)
  }

  /// Brackets at both sides, in the gaps.
  private func drawSelection(_ frame: Rect, on surface: inout Surface, theme: Theme) {
    let style = Ink.accent.style(in: theme)
    let (left, right): (Unicode.Scalar, Unicode.Scalar) =
      surface.symbols == .ascii ? ("[", "]") : ("▐", "▌")
    for y in frame.y..<frame.maxY {
      surface.put(left, x: frame.x - 1, y: y, style: style)
      surface.put(right, x: frame.maxX, y: y, style: style)
    }
  }
}
