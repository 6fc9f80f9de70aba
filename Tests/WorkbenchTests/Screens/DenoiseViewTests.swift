import TUI
import Testing

@testable import Diffusion
@testable import Workbench

@Suite("Views of the Denoise screen")
struct DenoiseViewTests {
  @Test(
    "v goes through the views of a panel, the right one unless the left has the keys",
    arguments: Stage.Play.allCases)
  func views(_ play: Stage.Play) throws {
    var stage = try Stage.denoising(play)
    let kind = try #require(stage.application.session.format?.kind)
    let all = DenoiseScreen.View.all(of: kind)
    var seen: [DenoiseScreen.View] = []
    for _ in all {
      stage.press("v")
      seen.append(stage.application.denoise.rightView)
      let text = stage.drawn(120, 40).lines.joined(separator: "\n")
      #expect(text.contains("╮╭─ \(stage.application.denoise.rightView.rawValue) "))
    }
    #expect(Set(seen) == Set(all) && stage.application.denoise.leftView == .noisy)
    stage.press(.tab, .tab, "v")
    #expect(stage.application.denoise.leftView != .noisy)
    #expect(stage.application.denoise.rightView == .prediction)
  }

  @Test("x_t is α times the predicted x_0 and σ times the predicted noise")
  func noise() throws {
    let stage = try Stage.denoising(.digits)
    let screen = stage.application.denoise
    let frame = try #require(screen.frame)
    let noise = screen.values(of: frame, .noise)
    let (alpha, sigma) = (Float(frame.level.alpha), Float(frame.level.sigma))
    for (index, value) in frame.x.enumerated() {
      #expect(abs(alpha * frame.x0[index] + sigma * noise[index] - value) < 1e-4)
    }
    let last = try screen.recording.frame(at: screen.recording.count - 1)
    #expect(screen.values(of: last, .noise).allSatisfy { $0 == 0 })
  }

  @Test("the changes from frame to frame add up to what is predicted in the end")
  func change() throws {
    let stage = try Stage.denoising(.sine)
    let screen = stage.application.denoise
    let frames = try (0..<screen.recording.count).map { try screen.recording.frame(at: $0) }
    var sum = frames[0].x0
    #expect(screen.values(of: frames[0], .change).allSatisfy { $0 == 0 })
    for frame in frames {
      sum = zip(sum, screen.values(of: frame, .change)).map { $0 + $1 }
    }
    #expect(zip(sum, frames[frames.count - 1].x0).allSatisfy { abs($0 - $1) < 1e-4 })
  }

  @Test("views look as they did", arguments: Stage.Play.allCases)
  func golden(_ play: Stage.Play) throws {
    var stage = try Stage.denoising(play)
    stage.press("v")
    try expectGolden(stage.drawn(120, 40), "denoise-noise-\(play.rawValue)")
    stage.press("v")
    try expectGolden(stage.drawn(120, 40), "denoise-change-\(play.rawValue)")
    guard play != .digits else { return }
    stage.press("v")
    try expectGolden(stage.drawn(120, 40), "denoise-view-\(play.rawValue)")
  }

  @Test("the field of the frame in view is asked for once, and for the next frame when it has come")
  func field() throws {
    var stage = try Stage.denoising(.swissroll)
    stage.application.denoise.leftView = .field
    func asked() -> Int {
      stage.effects.all.count {
        if case .compute(DenoiseScreen.title, _) = $0 { true } else { false }
      }
    }
    #expect(stage.application.tickInterval != nil)
    _ = stage.application.update(.tick(0))
    _ = stage.application.update(.tick(0))
    #expect(asked() == 1)
    try answer(&stage)
    #expect(stage.application.denoise.field?.key.frame == stage.application.denoise.frameIndex)
    #expect(stage.application.tickInterval == nil, "it is there")
    let text = stage.drawn(120, 40).lines.joined()
    #expect((text.contains("▒") || text.contains("▓")) && "→↗↑↖←↙↓↘".contains { text.contains($0) })
    try expectGolden(stage.drawn(120, 40), "denoise-field")
    stage.press("<")
    _ = stage.application.update(.tick(0))
    #expect(asked() == 2)
    stage.press(.end)
    try answer(&stage)
    #expect(stage.application.tickInterval == nil, "there is no score without noise")
  }

