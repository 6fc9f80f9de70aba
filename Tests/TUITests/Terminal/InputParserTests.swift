import Testing

@testable import TUI

@Suite("Input parser")
struct InputParserTests {
  static let keys: [(String, Key)] = [
    ("a", .character("a")), (" ", .character(" ")), ("~", .character("~")),
    ("ä", .character("ä")), ("ε", .character("ε")), ("漢", .character("漢")), ("𝛼", .character("𝛼")),
    ("\u{1}", .control("a")), ("\u{3}", .control("c")), ("\u{1A}", .control("z")),
    ("\u{1C}", .control("\\")), ("\0", .control(" ")),
    ("\r", .enter), ("\n", .enter), ("\u{1B}OM", .enter), ("\t", .tab), ("\u{1B}[Z", .backTab),
    ("\u{7F}", .backspace), ("\u{8}", .backspace),
    ("\u{1B}[A", .up), ("\u{1B}OA", .up), ("\u{1B}[B", .down), ("\u{1B}OB", .down),
    ("\u{1B}[C", .right), ("\u{1B}OC", .right), ("\u{1B}[D", .left), ("\u{1B}OD", .left),
    ("\u{1B}[1;2A", .shiftUp), ("\u{1B}[1;2B", .shiftDown), ("\u{1B}[1;2C", .shiftRight),
    ("\u{1B}[1;2D", .shiftLeft), ("\u{1B}[1;6D", .shiftLeft), ("\u{1B}[1;5D", .left),
    ("\u{1B}[a", .shiftUp), ("\u{1B}[d", .shiftLeft),
    ("\u{1B}[H", .home), ("\u{1B}OH", .home), ("\u{1B}[1~", .home), ("\u{1B}[7~", .home),
    ("\u{1B}[F", .end), ("\u{1B}OF", .end), ("\u{1B}[4~", .end), ("\u{1B}[8~", .end),
    ("\u{1B}[5~", .pageUp), ("\u{1B}[6~", .pageDown), ("\u{1B}[2~", .insert),
    ("\u{1B}[3~", .delete), ("\u{1B}[3;5~", .delete),
    ("\u{1B}OP", .function(1)), ("\u{1B}[11~", .function(1)), ("\u{1B}[[A", .function(1)),
    ("\u{1B}OS", .function(4)), ("\u{1B}[15~", .function(5)), ("\u{1B}[[E", .function(5)),
    ("\u{1B}[17~", .function(6)), ("\u{1B}[21~", .function(10)), ("\u{1B}[24~", .function(12)),
  ]

  static let mouse: [(String, MouseEvent)] = [
    ("\u{1B}[<0;1;1M", MouseEvent(.press, x: 0, y: 0)),
    ("\u{1B}[<0;251;60M", MouseEvent(.press, x: 250, y: 59)),
    ("\u{1B}[<32;12;7M", MouseEvent(.drag, x: 11, y: 6)),
    ("\u{1B}[<0;12;7m", MouseEvent(.release, x: 11, y: 6)),
    ("\u{1B}[<64;3;4M", MouseEvent(.wheelUp, x: 2, y: 3)),
    ("\u{1B}[<65;3;4M", MouseEvent(.wheelDown, x: 2, y: 3)),
    ("\u{1B}[<4;3;4M", MouseEvent(.press, x: 2, y: 3)),
    ("\u{1B}[M !!", MouseEvent(.press, x: 0, y: 0)),
    ("\u{1B}[M#\"#", MouseEvent(.release, x: 1, y: 2)),
  ]

  /// What nothing on the screen reacts to, and what must not be taken for something else.
  static let ignored = [
    "\u{1B}[<2;3;4M", "\u{1B}[<35;3;4M", "\u{1B}[<66;3;4M", "\u{1B}[<0;0;1M", "\u{1B}[<0;1M",
    "\u{1B}x", "\u{1B}[?1;2c", "\u{1B}[25~", "\u{1B}[99;99R", "\u{1B}]10;rgb:0/0/0\u{7}",
    "\u{1B}P>|tmux\u{1B}\\", "\u{1B}[I", "\u{1B}[200~quit\u{1B}[A\u{1B}[201~", "\u{1B}Oz",
  ]

