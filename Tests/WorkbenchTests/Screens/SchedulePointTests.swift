import TUI
import Testing

@testable import Diffusion
@testable import Workbench

@Suite("Points of a schedule")
struct SchedulePointTests {
  /// The custom family on the Schedule screen, come to from the linear one.
  private func staged(_ width: Int = 120, _ height: Int = 40) throws -> Stage {
    var stage = try Stage.training(.sine)
    stage.press(.character("3"), .left)
    _ = stage.drawn(width, height)
    return stage
  }

  private func points(_ stage: Stage) throws -> [Double] {
    try #require(stage.application.schedule.points).values
  }

  private func send(_ stage: inout Stage, _ action: MouseEvent.Action, _ x: Int, _ y: Int) {
    _ = stage.application.update(.mouse(MouseEvent(action, x: x, y: y)))
  }

  /// The cells of the handles in the panel of curves, from left to right.
  private func handles(_ stage: inout Stage, _ size: Size = Size(120, 40)) throws -> [(Int, Int)] {
    let surface = stage.drawn(size.width, size.height)
    // Without the frame, whose upper edge names the handles.
    let inner = Panel.inner(try #require(stage.area(\.schedule, .curves)))
    return (inner.x..<inner.maxX).flatMap { x in
      (inner.y..<inner.maxY).compactMap { y in
        "◇◆".unicodeScalars.contains(surface[x, y].scalar) ? (x, y) : nil
      }
    }
  }

  @Test("the custom family begins with the curve that was there")
  func begun() throws {
    let stage = try staged()
    let linear = try stage.recipe.schedule.make()
    #expect(stage.application.schedule.edited.timesteps == linear.count)
    let values = try points(stage)
    #expect(values.count == 5)
    #expect(abs(values[0] - linear[0].logSNR) <= 0.005)
    #expect(abs(values[4] - linear[linear.count - 1].logSNR) <= 0.005)
  }

  @Test("a dragged point follows the mouse, and one undo takes the whole drag back")
  func dragged() throws {
    var stage = try staged()
    try stage.application.set(\.schedule, "points", to: "9, 4, 0, -4, -9")
    let cells = try handles(&stage)
    #expect(cells.count == 5)
    let (x, y) = cells[2]
    send(&stage, .press, x, y)
    #expect(try points(stage) == [9, 4, 0, -4, -9], "a press alone changes nothing")
    #expect(stage.application.schedule.focus.panel == .curves)
    let before = stage.drawn(120, 40).lines
    send(&stage, .drag, x, y - 1)
    let values = try points(stage)
    #expect(values[2] > 1 && values[2] < 3.9)
    #expect([values[0], values[1], values[3], values[4]] == [9, 4, -4, -9])
    let cell = try handles(&stage)[2]
    #expect(cell.0 == x && cell.1 == y - 1)
    let after = stage.drawn(120, 40).lines
    #expect(before.suffix(14) != after.suffix(14), "the noised data follow")
    let middle = stage.application.schedule.schedule.step(timestep: 49.5).level.logSNR
    #expect(abs(middle - values[2]) < 0.02, "the curve follows its point")

    send(&stage, .drag, x, 0)
    #expect(try points(stage)[2] == 3.95, "as far as its neighbour")
    send(&stage, .drag, 119, 39)
    #expect(try points(stage)[2] == -3.95, "a drag goes on outside its panel")
    send(&stage, .release, 119, 39)
    send(&stage, .drag, x, 2)
    #expect(try points(stage)[2] == -3.95, "the button is up")
    stage.press(.character("u"))
    #expect(try points(stage) == [9, 4, 0, -4, -9])
  }

  @Test("a drag goes on below the chart, and the point stays in view", arguments: [24, 60])
  func last(_ height: Int) throws {
    let size = Size(80, height)
    var stage = try staged(size.width, size.height)
    let cell = try #require(try handles(&stage, size).last)
    send(&stage, .press, cell.0, cell.1)
    send(&stage, .drag, cell.0, size.height - 1)
    #expect(try points(stage).last == -30)
    let count = try handles(&stage, size).count
    #expect(count == 5)
  }

  @Test("a drag there and back leaves nothing to undo, and none begins beside the points")
  func unchanged() throws {
    var stage = try staged()
    try stage.application.set(\.schedule, "points", to: "9, 4, 0, -4, -9")
    let (x, y) = try handles(&stage)[2]
    let steps = stage.application.schedule.undoStack.count
    for (action, row) in [(.press, y), (.drag, y + 1), (.drag, y), (.release, y)]
      as [(MouseEvent.Action, Int)]
    {
      send(&stage, action, x, row)
    }
    #expect(stage.application.schedule.undoStack.count == steps)
    let before = try points(stage)
    send(&stage, .press, x, y + 3)
    send(&stage, .drag, x, y - 3)
    #expect(try points(stage) == before)
  }

  @Test("keys select a point and move it by 0.1 and by 1")
  func keys() throws {
    var stage = try staged()
    try stage.application.set(\.schedule, "points", to: "9, 4, 0, -4, -9")
    stage.press(.tab, .right, .right, .up, .up, .shiftDown)
    #expect(try points(stage) == [9, 4, -0.8, -4, -9])
    stage.press(.right, .right, .right, .shiftUp, .left, .up)
    #expect(try points(stage) == [9, 4, -0.8, -3.9, -8])
    for _ in 0..<12 { stage.press(.shiftUp) }
    #expect(try points(stage) == [9, 4, -0.8, -0.85, -8])
    for _ in 0..<5 { stage.press(.left) }
    for _ in 0..<30 { stage.press(.shiftUp) }
    #expect(try points(stage)[0] == 30)
    stage.press(.character("u"))
    #expect(try points(stage)[0] == 29)
  }

  @Test("a point more or less keeps the curve, from 2 points to 32")
  func counts() throws {
    var stage = try staged()
    try stage.application.set(\.schedule, "points", to: "6, 0, -6")
    stage.press(.tab, .right, .character("i"), .insert)
    #expect(try points(stage) == [6, 3, 0, -3, -6])
    #expect(stage.application.schedule.selectedPoint == 3)
    stage.press(.delete, .delete, .delete)
    #expect(try points(stage) == [6, -6])
    stage.press(.backspace)
    #expect(try points(stage) == [6, -6])
    #expect(stage.application.session.notices.last?.text == "a schedule has 2 to 32 points")
    for _ in 0..<40 { stage.press(.character("i")) }
    #expect(try points(stage).count == 32)
  }

  @Test("other families have no points, and commands say so")
  func others() throws {
    var stage = try Stage.training(.sine)
    stage.press(.character("3"), .tab, .up)
    #expect(stage.application.schedule.edited == stage.recipe.schedule)
    stage.type(":move point up")
    stage.press(.enter)
    #expect(stage.application.session.notices.last?.text.contains("custom family") == true)
    let cells = try handles(&stage)
    #expect(cells.isEmpty)
    stage.press(.tab, .tab, .tab, .left)
    stage.type(":move point up")
    stage.press(.enter)
    #expect(stage.application.schedule.focus.panel == .curves)
    #expect(stage.application.schedule.undoStack.count == 2)
  }

  @Test("training takes the points")
  func training() throws {
    var stage = try staged()
    stage.press(.tab, .up, .character("A"))
    guard case .change(let recipe) = stage.effects.commands.last else {
      Issue.record("expected training to be asked")
      return
    }
    #expect(recipe.schedule == stage.application.schedule.edited)
    #expect(recipe.schedule.logSNRPoints != nil)
  }
}
