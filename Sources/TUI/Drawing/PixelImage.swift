/// An image of 8-bit values, row by row from the upper left.
public struct PixelImage: Hashable, Sendable {
  /// The bytes of the pixels, row by row.
  public enum Pixels: Hashable, Sendable {
    /// One value per pixel, shown through the theme's grey ramp.
    case grey([UInt8])
    /// Red, green and blue for each pixel.
    case rgb([UInt8])
  }

  /// The numbers of pixels across and down.
  public let size: Size
  /// The bytes of the pixels, row by row.
  public let pixels: Pixels

  /// An image of the given size, with one or three values per pixel.
  public init(width: Int, height: Int, pixels: Pixels) {
    size = Size(width, height)
    self.pixels = pixels
    let (count, channels) =
      switch pixels {
      case .grey(let values): (values.count, 1)
      case .rgb(let values): (values.count, 3)
      }
    precondition(
      count == size.width * size.height * channels,
      "an image of \(size) with \(channels) channel(s) has "
        + "\(size.width * size.height * channels) values, got \(count)")
  }

  private var channels: Int {
    if case .grey = pixels { 1 } else { 3 }
  }

  private var values: [UInt8] {
    switch pixels {
    case .grey(let values), .rgb(let values): values
    }
  }

  /// The image with each block of `columns` × `rows` pixels averaged into one.
  ///
  /// Where the size is no multiple of the block, the last blocks average what is there.
  package func averaged(columns: Int, rows: Int) -> PixelImage {
    precondition(columns > 0 && rows > 0, "a block has pixels, got \(columns) × \(rows)")
    if columns == 1, rows == 1 { return self }
    let (values, channels) = (values, channels)
    let reduced = Size((size.width + columns - 1) / columns, (size.height + rows - 1) / rows)
    var result: [UInt8] = []
    result.reserveCapacity(reduced.width * reduced.height * channels)
    for row in 0..<reduced.height {
      let block = row * rows..<min(size.height, (row + 1) * rows)
      for column in 0..<reduced.width {
        let across = column * columns..<min(size.width, (column + 1) * columns)
        let count = block.count * across.count
        for channel in 0..<channels {
          var sum = 0
          for y in block {
            for x in across { sum += Int(values[(y * size.width + x) * channels + channel]) }
          }
          result.append(UInt8((sum + count / 2) / count))
        }
      }
    }
    return PixelImage(
      width: reduced.width, height: reduced.height,
      pixels: channels == 1 ? .grey(result) : .rgb(result))
  }

  /// The image with each pixel repeated `factor` times across and down.
  package func enlarged(_ factor: Int) -> PixelImage {
    precondition(factor > 0, "an image is enlarged a whole number of times, got \(factor)")
    if factor == 1 { return self }
    let (values, channels) = (values, channels)
    var result: [UInt8] = []
    result.reserveCapacity(values.count * factor * factor)
    for y in 0..<size.height * factor {
      for x in 0..<size.width * factor {
        let index = ((y / factor) * size.width + x / factor) * channels
        result.append(contentsOf: values[index..<index + channels])
      }
    }
    return PixelImage(
      width: size.width * factor, height: size.height * factor,
      pixels: channels == 1 ? .grey(result) : .rgb(result))
  }

  /// The brightness of a pixel, 0 to 1.
  func brightness(x: Int, y: Int) -> Double {
    let index = y * size.width + x
    switch pixels {
    case .grey(let values):
      return Double(values[index]) / 255
    case .rgb(let values):
      let (red, green) = (Double(values[index * 3]), Double(values[index * 3 + 1]))
      return (0.2126 * red + 0.7152 * green + 0.0722 * Double(values[index * 3 + 2])) / 255
    }
  }

  /// The colour of a pixel, where `greys` holds that of each grey value.
  func color(x: Int, y: Int, greys: [Color]) -> Color {
    let index = y * size.width + x
    switch pixels {
    case .grey(let values):
      return greys[Int(values[index])]
    case .rgb(let values):
      return Color(
        red: values[index * 3], green: values[index * 3 + 1], blue: values[index * 3 + 2])
    }
  }
}
