import Foundation
import Testing

@testable import Workbench

/// Themes that follow the terminal, which here is tmux and answers for itself.
@Suite("The terminal's background, in a terminal", .serialized)
struct TerminalBackgroundTests {
  /// Whoever runs the tests may want no colours.
  private static let command = "env -u NO_COLOR COLORTERM=truecolor \"$WORKBENCH\" runs"

  /// The background of the light theme and of the dark one, as tmux writes them.
  private static let (light, dark) = ("48;2;251;248;241", "48;2;16;20;28")

  private func inTerminal(_ background: String, _ body: (Tmux, String) throws -> Void) throws {
    guard Tmux.isInstalled else {
      Issue.record("tmux is missing, so the program was not tried in a terminal")
      return
    }
    try withFolder { folder in
      let terminal = try Tmux(in: folder, background: background)
      defer { terminal.kill() }
      try body(terminal, folder)
    }
  }

  @Test(
    "auto is light on a light background and dark on a dark one, and no answer is taken for keys",
    arguments: [("#ffffff", light), ("#202020", dark)])
  func automatic(_ background: String, _ expected: String) throws {
    try inTerminal(background) { terminal, _ in
      try terminal.command(Self.command)
      try terminal.wait("Runs", "no runs yet")
      let colors = try terminal.colors()
      #expect(colors.contains(expected), "\(colors.debugDescription.prefix(400))")
      try terminal.press("q")
      let screen = try terminal.wait("ready>") { !$0.contains("no runs yet") }
      #expect(!screen.contains("rgb:") && !screen.contains("[?1;2c"))
    }
  }

  @Test("a theme that is chosen in the settings file while the program runs is shown at once")
  func reloaded() throws {
    try inTerminal("default") { terminal, folder in
      try terminal.command(Self.command)
      try terminal.wait("Runs", "no runs yet")
      #expect(try terminal.colors().contains(Self.dark))
      let config = folder + "/config/diffusion-workbench"
      try FileManager.default.createDirectory(atPath: config, withIntermediateDirectories: true)
      try "theme = \"light\"\n".write(
        toFile: config + "/settings.toml", atomically: true, encoding: .utf8)
      try terminal.wait("settings read again: theme")
      #expect(try terminal.colors().contains(Self.light))
      try "theme = \"light\"\nmouse = maybe\n".write(
        toFile: config + "/settings.toml", atomically: true, encoding: .utf8)
      try terminal.wait("settings.toml:2: ")
      #expect(try terminal.colors().contains(Self.light))
    }
  }
}
