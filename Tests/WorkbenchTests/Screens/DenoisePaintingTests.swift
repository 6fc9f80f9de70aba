import TUI
import Testing

@testable import Diffusion
@testable import Workbench

@Suite("Painting and going on on the Denoise screen")
struct DenoisePaintingTests {
  /// Samples by a multistep sampler, as the tiny network draws them, at frame 3 of 6.
  private func stage(_ sampler: String = "dpm++2m") throws -> (Stage, [Frame]) {
    var stage = try Stage.denoising(.digits)
    try stage.set("count", "3")
    try stage.set("sampler", sampler)
    try stage.set("steps", "6")
    let frames = try stage.answerDenoise()
    stage.press(.home, ">", ">", ">")
    return (stage, frames)
  }

  private func recorded(_ stage: Stage) throws -> [Frame] {
    let recording = stage.screen.recording
    return try (0..<recording.count).map { try recording.frame(at: $0) }
  }

  @Test(
    "an unchanged frame goes on bit for bit, whatever the sampler remembers or draws",
    arguments: ["dpm++2m", "unipc", "ddpm", "lms"])
  func goOn(_ sampler: String) throws {
    var (stage, frames) = try stage(sampler)
    stage.press("g")
    let request = try #require(stage.effects.requests(DenoiseScreen.slot).last)
    #expect(request.resumed?.index == 3)
    #expect(stage.screen.recording.count == 3 && stage.screen.frame?.index == 3)
    try stage.answerDenoise()
    let now = try recorded(stage)
    #expect(now.count == frames.count)
    for (again, before) in zip(now, frames) {
      #expect(again.x == before.x && again.x0 == before.x0 && again.history == before.history)
      #expect(again.rmsChange == before.rmsChange)
    }
    #expect(stage.drawn(120, 40).lines.joined().contains("from frame 3"))
    #expect(stage.screen.frameIndex == 3 && stage.screen.isComplete)
  }

  @Test("what is changed then acts from that frame on, and g again begins at x_T")
  func changes() throws {
    var (stage, frames) = try stage("ddpm")
    stage.press("g")
    try stage.answerDenoise()
    let seed = stage.application.session.sampling.seed
    stage.press("r")
    let request = try #require(stage.effects.requests(DenoiseScreen.slot).last)
    #expect(request.resumed?.index == 3 && request.sampling.seed != seed)
    try stage.answerDenoise()
    let now = try recorded(stage)
    #expect(now[..<4].map(\.x) == frames[..<4].map(\.x))
    #expect(now[4].x != frames[4].x, "other noise from there")
    stage.press("g")
    #expect(stage.effects.requests(DenoiseScreen.slot).last?.resumed == nil)
    #expect(stage.lastNotice == "from x_T again")
  }

