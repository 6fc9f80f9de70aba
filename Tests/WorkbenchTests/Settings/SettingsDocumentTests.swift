import Diffusion
import Foundation
import TUI
import Testing

@testable import Workbench

/// The documents say what the tables in the program say.
@Suite("Documents about settings and plain mode")
struct SettingsDocumentTests {
  private func text(_ file: String) throws -> String {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    return try String(contentsOf: root.appending(path: file), encoding: .utf8)
  }

  @Test("docs/settings.md has all settings, and all commands with their keys")
  func settings() throws {
    let text = try text("docs/settings.md")
    for info in UserSettings().settings { #expect(text.contains("`\(info.key)`"), "\(info.key)") }
    for command in KeyMap<Action, KeyContext>.commands {
      let keys = command.keys.map { "`\($0.name)`" }.joined(separator: " ")
      let row = "| `\(command.name)` | \(keys) | \(command.help) |"
      #expect(text.contains(row), "\(row)")
    }
  }

  @Test("docs/plain-mode.md has all commands with what they do")
  func plainMode() throws {
    let text = try text("docs/plain-mode.md")
    for command in PlainWorkbench.commands {
      let usage = command.usage.replacing("|", with: "\\|")
      #expect(text.contains("| `\(usage)` | \(command.help) |"), "\(usage): \(command.help)")
    }
  }

  @Test("themes/README.md names all themes")
  func themes() throws {
    let text = try text("themes/README.md")
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appending(path: "themes").path
    for name in ThemeFile.names(in: [folder]) { #expect(text.contains("`\(name)`"), "\(name)") }
  }
}