  @Test("every key sequence gives its key", arguments: keys)
  func keyed(_ text: String, _ key: Key) {
    var parser = InputParser()
    #expect(parser.feed(Array(text.utf8)) == [.key(key)])
    #expect(!parser.isPending)
  }

  @Test("mouse reports count cells from 0", arguments: mouse)
  func moused(_ text: String, _ event: MouseEvent) {
    var parser = InputParser()
    #expect(parser.feed(Array(text.utf8)) == [.mouse(event)])
  }

  @Test("unused reports and pastes are swallowed whole", arguments: ignored)
  func swallowed(_ text: String) {
    var parser = InputParser()
    #expect(parser.feed(Array((text + "q").utf8)) == [.key(.character("q"))])
  }

  @Test("a sequence that arrives byte by byte means the same")
  func split() {
    for (text, key) in Self.keys {
      var parser = InputParser()
      var inputs: [Input] = []
      for byte in text.utf8 { inputs += parser.feed([byte]) }
      #expect(inputs == [.key(key)], "\(key)")
    }
    for (text, event) in Self.mouse {
      var parser = InputParser()
      var inputs: [Input] = []
      for byte in text.utf8 { inputs += parser.feed([byte]) }
      #expect(inputs == [.mouse(event)], "\(event)")
    }
  }

  @Test("all sequences in one read come out in their order")
  func together() {
    var parser = InputParser()
    let bytes = Self.keys.flatMap { Array($0.0.utf8) }
    #expect(parser.feed(bytes) == Self.keys.map { .key($0.1) })
  }

  @Test("a lone Escape waits, and is the Escape key when nothing follows")
  func escape() {
    var parser = InputParser()
    #expect(parser.feed([0x1B]) == [])
    #expect(parser.isPending)
    #expect(parser.flush() == [.key(.escape)])
    #expect(parser.feed([0x1B, 0x1B]) == [.key(.escape)])
    #expect(parser.flush() == [.key(.escape)])
    #expect(!parser.isPending)
  }

  @Test("broken sequences lose themselves and nothing after them")
  func broken() {
    for bytes: [UInt8] in [
      [0xFF], [0xC3], [0xE2, 0x96], [0xF8], [0x80], [0xC0, 0x80], [0xED, 0xA0, 0x80],
      Array("\u{1B}[12".utf8), Array("\u{1B}[".utf8), Array("\u{1B}O".utf8),
      Array("\u{1B}[M!".utf8), Array("\u{1B}]0;title".utf8), [0xC2, 0x9B],
    ] {
      var parser = InputParser()
      let early = parser.feed(bytes) + parser.flush()
      #expect(early == [], "\(bytes)")
      #expect(parser.feed(Array("q".utf8)) == [.key(.character("q"))], "\(bytes)")
    }
    var parser = InputParser()
    #expect(parser.feed([0xC3] + Array("q".utf8)) == [.key(.character("q"))])
    #expect(parser.feed(Array("\u{1B}[1\u{1B}[A".utf8)) == [.key(.up)])
  }

  @Test("Control-C ends a paste whose end got lost")
  func lostPasteEnd() {
    var parser = InputParser()
    #expect(parser.feed(Array("\u{1B}[200~abc\u{3}q".utf8)) == [.key(.character("q"))])
  }

  @Test("random bytes never stop the parser")
  func garbage() {
    var state: UInt32 = 7
    func random(_ count: Int) -> Int {
      state = state &* 1_664_525 &+ 1_013_904_223
      return Int(state >> 8) % count
    }
    let special = Array("\u{1B}[<;M0O".utf8)
    for _ in 0..<200 {
      var parser = InputParser()
      let bytes = (0..<100).map { _ in
        random(2) == 0 ? UInt8(random(256)) : special[random(special.count)]
      }
      _ = parser.feed(bytes)
      _ = parser.flush()
      #expect(!parser.isPending, "\(bytes)")
    }
  }
}