  @Test("another sampler knows nothing of the steps before; other levels begin at x_T")
  func otherSettings() throws {
    var (stage, _) = try stage()
    stage.press("g")
    #expect(
      stage.effects.requests(DenoiseScreen.slot).last?.resumed?.history.tensors.isEmpty == false)
    try stage.answerDenoise()
    try stage.set("sampler", "unipc")
    var request = try #require(stage.effects.requests(DenoiseScreen.slot).last)
    #expect(request.resumed?.index == 3 && request.resumed?.history == SamplerHistory())
    try stage.answerDenoise()
    try stage.set("steps", "9")
    request = try #require(stage.effects.requests(DenoiseScreen.slot).last)
    #expect(request.resumed == nil && stage.screen.mark == nil)
    #expect(stage.application.session.notices.contains { $0.text.hasPrefix("from x_T: ") })
    try stage.answerDenoise()
    #expect(stage.screen.recording.count == 10)
  }

  @Test("pixels are painted with keys at a frame; what follows begins its history anew")
  func pixels() throws {
    var (stage, frames) = try stage()
    stage.screenFocus(.samples)
    stage.press(.right, "P")
    #expect(stage.screen.focus.panel == .canvas && stage.screen.canvas?.isMask == false)
    stage.press(.down, .right, .right, .pageDown, .pageDown, " ")
    #expect(stage.screen.tickInterval != nil)
    _ = stage.application.update(.tick(0))
    let request = try #require(stage.effects.requests(DenoiseScreen.slot).last)
    let changed = try #require(request.resumed)
    #expect(changed.index == 3 && changed.history == SamplerHistory())
    // Halfway between black and white.
    let painted = 196 + 14 + 2
    for index in changed.x.indices {
      #expect(changed.x[index] == (index == painted ? 0 : frames[3].x[index]))
    }
    try stage.answerDenoise()
    let now = try recorded(stage)
    #expect(now[..<3].map(\.x) == frames[..<3].map(\.x) && now[3].x == changed.x)
    #expect(now[3].x0 != frames[3].x0 && now[6].x != frames[6].x)
    #expect(stage.screen.frame?.x0 == now[3].x0)
    stage.press(.escape)
    #expect(stage.screen.canvas == nil && stage.screen.focus.panel == .samples)
  }

  @Test("strokes that come before the samples of the last are all kept")
  func fast() throws {
    var (stage, frames) = try stage()
    stage.press("P", " ")
    _ = stage.application.update(.tick(0))
    let first = try #require(stage.effects.requests(DenoiseScreen.slot).last)
    stage.press(.right, " ")
    // The frames of the first stroke arrive only now.
    for frame in try first.trajectory().prefix(2) {
      stage.send([.sampling(.frame(number: first.number, frame), DenoiseScreen.slot)])
    }
    stage.press(.right, " ")
    _ = stage.application.update(.tick(0))
    let x = try #require(stage.effects.requests(DenoiseScreen.slot).last?.resumed?.x)
    #expect(Array(x[..<3]) == [1, 1, 1] && Array(x[3...]) == Array(frames[3].x[3...]))
  }

  @Test("the last frame cannot be painted on or gone on from")
  func last() throws {
    var (stage, _) = try stage()
    stage.press(.end, "P")
    #expect(stage.screen.canvas == nil && stage.lastNotice.hasPrefix("nothing follows"))
    stage.press("g")
    #expect(stage.screen.mark == nil)
  }

  /// The cell in the middle of a pixel.
  private func cell(_ x: Int, _ y: Int, _ stage: Stage) throws -> (x: Int, y: Int) {
    let inner = Panel.inner(try #require(stage.area(\.denoise, .canvas)))
    let places = try #require(stage.screen.canvas?.places(in: inner))
    let cell = try #require(places.cell(of: .init(x: x, y: y)))
    return (cell.x + places.side, cell.y)
  }

  private func hidden(_ stage: Stage) throws -> [Bool] {
    try stage.screen.editing.hidden.pixels(of: Shape(1, 14, 14, 1))
  }

  @Test("a mask that is chosen while one is painted is what is painted on")
  func chosenMask() throws {
    var stage = try Stage.editing("inpaint")
    stage.press("P", " ")
    try stage.set("mask", "left")
    let shape = try #require(stage.application.session.format?.shape)
    #expect(stage.screen.canvas?.hidden == (try HiddenPart.preset(.left).pixels(of: shape)))
  }

  @Test("a mask is painted with keys and with the mouse, and acts at once", arguments: [80, 120])
  func mask(_ width: Int) throws {
    var stage = try Stage.editing("inpaint")
    stage.press("P")
    #expect(stage.screen.canvas?.isMask == true)
    _ = stage.drawn(width, width / 3)
    // The right half is hidden; a pixel of the left one joins it, and leaves it again.
    stage.press(.down, " ")
    #expect(try hidden(stage).count { $0 } == 99 && hidden(stage)[14])
    stage.press(.enter)
    #expect(try hidden(stage).count { $0 } == 98)
    let before = stage.effects.requests(DenoiseScreen.slot).count
    _ = stage.application.update(.tick(0))
    #expect(stage.effects.requests(DenoiseScreen.slot).count == before + 1)
    #expect(stage.screen.editing.hidden.text == "painted")
    // A drag hides what it meets, as its first pixel was not hidden.
    for (index, x) in [1, 2, 3].enumerated() {
      let place = try cell(x, 5, stage)
      _ = stage.application.update(
        .mouse(MouseEvent(index == 0 ? .press : .drag, x: place.x, y: place.y)))
    }
    let end = try cell(3, 5, stage)
    _ = stage.application.update(.mouse(MouseEvent(.release, x: end.x, y: end.y)))
    #expect(try hidden(stage).count { $0 } == 101)
    #expect(stage.screen.canvas?.cursor == .init(x: 3, y: 5))
    _ = stage.application.update(.tick(0))
    guard case .fill(let known, _) = stage.effects.requests(DenoiseScreen.slot).last?.edit?.task
    else {
      Issue.record("nothing is filled")
      return
    }
    #expect(try known == hidden(stage).map { !$0 })
    stage.press("P")
    #expect(stage.screen.focus.panel == .edit)
  }

  @Test("every pixel has a place, at its cells, in areas of any size")
  func places() throws {
    for area in [Rect(x: 3, y: 2, width: 38, height: 15), Rect(x: 0, y: 0, width: 9, height: 3)] {
      var canvas = Canvas(Shape(1, 28, 28, 1))
      for (x, y) in [(0, 0), (27, 27), (13, 5)] {
        canvas.put(.init(x: x, y: y))
        let places = try #require(canvas.places(in: area))
        let cell = try #require(places.cell(of: canvas.cursor))
        #expect(area.contains(x: cell.x, y: cell.y) && area.contains(x: cell.x + 1, y: cell.y))
        #expect(places.point(atX: cell.x + 1, y: cell.y) == canvas.cursor)
      }
    }
  }

  @Test("what is hidden and where the cursor is can be told without colours")
  func monochrome() throws {
    var stage = try Stage(.digits, theme: Theme.dark.adapted(to: .monochrome))
    stage.send(stage.beginning)
    stage.press("2")
    try stage.set("task", "inpaint")
    stage.press("P")
    let surface = stage.drawn(80, 24)
    #expect(surface.cells.count { $0.scalar == "▒" } == 14 * 7 * 2 + 1, "and one in the foot")
    #expect(surface.lines.joined().contains("[]"))
  }
}
