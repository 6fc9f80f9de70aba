import Foundation
import Testing

@testable import Workbench

/// A lesson from its beginning to its end, in a real terminal.
@Suite("Lessons in a terminal", .serialized)
struct LessonSessionTests {
  @Test("lesson A waits for what it asks, and ends where it says")
  func additiveWalk() throws {
    guard Tmux.isInstalled else {
      Issue.record("tmux is missing, so the lesson was not tried in a terminal")
      return
    }
    try withFolder { folder in
      let terminal = try Tmux(in: folder)
      defer { terminal.kill() }
      try terminal.command("\"$WORKBENCH\" lesson a")
      try terminal.wait("A: noise, step", "1 / 6", "enter go on")
      try terminal.press("Enter")
      try terminal.wait("2 / 6", "press space")
      try terminal.press("Tab")
      try terminal.wait("2 / 6")
      try terminal.press("Space")
      try terminal.wait("2 / 6", "✓ enter go on")
      try terminal.press("Enter")
      try terminal.wait("3 / 6", "terminal SNR")
      try terminal.press("Enter")
      try terminal.wait("4 / 6", "wait for the end of training")
      // Not slowed down for those who watch.
      try terminal.press("S")
      try terminal.wait("4 / 6", "✓ enter go on")
      try terminal.press("Enter")
      try terminal.wait("5 / 6", "go to x_T")
      try terminal.press("Home")
      try terminal.wait("5 / 6", "✓ enter go on")
      try terminal.press("Enter")
      try terminal.wait("6 / 6", "end the lesson")
      try terminal.press("Enter")
      try terminal.wait("the end of the lesson") { !$0.contains("6 / 6") }
      try terminal.press("q")
      try terminal.wait("ready>")
    }
  }

  @Test("the lessons are listed, and one that does not exist is a sentence")
  func listing() throws {
    let listed = try WorkbenchProgram.start(["lesson"]).finish()
    #expect(listed.status == 0)
    #expect(listed.output.split(separator: "\n").count == 5)
    #expect(listed.output.contains("tour"))
    let wrong = try WorkbenchProgram.start(["lesson", "nonsense"]).finish()
    #expect(wrong.status != 0)
    #expect(wrong.errors.contains("nonsense: there is no such lesson; expected a, b, c, d, tour"))
  }
}
