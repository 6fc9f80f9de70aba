import Testing

@testable import TUI

@Suite("Frames over a slow line")
struct FrameBudgetTests {
  @Test("a fast line gets 30 frames or 700 KB a second, one over ssh ten or 80 KB")
  func remote() {
    var budget = FrameBudget(isRemote: false)
    budget.sent(bytes: 20_000)
    #expect(budget.interval(at: 0) == 1.0 / 30)
    budget.sent(bytes: 70_000)
    #expect(budget.interval(at: 0) == 0.1)
    budget.isRemote = true
    budget.sent(bytes: 40_000)
    #expect(budget.interval(at: 0) == 0.5)
    budget.sent(bytes: 10)
    #expect(budget.interval(at: 0) == 0.1)
  }

  @Test("a line that stops reading counts as slow for ten seconds")
  func stalled() {
    var budget = FrameBudget(isRemote: false)
    budget.sent(bytes: 20_000)
    budget.stalled(at: 5)
    #expect(budget.interval(at: 14.9) == 0.25)
    #expect(budget.interval(at: 15) == 1.0 / 30)
  }

  @Test("a frame costs its characters, what sets their colours, and the moves of the cursor")
  func cost() {
    var surface = Surface(Size(4, 2))
    let red = Style(Color(hex: 0xFF0000))
    surface.put("▀▀", x: 0, y: 0, style: red)
    surface.put("ab", x: 2, y: 1)
    let changed = [(x: 0, y: 0), (x: 1, y: 0), (x: 2, y: 1), (x: 3, y: 1)]
    // Two characters of three bytes and two of one; two places and two styles.
    #expect(ColorDepth.monochrome.cost(of: changed, on: surface) == 8 + 12)
    #expect(ColorDepth.palette256.cost(of: changed, on: surface) == 8 + 12 + 40)
  }

  @Test("over ssh 256 colours are enough")
  func colors() throws {
    var variables = ["TERM": "xterm-256color", "COLORTERM": "truecolor"]
    #expect(try ColorDepth.plan { variables[$0] }.isDirect)
    variables["SSH_TTY"] = "/dev/pts/1"
    #expect(try !ColorDepth.plan { variables[$0] }.isDirect)
  }
}
