import TUI
import Testing

@Suite("Cells")
struct CellTests {
  @Test("text outside the surface is clipped, not an error")
  func clipping() {
    var surface = Surface(Size(6, 2))
    surface.put("abcdef", x: 3, y: 0)
    surface.put("abc", x: -2, y: 1)
    surface.put("x", x: 0, y: 7)
    #expect(surface.lines == ["   abc", "c"])
  }

  @Test("text that exceeds its width ends with an ellipsis")
  func ellipsis() {
    var surface = Surface(Size(10, 1))
    let columns = surface.put("diffusion", x: 0, y: 0, maxWidth: 5)
    #expect(columns == 5)
    #expect(surface.lines == ["diff…"])
  }

  @Test("control characters are shown and never reach a cell")
  func controlCharacters() {
    var surface = Surface(Size(20, 1))
    surface.put("a\u{1B}[2Jb\u{9B}\u{202E}\n", x: 0, y: 0)
    #expect(surface.lines == ["a^[[2Jb\\x9b^J"])
    #expect(surface.cells.allSatisfy { $0.scalar.value >= 0x20 })
  }

  @Test("a character without width takes no column, a wide one takes one")
  func widths() {
    #expect("e\u{301}".columnCount == 1)
    #expect("図".columnCount == 1)
    #expect("x\u{302}₀".columnCount == 2)
  }

  @Test("a style that keeps a colour takes the one beneath")
  func keptColours() {
    var surface = Surface(Size(2, 1))
    surface.fill(surface.bounds, style: Style(.default, on: Color(hex: 0x112233)))
    surface.put("x", x: 0, y: 0, style: Style(Color(hex: 0xFF0000)))
    #expect(surface[0, 0].style == Style(Color(hex: 0xFF0000), on: Color(hex: 0x112233)))
  }

  @Test("a clip confines drawing and ends with its closure")
  func confinedDrawing() {
    var surface = Surface(Size(5, 1))
    surface.clipped(to: Rect(x: 1, y: 0, width: 2, height: 1)) {
      $0.put("abcde", x: 0, y: 0)
    }
    surface.put("z", x: 4, y: 0)
    #expect(surface.lines == [" bc z"])
  }

  @Test("an ASCII surface keeps the layout with characters that resemble")
  func asciiFallback() {
    var surface = Surface(Size(12, 1), symbols: .ascii)
    surface.put("╭─╮│ σ█▁⣿⠉⣀·", x: 0, y: 0)
    #expect(surface.lines == ["+-+| s#_#\"_."])
  }

  @Test("every character the screens draw has an ASCII one that resembles it")
  func asciiTableIsComplete() {
    let drawn = "╭─╮│╰╯├┤┄●◆▲■○◇△□◉◌▶◀‹›‖←→↑↓↖↗↘↙✓·…–—×÷±≤≥°∞σαβεηθμτᾱλ₀₁²³▀▄█▓▒░▌▐▁▇"
    for scalar in drawn.unicodeScalars {
      #expect(Symbols.ascii(scalar).isASCII && Symbols.ascii(scalar) != "?", "\(scalar)")
    }
    for mask in 0...255 as ClosedRange<UInt32> {
      let dots = Unicode.Scalar(0x2800 + mask)
      #expect(dots.map { Symbols.ascii($0) != "?" } == true)
    }
  }

  @Test(
    "lengths fill the room in proportion and never exceed it",
    arguments: [
      (100, [Length.fixed(10), .fraction(1), .fraction(2)], [10, 30, 60]),
      (100, [.min(60), .fraction(1)], [60, 40]),
      (100, [.min(20), .fraction(1)], [50, 50]),
      (7, [.fixed(5), .fixed(5)], [5, 2]),
      (0, [.fixed(5), .min(3), .fraction(1)], [0, 0, 0]),
      (10, [.fraction(1), .fraction(1), .fraction(1)], [3, 4, 3]),
    ])
  func lengths(total: Int, lengths: [Length], expected: [Int]) {
    #expect(Layout.cut(total, into: lengths).map(\.count) == expected)
  }

  @Test("gaps separate the pieces")
  func gaps() {
    let parts = Rect(x: 2, y: 0, width: 11, height: 3).columns(.fraction(1), .fraction(1), gap: 1)
    #expect(parts.map(\.x) == [2, 8])
    #expect(parts.map(\.width) == [5, 5])
  }

  @Test("every cut of every width stays inside it", arguments: 0..<30)
  func cutsStayInside(total: Int) {
    let lengths: [Length] = [.min(4), .fixed(6), .fraction(0.5), .min(9, share: 2)]
    for piece in Layout.cut(total, into: lengths, gap: 2) {
      #expect(piece.start >= 0 && piece.count >= 0 && piece.start + piece.count <= total)
    }
  }

  @Test("colours are read in every form and written back")
  func colourForms() {
    #expect(Color("#f0b060") == Color(hex: 0xF0B060))
    #expect(Color("#fb6") == Color(hex: 0xFFBB66))
    #expect(Color("bright-blue") == .ansi(12))
    #expect(Color("#12345") == nil)
    #expect(Color("mauve") == nil)
    #expect(Color(hex: 0x00000A).description == "#00000a")
  }
}
