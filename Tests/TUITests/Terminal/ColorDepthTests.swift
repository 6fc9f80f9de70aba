import Testing

@testable import TUI

@Suite("Colours of a terminal")
struct ColorDepthTests {
  private func plan(_ variables: [String: String]) throws -> ColorDepth.Plan {
    try ColorDepth.plan { variables[$0] }
  }

  @Test(
    "24 bits are tried where the terminal promises them",
    arguments: [
      (["TERM": "tmux-direct"], true),
      (["TERM": "xterm-direct"], true),
      (["TERM": "xterm-256color", "COLORTERM": "truecolor"], true),
      (["TERM": "alacritty", "COLORTERM": "24bit"], true),
      (["TERM": "screen-256color", "COLORTERM": "truecolor", "TMUX": "/tmp/x"], true),
      (["TERM": "screen-256color", "COLORTERM": "truecolor"], false),
      (["TERM": "xterm-256color"], false),
      (["TERM": "vt100", "COLORTERM": "truecolor"], false),
      (["TERM": "xterm-direct", "NO_COLOR": "1"], false),
    ])
  func direct(_ variables: [String: String], _ expected: Bool) throws {
    #expect(try plan(variables).isDirect == expected)
  }

  @Test("NO_COLOR with any value but none asks for no colours")
  func noColor() throws {
    #expect(try !plan(["TERM": "xterm", "NO_COLOR": "1"]).isColored)
    #expect(try plan(["TERM": "xterm", "NO_COLOR": ""]).isColored)
  }

  @Test("a terminal that cannot place characters is refused with advice")
  func dumb() {
    for variables in [["TERM": "dumb"], ["TERM": ""], [:]] {
      #expect(throws: TerminalError.unsupported(type: "dumb")) { try plan(variables) }
    }
    #expect("\(TerminalError.unsupported(type: "dumb"))".contains("TERM=xterm-256color"))
  }

  @Test("colours of the cube and the greys map to themselves")
  func palette() {
    #expect(Color.nearest256(red: 0, green: 0, blue: 0) == 16)
    #expect(Color.nearest256(red: 255, green: 255, blue: 255) == 231)
    #expect(Color.nearest256(red: 95, green: 135, blue: 215) == 16 + 36 + 12 + 4)
    for gray in 0..<24 {
      let value = UInt8(8 + 10 * gray)
      let number = Color.nearest256(red: value, green: value, blue: value)
      #expect(number == 232 + gray || number > 16 && number < 232)
    }
    #expect(Color.nearest256(red: 18, green: 18, blue: 18) == 233)
  }

  @Test("each depth numbers a colour in its own way")
  func numbers() {
    let red = Color(hex: 0xF0_1010)
    #expect(red.number(depth: .trueColor, colors: 1 << 24) == 0xF0_1010)
    #expect(red.number(depth: .palette256, colors: 256) == 196)
    #expect(red.number(depth: .ansi16, colors: 16) == 9)
    #expect(red.number(depth: .ansi16, colors: 8) == 1)
    #expect(red.number(depth: .monochrome, colors: 0) == -1)
    #expect(Color.ansi(12).number(depth: .ansi16, colors: 8) == 4)
    #expect(Color.ansi(12).number(depth: .palette256, colors: 256) == 12)
    #expect(Color.default.number(depth: .trueColor, colors: 1 << 24) == -1)
    // A dark blue must not become one of the terminal's own colours.
    let own = Color.ansi(5).number(depth: .trueColor, colors: 1 << 24)
    #expect(own != Color(hex: 5).number(depth: .trueColor, colors: 1 << 24))
  }
}

@Suite("The built-in description of a terminal")
struct TerminfoEntryTests {
  @Test("its strings are found where the compiled form says")
  func layout() throws {
    let bytes = TerminfoEntry.bytes()
    func word(_ offset: Int) -> Int { Int(bytes[offset]) | Int(bytes[offset + 1]) << 8 }
    #expect(word(0) == 0x21E)
    let (names, flags, numbers, strings) = (word(2), word(4), word(6), word(8))
    let numberStart = (12 + names + flags + 1) / 2 * 2
    let offsets = numberStart + 4 * numbers
    let table = offsets + 2 * strings
    func string(_ index: Int) -> String {
      let start = table + word(offsets + 2 * index)
      return String(decoding: bytes[start...].prefix { $0 != 0 }, as: UTF8.self)
    }
    #expect(string(10) == "\u{1B}[%i%p1%d;%p2%dH")
    #expect(string(360).hasPrefix("\u{1B}[%?%p1%{16777216}%<%t48;2;"))
    #expect(word(offsets + 2 * 9) == 0xFFFF, "a capability it lacks has no string")
    #expect(word(numberStart + 4 * 13) | word(numberStart + 4 * 13 + 2) << 16 == (1 << 24) + 16)
    #expect(bytes.suffix(4).elementsEqual("RGB\0".utf8))
    // Larger entries are refused.
    #expect(bytes.count < 4096)
  }
}
