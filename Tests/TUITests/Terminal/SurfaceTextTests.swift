import Testing

@testable import TUI

@Suite("Surfaces as text")
struct SurfaceTextTests {
  private static let surface: Surface = {
    var surface = Surface(Size(4, 2))
    surface.put("a", x: 0, y: 0, style: Style(Color(red: 255, green: 0, blue: 0)).bold)
    surface.put("b", x: 1, y: 0, style: Style(.ansi(10), on: .ansi(4)))
    surface.put("c", x: 0, y: 1)
    return surface
  }()

  @Test("without colours there are no codes and no spaces at the ends")
  func plain() {
    #expect(Self.surface.text(.monochrome) == "ab\nc\n")
  }

  @Test(
    "colours are those of the terminal, and end with the line",
    arguments: [
      (ColorDepth.trueColor, "38;2;255;0;0"), (.palette256, "38;5;196"), (.ansi16, "91"),
    ])
  func colors(_ depth: ColorDepth, _ red: String) {
    #expect(
      Self.surface.text(depth)
        == "\u{1B}[0;1;\(red)ma\u{1B}[0;92;44mb\u{1B}[0m\nc\n")
  }

  @Test(
    "the environment says what standard output can show",
    arguments: [
      (["TERM": "xterm-256color", "COLORTERM": "truecolor"], ColorDepth.trueColor),
      (["TERM": "xterm-256color"], .palette256), (["TERM": "xterm"], .ansi16),
      (["TERM": "vt100"], .monochrome), (["TERM": "dumb"], .monochrome), ([:], .monochrome),
      (["TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "1"], .monochrome),
    ])
  func depth(_ environment: [String: String], _ depth: ColorDepth) {
    #expect(ColorDepth.ofOutput { environment[$0] } == depth)
  }
}
