import TUI
import Testing

@testable import Diffusion
@testable import Workbench

@Suite("Lists on top of screens")
struct ListOverlayTests {
  @Test("a value typed behind a setting's name is offered and set", arguments: ["", "= "])
  func typedValue(_ sign: String) throws {
    var stage = try Stage.training(.digits)
    stage.type(":learning rate \(sign)5e-4")
    let first = try #require(stage.application.paletteEntries.first)
    #expect(first.name == "Train: learning rate = 5e-4")
    stage.press(.enter)
    #expect(stage.application.session.recipe.training.optimizer.learningRate.base == 5e-4)
    guard case .change(let recipe) = stage.effects.commands.last else {
      Issue.record("expected training to be told")
      return
    }
    #expect(recipe.training.optimizer.learningRate.base == 5e-4)
  }

  @Test("a value that is not allowed is refused with the reason")
  func refusedValue() throws {
    var stage = try Stage.training(.digits)
    stage.type(":learning rate 50")
    stage.press(.enter)
    guard case .message(let text) = stage.application.overlay else {
      Issue.record("expected a message")
      return
    }
    #expect(text.contains("50"))
  }

  @Test("numbers alone and names alone are no values")
  func noValue() throws {
    var stage = try Stage.training(.digits)
    for text in ["1e-3", "learning rate"] {
      stage.type(":\(text)")
      #expect(!stage.application.paletteEntries.contains { $0.isTyped })
      stage.press(.escape)
    }
  }

  private func click(_ stage: inout Stage, _ text: String) throws {
    let surface = stage.drawn(120, 40)
    let row = try #require(surface.lines.firstIndex { $0.contains(text) })
    let line = surface.lines[row]
    let column = line.distance(
      from: line.startIndex, to: try #require(line.firstRange(of: text)).lowerBound)
    _ = stage.application.update(.mouse(MouseEvent(.press, x: column, y: row)))
  }

  @Test("a click on a line of the palette runs it")
  func clickPalette() throws {
    var stage = try Stage.training(.digits)
    stage.type(":show the")
    try click(&stage, "Show the Schedule screen")
    #expect(stage.application.overlay == nil)
    #expect(stage.application.screen.title == ScheduleScreen.title)
  }

  @Test("a click beside a list closes it")
  func clickBeside() throws {
    var stage = try Stage.training(.digits)
    stage.press(":")
    _ = stage.drawn(120, 40)
    _ = stage.application.update(.mouse(MouseEvent(.press, x: 2, y: 20)))
    #expect(stage.application.overlay == nil)
  }

  @Test("a click on a line of the log shows its step")
  func clickLog() throws {
    var stage = try Stage.training(.digits)
    stage.press("2", "l")
    try click(&stage, "checkpoint at step 120")
    #expect(stage.application.overlay == nil)
    #expect(stage.application.screen.title == TrainScreen.title)
    #expect(stage.application.train.view.cursor == 120)
  }

  @Test("where there are no arrows, hints and help say their names")
  func arrowsInWords() throws {
    var stage = try Stage.training(.digits)
    stage.application.world.symbols = .ascii
    stage.press("4")
    #expect(stage.application.hints.contains { $0.key == .down && $0.hint.keys == "down" })
    #expect(
      stage.application.helpOverlay.groups.flatMap(\.hints).contains {
        $0.keys.contains("shift down")
      })
  }
}
