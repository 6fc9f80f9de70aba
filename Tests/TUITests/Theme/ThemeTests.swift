import Foundation
import Testing

@testable import TUI

@Suite("Themes")
struct ThemeTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "themes").path

  private func load(_ text: String) throws -> Theme {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try text.write(to: folder.appending(path: "mine.toml"), atomically: true, encoding: .utf8)
    return try ThemeFile.load("mine", folders: [folder.path])
  }

  @Test("every theme that comes with the program loads")
  func shippedThemes() throws {
    let names = Set(ThemeFile.names(in: [Self.folder]))
    #expect(
      names.isSuperset(of: [
        "dark", "light", "colorblind", "colorblind-light", "high-contrast", "mono", "terminal",
      ]))
    for name in names {
      #expect(try ThemeFile.load(name, folders: [Self.folder]).name == name)
    }
  }

  @Test("a theme changes what it names and keeps the rest of what it starts from")
  func inheritance() throws {
    let theme = try load(
      """
      [palette]
      sea = "#123456"
      [colors]
      accent = "sea"
      [mono]
      accent = "bold | underline"
      """)
    #expect(theme.style(.accent).foreground == Color(hex: 0x123456))
    #expect(theme.style(.text) == Theme.dark.style(.text))
    let mono = theme.adapted(to: .monochrome).style(.accent)
    #expect(mono == Style(.default, on: .default, [.bold, .underline]))
  }

  static let mistakes: [(String, String)] = [
    ("colours = 1", "colours"),
    ("[colors]\naccent = 3", "mine.toml:2: colors.accent is not a colour; expected #rrggbb"),
    ("depth = 3", "16 or 256"),
    ("[colors]\nakzent = \"#fff\"", "akzent"), ("[colors]\naccent = \"#12345\"", "#rrggbb"),
    ("[mono]\naccent = \"blink\"", "mono.accent"), ("series = []", "series"),
    ("[ramps]\nnoise = [\"red\", 3]", "ramps.noise"),
    ("dark = 1", "mine.toml:1: dark is not valid; expected true or false"),
    ("name = \n", "mine.toml:1: "), ("inherits = \"nobody\"", "nobody"),
    ("[colors]\n\"a\\u0007b\" = \"#fff\"", "�"),
  ]

  @Test("a mistake is told with the file and the key", arguments: mistakes)
  func mistakesAreTold(_ text: String, _ mark: String) throws {
    do {
      _ = try load(text)
      Issue.record("\(text) was accepted")
    } catch let error as ThemeError {
      #expect(error.description.contains(mark), "\(error)")
      #expect(!error.description.unicodeScalars.contains { $0.value < 32 })
    }
  }

  @Test("a theme that inherits itself is refused")
  func circle() {
    #expect(throws: ThemeError.self) { try load("inherits = \"mine\"") }
  }

  private func noiseRamp(_ name: String) throws -> [OKLab] {
    let theme = try ThemeFile.load(name, folders: [Self.folder])
    return (0...20).compactMap { OKLab(theme.noise(Double($0) / 20)) }
  }

  @Test("equal steps on the way from noise to data look equally large")
  func evenRamps() throws {
    for name in ThemeFile.names(in: [Self.folder]) {
      let ramp = try noiseRamp(name)
      try #require(ramp.count == 21, "\(name) has colours that only the terminal knows")
      let steps = zip(ramp, ramp.dropFirst()).map { $0.distance(to: $1) }
      let mean = steps.reduce(0, +) / Double(steps.count)
      // Where the way turns, a step cuts the corner; and colours have 8 bits.
      #expect(steps.allSatisfy { abs($0 - mean) < 0.2 * mean }, "\(name): \(steps)")
    }
  }

  @Test("data stands out more than noise: lightness leaves the background's all the way")
  func rampsOnBackgrounds() throws {
    for name in ThemeFile.names(in: [Self.folder]) {
      let isDark = try ThemeFile.load(name, folders: [Self.folder]).isDark
      let lightness = try noiseRamp(name).map(\.l)
      let grows = zip(lightness, lightness.dropFirst()).allSatisfy { isDark ? $0 < $1 : $0 > $1 }
      #expect(grows, "\(name): \(lightness)")
    }
  }

  @Test("a colour survives the way to OKLab and back")
  func perceptualCoordinates() {
    for hex: UInt32 in [0x000000, 0xFFFFFF, 0x123456, 0xF8B45F, 0x0000FF] {
      #expect(OKLab(Color(hex: hex))?.color == Color(hex: hex))
    }
  }
}
