import Figures
import TUI

/// Pictures in rows as wide as there is room, with labels above the columns.
struct PictureRows: Widget {
  private let pictures: Figure.Pictures
  private let style: PictureStyle
  private let scale: PictureScale
  /// The cells of a picture.
  private let cell: Size

  /// Pictures in so many columns of the terminal.
  init(_ pictures: Figure.Pictures, width: Int) {
    self.pictures = pictures
    let size = Size(pictures.pictures[0].width, pictures.pictures[0].height)
    // The height follows from the width.
    let room = Size(max(1, (width + 1) / pictures.columns - 1), 1000)
    let styles = [PictureStyle.halfBlocks, .quadrants]
    let scales = styles.map { PictureScale.fitting(size, in: room, style: $0) }
    // Four points a cell only where two show less than the picture has.
    let choice = scales[0] < .actual && scales[0] < scales[1] ? 1 : 0
    (style, scale) = (styles[choice], scales[choice])
    cell = scale.cells(size, style: style)
  }

  /// The rows that all of it takes.
  var height: Int { labelRows + pictures.rows * (cell.height + 1) - 1 }

  private var labelRows: Int { pictures.labels.isEmpty ? 0 : 1 }

  func draw(in area: Rect, on surface: inout Surface, theme: Theme) {
    let painter = PicturePainter(style: style, theme: theme)
    let left = area.x + max(0, (area.width - pictures.columns * (cell.width + 1) + 1) / 2)
    let widest = (pictures.labels.map(\.columnCount).max() ?? 0) + 1
    let every = max(1, (widest + cell.width) / (cell.width + 1))
    surface.clipped(to: area) { surface in
      for (index, picture) in pictures.pictures.enumerated() {
        let (row, column) = index.quotientAndRemainder(dividingBy: pictures.columns)
        let x = left + column * (cell.width + 1)
        if index < pictures.labels.count, index.isMultiple(of: every) {
          let label = pictures.labels[index]
          surface.put(
            label, x: max(area.x, x + (cell.width - label.columnCount) / 2), y: area.y,
            style: theme.style(.dim))
        }
        painter.draw(
          PixelImage(picture), scale: scale, x: x,
          y: area.y + labelRows + row * (cell.height + 1), on: &surface)
      }
    }
  }
}

extension PixelImage {
  fileprivate init(_ picture: Figure.Raster) {
    self.init(
      width: picture.width, height: picture.height,
      pixels: picture.isGrey ? .grey(picture.bytes) : .rgb(picture.bytes))
  }
}
