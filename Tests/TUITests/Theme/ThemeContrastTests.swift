import Foundation
import Testing

@testable import TUI

/// What can be told from the background, by the contrast of WCAG 2.1.
@Suite("Contrast of themes")
struct ThemeContrastTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "themes").path

  /// All themes, those without a background of their own on black and on white.
  private static let themes: [(name: String, theme: Theme)] = ThemeFile.names(in: [folder])
    .flatMap { name -> [(String, Theme)] in
      guard let theme = try? ThemeFile.load(name, folders: [folder]) else { return [] }
      guard theme.isTransparent else { return [(name, theme)] }
      return [
        ("\(name) on black", theme.adapted(to: .trueColor, onDark: true)),
        ("\(name) on white", theme.adapted(to: .trueColor, onDark: false)),
      ]
    }

  private func paper(_ theme: Theme) -> Color {
    let own = theme.style(.background).background
    return own == .default ? Color(hex: theme.isDark ? 0x000000 : 0xFFFFFF) : own
  }

  /// The contrast of a colour; of the terminal's own, the worst of what terminals make of it.
  private func contrast(_ color: Color, in theme: Theme, on paper: Color? = nil) -> Double {
    if let index = color.ansiIndex { return OwnColors.contrast(index, onDark: theme.isDark) }
    let ink = color == .default ? Color(hex: theme.isDark ? 0xFFFFFF : 0x000000) : color
    let levels = [ink, paper ?? self.paper(theme)].map(OwnColors.luminance).sorted()
    return (levels[1] + 0.05) / (levels[0] + 0.05)
  }

  @Test("every theme that comes with the program is looked at")
  func all() { #expect(Self.themes.count >= 10) }

  @Test("text is read at 4.5 : 1, with high contrast at 7 : 1, and dim text at 3 : 1")
  func texts() {
    for (name, theme) in Self.themes {
      let least = name == "high-contrast" ? 7 : theme.mostColors == .ansi16 ? 3 : 4.5
      for role in [Theme.Role.text, .accent, .good, .warning, .error] {
        #expect(contrast(theme.style(role).foreground, in: theme) >= least, "\(name): \(role)")
      }
      #expect(contrast(theme.style(.text).foreground, in: theme) >= (least == 7 ? 7 : 4.5))
      #expect(contrast(theme.style(.dim).foreground, in: theme) >= 3, "\(name): dim")
    }
  }

  @Test("the selected line can be read, in the text's colour and in the accent")
  func selection() {
    for (name, theme) in Self.themes where theme.depth > .ansi16 {
      let paper = theme.style(.selection).background
      let least = name == "high-contrast" ? 7 : 4.5
      for role in [Theme.Role.text, .accent] {
        #expect(
          contrast(theme.style(role).foreground, in: theme, on: paper) >= least, "\(name): \(role)")
      }
    }
  }

  @Test("curves, the cursor, and the whole way from noise to data stand out at 3 : 1")
  func charts() {
    for (name, theme) in Self.themes {
      for index in theme.seriesColors.indices {
        #expect(contrast(theme.series(index), in: theme) >= 3, "\(name): series \(index)")
      }
      for step in 0...50 {
        #expect(contrast(theme.noise(Double(step) / 50), in: theme) >= 3, "\(name): noise \(step)")
      }
      #expect(contrast(theme.style(.cursor).foreground, in: theme) >= 3, "\(name): cursor")
      let faint = contrast(theme.style(.faint).foreground, in: theme)
      #expect(faint >= (name == "high-contrast" ? 3 : 2), "\(name): faint is \(faint)")
    }
  }

  /// What eyes without one kind of cone see of a colour: Machado, Oliveira and Fernandes 2009, in full.
  private static let visions: [[[Double]]] = [
    [
      [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
      [-0.003882, -0.048116, 1.051998],
    ],
    [
      [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
      [-0.011820, 0.042940, 0.968881],
    ],
    [
      [1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
      [0.004733, 0.691367, 0.303900],
    ],
  ]

  private func seen(_ color: Color, by vision: [[Double]]) -> Color {
    let light = [linear(color.red), linear(color.green), linear(color.blue)]
    let bytes = vision.map { row -> UInt8 in
      let value = min(max(zip(row, light).map(*).reduce(0, +), 0), 1)
      let encoded = value <= 0.003_130_8 ? value * 12.92 : 1.055 * pow(value, 1 / 2.4) - 0.055
      return UInt8((encoded * 255).rounded())
    }
    return Color(red: bytes[0], green: bytes[1], blue: bytes[2])
  }

  @Test(
    "curves differ for every kind of colour vision", arguments: ["colorblind", "colorblind-light"])
  func colorVision(_ name: String) throws {
    let theme = try ThemeFile.load(name, folders: [Self.folder])
    for vision in Self.visions {
      let colors = theme.seriesColors.compactMap { OKLab(seen($0, by: vision)) }
      for (index, color) in colors.enumerated() {
        for other in colors[..<index] {
          #expect(color.distance(to: other) > 0.07, "\(name): \(index)")
        }
      }
      let ramp = (0...10).compactMap { OKLab(seen(theme.noise(Double($0) / 10), by: vision)) }
      let lightness = ramp.map(\.l)
      let grows = zip(lightness, lightness.dropFirst()).allSatisfy {
        theme.isDark ? $0 < $1 : $0 > $1
      }
      #expect(grows, "\(name): the ramp")
    }
  }

  @Test("the terminal's own colours are all that its theme uses, however many there are")
  func ownColors() throws {
    let theme = try ThemeFile.load("terminal", folders: [Self.folder])
    for onDark in [true, false] {
      let shown = theme.adapted(to: .trueColor, onDark: onDark)
      #expect(shown.isDark == onDark)
      let roles = Theme.Role.allCases.map { shown.style($0) }.flatMap {
        [$0.foreground, $0.background]
      }
      let ramp = (0...20).map { shown.noise(Double($0) / 20) }
      for color in roles + ramp + shown.seriesColors { #expect(color.hex == nil, "\(color)") }
    }
    let light = theme.adapted(to: .trueColor, onDark: false)
    #expect(OwnColors.luminance(light.grey(0)) > OwnColors.luminance(light.grey(1)), "ink on paper")
  }
}
