import Testing

@testable import TUI

@Suite("What a terminal can do, told without opening it")
struct TerminalCheckTests {
  private func check(_ variables: [String: String]) -> TerminalCheck {
    TerminalCheck { variables[$0] }
  }

  @Test("24 bits where COLORTERM promises them, 256 over ssh")
  func colors() {
    #expect(check(["TERM": "xterm-256color", "COLORTERM": "truecolor"]).colors == "24-bit")
    let remote = check([
      "TERM": "xterm-256color", "COLORTERM": "truecolor", "SSH_TTY": "/dev/pts/1",
    ])
    #expect(remote.colors == "256" && remote.advice.first?.contains("ssh") == true)
    #expect(check(["TERM": "xterm-256color", "NO_COLOR": "1"]).colors.hasPrefix("none"))
  }

  @Test("what would be better is said")
  func advice() {
    #expect(check(["TERM": "xterm-256color"]).advice.first?.contains("COLORTERM=truecolor") == true)
    #expect(check(["TERM": "vt100"]).advice.first?.contains("TERM=xterm-256color") == true)
    #expect(check(["TERM": "dumb"]).advice.first?.contains("--plain") == true)
    #expect(check([:]).colors.hasPrefix("none"))
    #expect(check(["TERM": "no-such-terminal"]).advice.first?.contains("ncurses-term") == true)
  }
}
