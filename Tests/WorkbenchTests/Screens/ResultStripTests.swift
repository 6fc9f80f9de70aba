import TUI
import Testing

@testable import Diffusion
@testable import Workbench

@Suite("Samples on the Schedule screen")
struct ResultStripTests {
  private func requests(_ stage: Stage) -> [SamplingRequest] {
    stage.effects.requests(ScheduleScreen.slot)
  }

  private func tick(_ stage: inout Stage, _ times: Int = 1) {
    for _ in 0..<times { _ = stage.application.update(.tick(0)) }
  }

  @Test("a change is answered with few steps at once, and with all of them when the hand rests")
  func refining() throws {
    var stage = try Stage.scheduling(.digits)
    #expect(requests(stage).map(\.sampling.steps) == [3])
    let interval = try #require(stage.application.tickInterval)
    #expect(interval >= 0.1, "the hand may move on")
    tick(&stage, 2)
    #expect(requests(stage).map(\.sampling.steps) == [3, 20])
    #expect(requests(stage).map(\.isUrgent) == [true, false], "training waits for the first only")
    #expect(requests(stage)[1].schedule == stage.application.schedule.edited)
    #expect(requests(stage).allSatisfy { $0.sampling.seed == requests(stage)[0].sampling.seed })
    #expect(stage.application.tickInterval == nil, "it is being drawn")
    stage.press(.right)
    #expect(try #require(stage.application.tickInterval) < 0.02)
    tick(&stage)
    let last = try #require(requests(stage).last)
    #expect(last.sampling.steps == 3 && last.schedule == stage.application.schedule.edited)
  }

  @Test("while a parameter moves on, each image is let come, and one stays in view all the time")
  func moving() throws {
    var stage = try Stage.scheduling(.digits)
    let count = requests(stage).count
    stage.press(.right)
    tick(&stage)
    for _ in 0..<5 {
      stage.press(.right)
      tick(&stage)
      #expect(stage.application.schedule.results.frame != nil)
    }
    #expect(requests(stage).count == count + 1, "the first is still on its way")
    let first = try #require(requests(stage).last)
    stage.send([.sampling(.failed(number: first.number, "no"), ScheduleScreen.slot)])
    #expect(stage.application.schedule.results.problem == "no")
    #expect(stage.application.schedule.results.frame != nil)
    #expect(stage.drawn(120, 40).lines.contains { $0.contains("old schedule") })
    let next = try stage.drawResults()
    #expect(next.schedule == stage.application.schedule.edited)
    #expect(stage.application.schedule.results.problem == nil)
    // Moved since the last look: it does not rest yet.
    stage.press(.left, .right)
    tick(&stage)
    #expect(requests(stage).last?.number == next.number)
  }

  @Test("undo and redo go back and forth; a change in between ends what could be redone")
  func redo() throws {
    var stage = try Stage.scheduling(.digits)
    let last = stage.application.schedule.edited
    stage.press("u", "u")
    let first = stage.application.schedule.edited
    #expect(first == stage.recipe.schedule && first != last)
    stage.press(.control("r"), .control("r"))
    #expect(stage.application.schedule.edited == last)
    stage.press("u", .left)
    #expect(stage.application.schedule.redoStack.isEmpty)
    let edited = stage.application.schedule.edited
    stage.press(.control("r"))
    #expect(stage.application.schedule.edited == edited)
  }

  @Test("the levels that the sampler visits are marked on the curves")
  func visited() throws {
    let stage = try Stage.scheduling(.digits)
    let chart = stage.application.schedule.chart(of: .sigma, stage.application.context)
    let steps = stage.application.session.sampling.makeSteps(stage.application.schedule.schedule)
    let levels = steps.filter { $0.index != nil }.map(\.level.sigmaOverAlpha)
    #expect(chart.dots.map(\.y) == levels && chart.dots.count == chart.axisTicks.count)
  }

  @Test("e saves the recipe with the edited schedule, and says so beforehand")
  func saving() throws {
    var stage = try Stage.scheduling(.digits)
    #expect(
      stage.application.hints.first { $0.key == "e" }?.hint.label == "save recipe")
    stage.press("e")
    guard case .saveRecipe(let recipe, let name) = stage.effects.all.last else {
      Issue.record("expected a recipe to be saved")
      return
    }
    #expect(recipe.schedule == stage.application.schedule.edited && name == "digits-cosine")
    #expect(recipe.network == stage.recipe.network)
  }
}

@Suite("The forward process on the Schedule screen")
struct ForwardTests {
  @Test(
    "space plays it from x_0 to x_T, arrows and clicks go elsewhere", arguments: Stage.Play.allCases
  )
  func playing(_ play: Stage.Play) throws {
    var stage = try Stage.scheduling(play)
    stage.press(" ")
    #expect(stage.application.schedule.forward.isPlaying)
    for _ in 0..<30 { _ = stage.application.update(.tick(0)) }
    try expectGolden(stage.drawn(120, 40), "forward-\(play.rawValue)")
    for _ in 0..<40 { _ = stage.application.update(.tick(0)) }
    let last = stage.application.schedule.schedule.count - 1
    #expect(stage.application.schedule.forwardTimestep == last)
    #expect(!stage.application.schedule.forward.isPlaying)
    stage.press(.tab, .tab, .left)
    #expect(stage.application.schedule.forwardTimestep < last)
    let panel = try #require(stage.area(\.schedule, .strip))
    _ = stage.application.update(
      .mouse(MouseEvent(.press, x: panel.x + 5, y: panel.maxY - 2)))
    #expect(stage.application.schedule.forwardTimestep == 0)
    stage.press("v")
    let title = play == .words ? "masked data" : "noised data"
    #expect(stage.drawn(120, 40).lines.contains { $0.contains(title) })
  }
}
