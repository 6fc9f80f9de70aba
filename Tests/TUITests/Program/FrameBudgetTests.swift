import Testing

@testable import TUI

@Suite("Frames over a slow line")
struct FrameBudgetTests {
  @Test(
    "a fast line gets 30 frames or 690 KB a second, one over ssh ten or 80 KB",
    arguments: [false, true])
  func rate(_ isRemote: Bool) {
    var budget = FrameBudget(isRemote: isRemote)
    var (now, frames) = (0.0, 0)
    while now < 100 {
      budget.sent(bytes: 100, at: now)
      now += budget.interval(at: now, isAwaited: false)
      frames += 1
    }
    #expect(abs(Double(frames) - (isRemote ? 1000 : 3000)) < 10)
    var bytes = 0
    while now < 200 {
      budget.sent(bytes: 50_000, at: now)
      // Keys held down get no more than what moves by itself.
      now += budget.interval(at: now, isAwaited: true)
      bytes += 50_000
    }
    let rate = isRemote ? 80_000.0 : 690_000
    #expect((rate...rate * 1.02).contains(Double(bytes) / 100))
  }

  @Test("a key after a pause is answered at once")
  func answer() {
    var budget = FrameBudget(isRemote: true)
    budget.sent(bytes: 30_000, at: 0)
    #expect(budget.interval(at: 0, isAwaited: true) == 0)
    budget.sent(bytes: 50_000, at: 0.1)
    #expect(budget.interval(at: 0.1, isAwaited: true) > 0.3)
  }

  @Test("a line that stops reading counts as slow for ten seconds")
  func stalled() {
    var budget = FrameBudget(isRemote: false)
    budget.stalled(at: 5)
    #expect(budget.interval(at: 14.9, isAwaited: false) == 0.1)
    #expect(budget.interval(at: 15, isAwaited: false) == 1.0 / 30)
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
