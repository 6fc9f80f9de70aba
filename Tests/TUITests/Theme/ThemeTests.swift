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
    let names = ThemeFile.names(in: [Self.folder])
    #expect(names.count >= 5)
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
    ("colours = 1", "colours"), ("[colors]\naccent = 3", "colors.accent"),
    ("[colors]\nakzent = \"#fff\"", "akzent"), ("[colors]\naccent = \"#12345\"", "#rrggbb"),
    ("[mono]\naccent = \"blink\"", "mono.accent"), ("series = []", "series"),
    ("[ramps]\nnoise = [\"red\", 3]", "ramps.noise"), ("dark = 1", "dark"),
    ("name = \n", "line 1"), ("inherits = \"nobody\"", "nobody"),
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

  @Test("ramps are even: lightness grows from noise to data")
  func ramps() throws {
    func brightness(_ color: Color) -> Int {
      2 * Int(color.red) + 7 * Int(color.green) + Int(color.blue)
    }
    for name in ["dark", "colorblind", "ember"] {
      let theme = try ThemeFile.load(name, folders: [Self.folder])
      let values = (0...20).map { brightness(theme.noise(Double($0) / 20)) }
      #expect(zip(values, values.dropFirst()).allSatisfy { $0 < $1 }, "\(name): \(values)")
    }
  }
}
