import Testing

@testable import TUI

@Suite("Images")
struct ImageTests {
  private static func grey(_ width: Int, _ height: Int, _ values: [UInt8]) -> PixelImage {
    PixelImage(width: width, height: height, pixels: .grey(values))
  }

  private func drawn(
    _ image: PixelImage, _ style: ImageStyle, _ scale: ImageScale = .actual, cells: Size,
    theme: Theme = .dark, symbols: Symbols = .unicode
  ) -> Surface {
    var surface = Surface(cells, symbols: symbols)
    ImagePainter(style: style, theme: theme).draw(image, scale: scale, x: 0, y: 0, on: &surface)
    return surface
  }

  @Test("half-blocks hold two pixels, and equal ones are a space")
  func halfBlocks() {
    let surface = drawn(
      Self.grey(2, 3, [0, 255, 255, 255, 128, 128]), .halfBlocks, cells: Size(2, 2))
    #expect(surface.lines == ["▄", "▀▀"])
    #expect(surface[0, 0].style == Style(Theme.dark.grey(1), on: Theme.dark.grey(0)))
    #expect(surface[1, 0].style.background == Theme.dark.grey(1))
    #expect(surface[0, 1].style == Style(Theme.dark.grey(128 / 255.0), on: .default))
  }

  @Test("an image is enlarged evenly")
  func enlarged() {
    let image = Self.grey(2, 1, [1, 2])
    #expect(image.enlarged(2) == Self.grey(4, 2, [1, 1, 2, 2, 1, 1, 2, 2]))
  }

  @Test("an image is reduced by the average of each block, the last of what is there")
  func reduced() {
    let image = Self.grey(3, 2, [0, 100, 9, 50, 50, 11])
    #expect(image.averaged(columns: 2, rows: 2) == Self.grey(2, 1, [50, 10]))
    let color = PixelImage(width: 2, height: 1, pixels: .rgb([0, 10, 20, 100, 30, 40]))
    #expect(
      color.averaged(columns: 2, rows: 1)
        == PixelImage(width: 1, height: 1, pixels: .rgb([50, 20, 30])))
  }

  @Test("the scale that fits is a whole number up or down")
  func scales() {
    let digit = Size(8, 8)
    #expect(ImageScale.fitting(digit, in: Size(30, 12), style: .halfBlocks) == .enlarged(3))
    #expect(ImageScale.fitting(digit, in: Size(5, 12), style: .halfBlocks) == .reduced(2))
    #expect(ImageScale.fitting(digit, in: Size(8, 4), style: .braille) == .enlarged(2))
    #expect(ImageScale.enlarged(3).cells(digit, style: .halfBlocks) == Size(24, 12))
    #expect(ImageScale.reduced(3).cells(digit, style: .halfBlocks) == Size(3, 2))
    #expect(ImageScale.reduced(2) < .actual && .actual < ImageScale.enlarged(2))
  }

  @Test("quadrants show four averaged quarters in two colours")
  func quadrants() {
    let surface = drawn(
      Self.grey(2, 4, [255, 0, 255, 0, 0, 0, 0, 0]), .quadrants, cells: Size(1, 1))
    #expect(surface.lines == ["▗"] || surface.lines == ["▘"])
    let pair = [surface[0, 0].style.foreground, surface[0, 0].style.background]
    #expect(Set(pair) == [Theme.dark.grey(0), Theme.dark.grey(1)])
  }

  @Test("braille turns brightness into the density of dots")
  func braille() {
    let counts = [0, 128, 255].map { (level: UInt8) -> Int in
      let image = Self.grey(4, 4, Array(repeating: level, count: 16))
      return drawn(image, .braille, cells: Size(2, 1)).cells
        .reduce(0) { $0 + ($1.scalar == " " ? 0 : ($1.scalar.value & 0xFF).nonzeroBitCount) }
    }
    #expect(counts == [0, 8, 16])
  }

  @Test("characters stand for brightness, also where the terminal has no colours")
  func characters() {
    let image = Self.grey(3, 2, [0, 128, 255, 0, 128, 255])
    let size = Size(3, 1)
    #expect(drawn(image, .ascii, cells: size).lines == [" +@"])
    let mono = Theme.dark.adapted(to: .monochrome)
    #expect(drawn(image, .halfBlocks, cells: size, theme: mono).lines == [" +@"])
    #expect(drawn(image, .halfBlocks, cells: size, symbols: .ascii).lines == [" +@"])
  }

  @Test("the styles come round")
  func styles() {
    var style = ImageStyle.halfBlocks
    var seen: Set<ImageStyle> = []
    for _ in ImageStyle.allCases {
      seen.insert(style)
      style = style.next
    }
    #expect(seen.count == ImageStyle.allCases.count)
    #expect(style == .halfBlocks)
  }
}