  /// Computes what was asked for last.
  private func answer(_ stage: inout Stage) throws {
    guard
      case .compute(_, let compute) = stage.effects.all.last(where: {
        if case .compute(DenoiseScreen.title, _) = $0 { true } else { false }
      })
    else {
      Issue.record("nothing was asked for")
      return
    }
    stage.send([.computed(compute(), screen: DenoiseScreen.title)])
  }

  @Test("the score of an ideal network points to the data, where the density is highest")
  func score() throws {
    let stage = try Stage.denoising(.swissroll)
    let frame = try #require(stage.application.denoise.frame)
    let data = [ScatterPlot.Point(1, 1)]
    let field = ScoreField(
      .init(request: 1, frame: 1, reach: 2), of: stage.session.model(), at: frame.step, label: nil,
      data: data)
    let alpha = frame.level.alpha
    #expect(field.density(at: .init(alpha, alpha)) > field.density(at: .init(-1.9, -1.9)))
    #expect(field.density(at: .init(3, 0)) == 0)
    #expect(field.arrows.count == 225)
  }
}

@Suite("Loops and the filmstrip")
struct DenoiseLoopTests {
  @Test("k marks a start and an end, between which frames are played again and again")
  func loop() throws {
    var stage = try Stage.denoising(.digits)
    stage.press(.home, ">", ">", "k", ">", ">", ">", "k")
    #expect(stage.application.denoise.loop == .init(start: 2, end: 5))
    #expect(stage.application.denoise.isPlaying)
    var seen: [Int] = []
    for _ in 0..<9 {
      _ = stage.application.update(.tick(0))
      seen.append(stage.application.denoise.frameIndex)
    }
    #expect(seen == [2, 3, 4, 5, 2, 3, 4, 5, 2])
    let text = stage.drawn(120, 40).lines.joined(separator: "\n")
    #expect(text.contains("loop 2–5") && text.contains("┃"))
    stage.press("k")
    #expect(stage.application.denoise.loop == nil)
    for _ in 0..<40 { _ = stage.application.update(.tick(0)) }
    #expect(stage.application.denoise.frame?.isLast == true)
  }

  @Test("the end may be marked first, and two marks at one frame are none")
  func order() throws {
    var stage = try Stage.denoising(.sine)
    stage.press(.home, ">", ">", ">", "k", "<", "<", "k")
    #expect(stage.application.denoise.loop == .init(start: 1, end: 3))
    stage.press("k", "k", "k")
    #expect(stage.application.denoise.loop == nil)
  }

  @Test(
    "the filmstrip is below the timeline, and a click on it goes to the frame",
    arguments: Stage.Play.allCases, [Size(120, 40), Size(200, 60)])
  func film(_ play: Stage.Play, _ size: Size) throws {
    var stage = try Stage.denoising(play)
    _ = stage.drawn(size.width, size.height)
    let panel = try #require(stage.area(\.denoise, .timeline))
    let areas = stage.application.denoise.timelineAreas(in: Panel.inner(panel))
    #expect(areas.film.y >= areas.timeline.maxY && !areas.film.isEmpty)
    let film = stage.application.denoise.film(in: areas.film, stage.application.context)
    #expect(film.count >= 6 && film.first?.frame.index == 0 && film.last?.frame.isLast == true)
    for (frame, cells) in film {
      _ = stage.application.update(
        .mouse(MouseEvent(.press, x: cells.x + cells.width / 2, y: cells.y + 1)))
      #expect(stage.application.denoise.frameIndex == frame.index)
    }
    _ = stage.application.update(
      .mouse(MouseEvent(.press, x: areas.timeline.x, y: areas.timeline.maxY - 1)))
    #expect(stage.application.denoise.frameIndex == 0)
  }
}
