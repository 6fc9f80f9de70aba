import Testing

@testable import TUI

@Suite("The terminal's background")
struct BackgroundTests {
  private func inputs(_ text: String) -> [Input] {
    var parser = InputParser()
    return parser.feed(Array(text.utf8)) + parser.flush()
  }

  @Test("answers are understood in all their spellings, and are no keys")
  func answers() {
    for end in ["\u{07}", "\u{1B}\\"] {
      for (text, hex) in [
        ("rgb:1010/1414/1c1c", 0x10141C), ("rgb:ff/f8/f1", 0xFFF8F1), ("rgb:f/0/f", 0xFF00FF),
        ("#fbf8f1", 0xFBF8F1), ("rgba:0000/8080/ffff/cccc", 0x0080FF),
      ] as [(String, UInt32)] {
        #expect(inputs("\u{1B}]11;\(text)\(end)") == [.background(Color(hex: hex))], "\(text)")
      }
    }
  }

  @Test(
    "an answer that says nothing is swallowed",
    arguments: [
      "", "?", "rgb:", "rgb:1/2", "rgb:1/2/3/4", "rgb:xx/yy/zz", "rgb:12345/0/0", "cmyk:1/2/3",
    ])
  func nothing(_ text: String) {
    #expect(inputs("\u{1B}]11;\(text)\u{07}q") == [.key("q")])
  }

  @Test("an answer in pieces is waited for, at whatever byte it is broken")
  func pieces() {
    let answer = Array("\u{1B}]11;rgb:ffff/ffff/ffff\u{1B}\\\u{1B}[?62;4c".utf8)
    for place in 1..<answer.count {
      var parser = InputParser()
      parser.awaitsAnswer = true
      var inputs = parser.feed(Array(answer[..<place]))
      #expect(parser.isPending == parser.isInsideAnswer)
      inputs += parser.feed(Array(answer[place...]))
      #expect(inputs == [.background(Color(hex: 0xFFFFFF))], "broken at \(place)")
      #expect(!parser.awaitsAnswer, "the second answer ends the wait")
    }
  }

  @Test("keys between and behind answers are keys")
  func keysBetween() {
    var parser = InputParser()
    parser.awaitsAnswer = true
    #expect(parser.feed(Array("p\u{1B}[?1;2cq".utf8)) == [.key("p"), .key("q")])
    #expect(!parser.awaitsAnswer)
  }

  @Test("dark is what white text is read on")
  func dark() {
    for hex: UInt32 in [0x000000, 0x10141C, 0x002B36, 0x300A24, 0x0000FF, 0x555555] {
      #expect(Color(hex: hex).isDark == true)
    }
    for hex: UInt32 in [0xFFFFFF, 0xFBF8F1, 0xFDF6E3, 0x999999] {
      #expect(Color(hex: hex).isDark == false)
    }
    #expect(Color.default.isDark == nil)
  }

  @Test("COLORFGBG is understood")
  func environment() {
    let values: [(String, Bool?)] = [
      ("15;0", true), ("0;15", false), ("0;7", false), ("15;default;0", true),
      ("", nil), ("7", nil), ("0;99", nil), ("0;x", nil),
    ]
    for (text, isDark) in values {
      #expect(Color.background(colorFGBG: text)?.isDark == isDark, "\(text)")
    }
  }
}
