/// Puts the pixels of images into cells.
package struct ImagePainter {
  /// How the images are drawn.
  package let style: ImageStyle
  private let greys: [Color]
  private let text: Style
  private let depth: ColorDepth
  private let isDark: Bool
  /// How bright each grey value is shown, for terminals with 16 colours.
  private let levels: [Double]

  /// A painter for any number of images; making one works out the theme's 256 greys.
  package init(style: ImageStyle, theme: Theme) {
    self.style = style
    greys = (0..<256).map { theme.grey(Double($0) / 255) }
    text = Ink.text.style(in: theme)
    (depth, isDark) = (theme.depth, theme.isDark)
    levels = depth == .ansi16 ? (0..<256).map { theme.greyLevel(Double($0) / 255) } : []
  }

  /// Draws an image with its upper left corner in the cell (`x`, `y`).
  package func draw(
    _ image: PixelImage, scale: ImageScale, x: Int, y: Int, on surface: inout Surface
  ) {
    let image = image.averaged(columns: scale.reduction, rows: scale.reduction)
      .enlarged(scale.enlargement)
    switch style.shown(with: surface.symbols, depth: depth) {
    case .halfBlocks where depth == .ansi16: shades(image, x, y, &surface)
    case .halfBlocks: halfBlocks(image, x, y, &surface)
    case .quadrants: quadrants(image.averaged(columns: 1, rows: 2), x, y, &surface)
    case .braille: braille(image, x, y, &surface)
    case .ascii:
      // One character for all pixels that the style has in a cell, whichever style that is.
      let cell = style.pixelsPerCell
      ascii(image.averaged(columns: cell.width, rows: cell.height), x, y, &surface)
    }
  }

  private func halfBlocks(_ image: PixelImage, _ left: Int, _ top: Int, _ surface: inout Surface) {
    for row in 0..<(image.size.height + 1) / 2 {
      for column in 0..<image.size.width {
        let upper = image.color(x: column, y: row * 2, greys: greys)
        guard row * 2 + 1 < image.size.height else {
          surface.put("▀", x: left + column, y: top + row, style: Style(upper))
          continue
        }
        let lower = image.color(x: column, y: row * 2 + 1, greys: greys)
        if upper == lower {
          surface.put(" ", x: left + column, y: top + row, style: Style(on: upper))
        } else {
          surface.put("▄", x: left + column, y: top + row, style: Style(lower, on: upper))
        }
      }
    }
  }

  private func shades(_ image: PixelImage, _ left: Int, _ top: Int, _ surface: inout Surface) {
    for row in 0..<(image.size.height + 1) / 2 {
      // Below a last row without a partner it is repeated.
      let (upper, lower) = (row * 2, min(row * 2 + 1, image.size.height - 1))
      for column in 0..<image.size.width {
        surface[left + column, top + row] =
          switch image.pixels {
          case .grey(let values):
            ShadeDither.cell(
              upper: levels[Int(values[upper * image.size.width + column])],
              lower: levels[Int(values[lower * image.size.width + column])])
          case .rgb:
            ShadeDither.cell(
              upper: image.color(x: column, y: upper, greys: greys),
              lower: image.color(x: column, y: lower, greys: greys))
          }
      }
    }
  }

  /// The style of a character that stands for pixels of a colour.
  private func character(_ color: Color, of image: PixelImage) -> Style {
    switch (image.pixels, depth) {
    case (_, .monochrome), (.grey, .ansi16): text
    case (.rgb, .ansi16): Style(OwnColors.readable(color, onDark: isDark))
    case (_, .palette256), (_, .trueColor): Style(color)
    }
  }

  private func braille(_ image: PixelImage, _ left: Int, _ top: Int, _ surface: inout Surface) {
    for row in 0..<(image.size.height + 3) / 4 {
      for column in 0..<(image.size.width + 1) / 2 {
        var mask: UInt8 = 0
        var sum = (0, 0, 0)
        for y in row * 4..<min(image.size.height, row * 4 + 4) {
          for x in column * 2..<min(image.size.width, column * 2 + 2)
          where image.brightness(x: x, y: y) > Self.threshold(x, y) {
            mask |= BrailleCanvas.bit(x: x & 1, y: y & 3)
            let color = image.color(x: x, y: y, greys: greys)
            sum = (sum.0 + Int(color.red), sum.1 + Int(color.green), sum.2 + Int(color.blue))
          }
        }
        let scalar = Unicode.Scalar(0x2800 | UInt32(mask)) ?? " "
        surface.put(
          mask == 0 ? " " : scalar, x: left + column, y: top + row,
          style: mask == 0
            ? Style() : character(Self.mean(sum, mask.nonzeroBitCount), of: image))
      }
    }
  }

  /// Thresholds of a 4 × 4 ordered dither, so that greys become densities.
  private static func threshold(_ x: Int, _ y: Int) -> Double {
    let order = [0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5]
    return (Double(order[(y & 3) * 4 + x & 3]) + 0.5) / 16
  }

  private static let ramp = Array(" .:-=+*#%@".unicodeScalars)

  private func ascii(_ image: PixelImage, _ left: Int, _ top: Int, _ surface: inout Surface) {
    for row in 0..<image.size.height {
      for column in 0..<image.size.width {
        let level = image.brightness(x: column, y: row)
        let scalar = Self.ramp[min(Self.ramp.count - 1, Int(level * Double(Self.ramp.count)))]
        var style = text
        if case .rgb = image.pixels {
          style = character(image.color(x: column, y: row, greys: greys), of: image)
        }
        surface.put(scalar, x: left + column, y: top + row, style: style)
      }
    }
  }

  static func mean(_ sum: (Int, Int, Int), _ count: Int) -> Color {
    let half = count / 2
    return Color(
      red: UInt8((sum.0 + half) / count), green: UInt8((sum.1 + half) / count),
      blue: UInt8((sum.2 + half) / count))
  }

  private func quadrants(_ image: PixelImage, _ left: Int, _ top: Int, _ surface: inout Surface) {
    for row in 0..<(image.size.height + 1) / 2 {
      for column in 0..<(image.size.width + 1) / 2 {
        let colors = (0..<4).map { quarter in
          image.color(
            x: min(image.size.width - 1, column * 2 + quarter & 1),
            y: min(image.size.height - 1, row * 2 + quarter >> 1), greys: greys)
        }
        let (scalar, style) = Quarters.best(for: colors)
        surface.put(scalar, x: left + column, y: top + row, style: style)
      }
    }
  }
}
