import Foundation
import Testing

@testable import TUI

@Suite("Sixteen colours")
struct SixteenColorTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "themes").path

  private func themes() throws -> [Theme] {
    try ThemeFile.names(in: [Self.folder]).map {
      try ThemeFile.load($0, folders: [Self.folder]).adapted(to: .ansi16)
    }
  }

  private func contrast(_ color: Color, in theme: Theme) -> Double {
    guard let index = color.ansiIndex else { return color == .default ? .infinity : 0 }
    return OwnColors.contrast(index, onDark: theme.isDark)
  }

  @Test("frames, faint curves, arrows and ramps have a contrast of 3 : 1 in every theme")
  func contrasts() throws {
    for theme in try themes() {
      for role in Theme.Role.allCases where role != .background && role != .selection {
        let color = theme.style(role).foreground
        #expect(contrast(color, in: theme) >= 3, "\(theme.name): \(role) is \(color)")
      }
      for step in 0...50 {
        let color = theme.noise(Double(step) / 50)
        #expect(contrast(color, in: theme) >= 3, "\(theme.name): noise \(step) is \(color)")
      }
      for index in theme.seriesColors.indices {
        #expect(contrast(theme.series(index), in: theme) >= 3, "\(theme.name): series \(index)")
      }
    }
  }

  @Test(
    "the ramp from noise to data still has several colours, ends that differ, and no grey in colour"
  )
  func ramp() {
    let theme = Theme.dark.adapted(to: .ansi16)
    let colors = (0...50).map { theme.noise(Double($0) / 50) }
    #expect(Set(colors).count >= 3)
    #expect(colors.first != colors.last)
    #expect(!colors.contains(.ansi(7)) && !colors.contains(.ansi(15)))
  }

  @Test("black, dark grey and blue are not read on black, nor are the light ones on white")
  func choices() {
    let dark = OwnColors.readable(onDark: true)
    for index in [0, 4, 8, 12] { #expect(!dark.contains(index)) }
    for index in [5, 6, 7, 11, 14, 15] { #expect(dark.contains(index)) }
    let light = OwnColors.readable(onDark: false)
    for index in [3, 6, 7, 10, 11, 14, 15] { #expect(!light.contains(index)) }
    for index in [0, 1, 4, 5] { #expect(light.contains(index)) }
  }

  /// How bright the halves of a cell are, with the greys of xterm.
  private func brightness(_ cell: Cell) -> (upper: Double, lower: Double) {
    func level(_ color: Color) -> Double {
      [0: 0, 7: 0.9, 15: 1][color.ansiIndex ?? 0] ?? .nan
    }
    let (front, back) = (level(cell.style.foreground), level(cell.style.background))
    let covered: (Double, Double) =
      switch cell.scalar {
      case "░": (0.25, 0.25)
      case "▒": (0.5, 0.5)
      case "▓": (0.75, 0.75)
      case "█": (1, 1)
      case "▀": (1, 0)
      case "▄": (0, 1)
      default: (0, 0)
      }
    return (back + covered.0 * (front - back), back + covered.1 * (front - back))
  }

  @Test("a ramp of greys becomes at least seven shades, none far from its value")
  func shades() {
    let cells = (0...100).map {
      ShadeDither.cell(upper: Double($0) / 100, lower: Double($0) / 100)
    }
    #expect(Set(cells).count >= 7)
    let levels = cells.map { brightness($0).upper }
    #expect(zip(levels, levels.dropFirst()).allSatisfy { $0 <= $1 })
    for (index, level) in levels.enumerated() {
      #expect(abs(level - Double(index) / 100) < 0.2, "\(index) % is \(level)")
    }
  }

  @Test("two pixels that differ keep their edge, and backgrounds are of the first eight colours")
  func edges() {
    for (upper, lower) in [(1.0, 0.0), (0.0, 1.0), (0.8, 0.1)] {
      let (up, low) = brightness(ShadeDither.cell(upper: upper, lower: lower))
      #expect(abs(up - upper) < 0.25 && abs(low - lower) < 0.25, "\(upper) over \(lower)")
    }
    for red in stride(from: UInt8(0), through: 250, by: 50) {
      for blue in stride(from: UInt8(0), through: 250, by: 50) {
        let cell = ShadeDither.cell(
          upper: Color(red: red, green: 90, blue: blue),
          lower: Color(red: blue, green: 20, blue: red))
        #expect((cell.style.background.ansiIndex ?? 99) < 8)
      }
    }
  }

  @Test("an image in sixteen colours keeps its greys and its cells")
  func image() {
    let ramp = PixelImage(width: 8, height: 2, pixels: .grey((0..<16).map { UInt8($0 % 8 * 36) }))
    var surface = Surface(Size(8, 1))
    ImagePainter(style: .halfBlocks, theme: .dark.adapted(to: .ansi16)).draw(
      ramp, scale: .actual, x: 0, y: 0, on: &surface)
    #expect(Set(surface.cells).count >= 5)
    #expect(brightness(surface[0, 0]).upper == 0)
    #expect(brightness(surface[7, 0]).lower > 0.85)
  }
}
