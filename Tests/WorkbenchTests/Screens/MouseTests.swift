import Diffusion
import TUI
import Testing

@testable import Workbench

@Suite("Mouse")
struct MouseTests {
  private func send(_ stage: inout Stage, _ action: MouseEvent.Action, _ x: Int, _ y: Int) {
    _ = stage.application.update(.mouse(MouseEvent(action, x: x, y: y)))
  }

  /// Where a text begins on the screen.
  private func find(_ text: String, in surface: Surface) throws -> (x: Int, y: Int) {
    for (y, line) in surface.lines.enumerated() {
      if let range = line.firstRange(of: text) {
        return (line.distance(from: line.startIndex, to: range.lowerBound), y)
      }
    }
    throw Missing(text: text)
  }

  private struct Missing: Error { let text: String }

  @Test("a click on ‹ or › changes the value beside it")
  func arrows() throws {
    var stage = try Stage.training(.digits)
    let surface = stage.drawn(120, 40)
    let label = try find("learning rate", in: surface)
    let line = Array(surface.lines[label.y])
    let right = try #require(line.firstIndex(of: "›"))
    let left = try #require(line.firstIndex(of: "‹"))
    send(&stage, .press, right, label.y)
    #expect(stage.application.session.recipe.training.optimizer.learningRate.base == 1.12e-3)
    #expect(stage.application.train.focus.panel == .run)
    send(&stage, .press, left, label.y)
    send(&stage, .press, left, label.y)
    #expect(stage.application.session.recipe.training.optimizer.learningRate.base < 1e-3)
  }

  @Test("a click on a hint does what its key does")
  func hints() throws {
    var stage = try Stage.training(.digits)
    let place = try find("p pause", in: stage.drawn(120, 40))
    send(&stage, .press, place.x + 3, place.y)
    guard case .pause = stage.effects.commands.last else {
      Issue.record("expected training to be paused")
      return
    }
    let keys = try find("? keys", in: stage.drawn(120, 40))
    send(&stage, .press, keys.x, keys.y)
    #expect(stage.application.overlay == .help)
  }

  @Test(
    "a click on the loss puts the cursor, a drag selects steps and shows them, the wheel zooms there"
  )
  func chart() throws {
    var stage = try Stage.training(.digits)
    _ = stage.drawn(120, 40)
    let area = TUI.Panel.inner(try #require(stage.area(\.train, .loss)))
    let (start, end, y) = (area.x + area.width / 3, area.x + area.width / 2, area.y + 4)
    send(&stage, .press, start, y)
    let cursor = try #require(stage.application.train.view.cursor)
    #expect(cursor > 10 && cursor < 60)
    // The same step is read out of the gradient norm.
    let readOut = "step \(Int(cursor))  ──"
    #expect(stage.drawn(120, 40).lines.count { $0.contains(readOut) } == 2)
    send(&stage, .drag, end, y)
    #expect(stage.application.train.view.window == nil)
    send(&stage, .release, end, y)
    let window = try #require(stage.application.train.view.window)
    #expect(window.lowerBound == cursor && window.upperBound < 80)
    #expect(stage.drawn(120, 40).lines.contains { $0.contains("zoomed") })

    stage.press("0")
    #expect(stage.application.train.view.window == nil)
    let step = try #require(
      stage.application.train.step(
        atColumn: end, of: .loss, in: area, stage.application.context))
    send(&stage, .wheelUp, end, y)
    let zoomed = try #require(stage.application.train.view.window)
    #expect(zoomed.contains(step) && zoomed.upperBound < 120)
    send(&stage, .wheelDown, end, y)
    #expect(stage.application.train.view.window == nil)
  }

  @Test("the wheel acts on the value under the pointer, whatever has the keys")
  func wheel() throws {
    var stage = try Stage.training(.digits)
    let label = try find("learning rate", in: stage.drawn(120, 40))
    #expect(stage.application.train.focus.panel == .loss)
    send(&stage, .wheelUp, label.x, label.y)
    #expect(stage.application.session.recipe.training.optimizer.learningRate.base == 1.12e-3)
    #expect(stage.application.train.focus.panel == .loss)
  }

  @Test("a double click enlarges a panel, opens a sample, types a value; two slow clicks do not")
  func doubleClick() throws {
    var now = 0.0
    var stage = try Stage.training(.digits)
    stage.application.world.now = { now }
    let label = try find("learning rate", in: stage.drawn(120, 40))
    let loss = try #require(stage.area(\.train, .loss))
    let samples = TUI.Panel.inner(try #require(stage.area(\.train, .preview)))
    func click(_ stage: inout Stage, _ x: Int, _ y: Int, after seconds: Double) {
      now += seconds
      send(&stage, .press, x, y)
      send(&stage, .release, x, y)
    }
    click(&stage, loss.x + 20, loss.y + 3, after: 1)
    click(&stage, loss.x + 20, loss.y + 3, after: 1)
    #expect(!stage.application.train.focus.isZoomed)
    click(&stage, loss.x + 20, loss.y + 3, after: 0.2)
    #expect(stage.application.train.focus.isZoomed)
    stage.press("z")
    click(&stage, label.x, label.y, after: 1)
    click(&stage, label.x, label.y, after: 0.1)
    #expect(stage.application.overlay == .typing("optimizer.learning_rate"))
    stage.press(.escape)
    click(&stage, samples.x + 4, samples.y + 3, after: 1)
    click(&stage, samples.x + 4, samples.y + 3, after: 0.1)
    #expect(stage.application.overlay == .enlarged)
  }

  @Test("M leaves the mouse to the terminal, and takes it back")
  func off() throws {
    var stage = try Stage.training(.digits)
    #expect(stage.application.update(.key("M")) == .mouse(false))
    #expect(stage.application.update(.key("M")) == .mouse(true))
    let backend = TestBackend(
      Size(80, 24), script: [(time: 0, input: .key("M")), (time: 1, input: .key("2"))])
    var program = TUI.Program(stage.application, on: backend, mailbox: Mailbox<Message>())
    try program.run()
    #expect(!program.backend.takesMouse)
  }
}
