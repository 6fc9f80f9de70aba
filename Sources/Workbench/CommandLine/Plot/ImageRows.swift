import Figures
import TUI

/// Images in rows as wide as there is room, with labels above the columns.
struct ImageRows: Widget {
  private let images: Figure.Images
  private let style: ImageStyle
  private let scale: ImageScale
  /// The cells of an image.
  private let cell: Size

  /// Images in so many columns of the terminal.
  init(_ images: Figure.Images, width: Int) {
    self.images = images
    let size = Size(images.images[0].width, images.images[0].height)
    // The height follows from the width.
    let room = Size(max(1, (width + 1) / images.columns - 1), 1000)
    let styles = [ImageStyle.halfBlocks, .quadrants]
    let scales = styles.map { ImageScale.fitting(size, in: room, style: $0) }
    // Four points a cell only where two show less than the image has.
    let choice = scales[0] < .actual && scales[0] < scales[1] ? 1 : 0
    (style, scale) = (styles[choice], scales[choice])
    cell = scale.cells(size, style: style)
  }

  /// The rows that all of it takes.
  var height: Int { labelRows + images.rows * (cell.height + 1) - 1 }

  private var labelRows: Int { images.labels.isEmpty ? 0 : 1 }

  func draw(in area: Rect, on surface: inout Surface, theme: Theme) {
    let painter = ImagePainter(style: style, theme: theme)
    let left = area.x + max(0, (area.width - images.columns * (cell.width + 1) + 1) / 2)
    let widest = (images.labels.map(\.columnCount).max() ?? 0) + 1
    let every = max(1, (widest + cell.width) / (cell.width + 1))
    surface.clipped(to: area) { surface in
      for (index, image) in images.images.enumerated() {
        let (row, column) = index.quotientAndRemainder(dividingBy: images.columns)
        let x = left + column * (cell.width + 1)
        if index < images.labels.count, index.isMultiple(of: every) {
          let label = images.labels[index]
          surface.put(
            label, x: max(area.x, x + (cell.width - label.columnCount) / 2), y: area.y,
            style: theme.style(.dim))
        }
        painter.draw(
          PixelImage(image), scale: scale, x: x,
          y: area.y + labelRows + row * (cell.height + 1), on: &surface)
      }
    }
  }
}

extension PixelImage {
  fileprivate init(_ image: Figure.Raster) {
    self.init(
      width: image.width, height: image.height,
      pixels: image.isGrey ? .grey(image.bytes) : .rgb(image.bytes))
  }
}
