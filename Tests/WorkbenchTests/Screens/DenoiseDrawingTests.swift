import TUI
import Testing

@testable import Diffusion
@testable import Workbench

/// Samples on the Denoise screen: enlarged, on fixed axes, compared.
@Suite("Drawing of the Denoise screen")
struct DenoiseDrawingTests {
  /// The numbers at the left of the panel of samples.
  private func numbers(_ stage: inout Stage) throws -> [String] {
    let surface = stage.drawn(120, 40)
    let area = try #require(stage.area(\.denoise, .samples))
    return (area.y + 1..<area.maxY - 1).map { y in
      String(
        String.UnicodeScalarView(
          (area.x + 1..<area.x + 6).map { surface[$0, y].scalar })
      ).filter { $0 != " " }
    }.filter { Double($0) != nil }
  }

  @Test("points keep their axes from x_T to x_0, far enough for both, and 0 fits them to the frame")
  func axes() throws {
    var stage = try Stage.denoising(.swissroll)
    stage.press(.home)
    let first = try numbers(&stage)
    let noise = try #require(stage.application.denoise.frame?.x.map { abs(Double($0)) }.max())
    #expect(stage.application.denoise.reach >= noise)
    #expect(first.count >= 3)
    stage.press(.end)
    #expect(try numbers(&stage) == first)
    stage.press(.character("0"))
    #expect(try numbers(&stage) != first)
    stage.press(.character("0"))
    #expect(try numbers(&stage) == first)
  }

  @Test("points and trails have the colours of their noise")
  func noise() throws {
    var stage = try Stage.denoising(.swissroll)
    for (key, place) in [(Key.home, 0.0), (.end, 1.0)] {
      stage.press(key)
      let surface = stage.drawn(120, 40)
      let area = try #require(stage.area(\.denoise, .samples))
      let colors = (area.y..<area.maxY).flatMap { y in
        (area.x..<area.maxX).map { surface[$0, y] }
      }.filter { (0x2801...0x28FF).contains($0.scalar.value) }.map(\.style.foreground)
      #expect(colors.contains(Theme.dark.noise(place)))
      #expect(!colors.contains(Theme.dark.noise(1 - place)) || place == 1, "trails begin as noise")
    }
  }

  @Test(
    "the selected sample is the largest image of its panel, larger than in the grid",
    arguments: [
      Size(80, 24), Size(120, 40), Size(200, 60), Size(250, 70),
    ])
  func selected(_ size: Size) throws {
    var stage = try Stage.denoising(.digits)
    stage.press(.tab, .tab)
    #expect(stage.application.denoise.focus.panel == .samples)
    let surface = stage.drawn(size.width, size.height)
    let area = try #require(stage.area(\.denoise, .selected))
    // The name is below the image, in the accent's colour.
    let accent = Theme.dark.style(.accent).foreground
    let name = try #require(
      (area.y + 1..<area.maxY - 1).first { y in
        (area.x + 1..<area.maxX - 3).contains {
          surface[$0, y].scalar == "x" && surface[$0 + 2, y].scalar == "t"
            && surface[$0, y].style.foreground == accent
        }
      })
    #expect(name - area.y - 1 >= 14, "twice as high as in the grid at least")
  }

  @Test(
    "enlarged, the sample is scrubbed and played, and arrows go from sample to sample",
    arguments: Stage.Play.allCases)
  func enlarged(_ play: Stage.Play) throws {
    var stage = try Stage.denoising(play)
    stage.press(.tab, .tab, .enter)
    #expect(stage.application.denoise.focus.isZoomed)
    let first = stage.drawn(120, 40)
    #expect(first.lines.contains { $0.contains("selected sample") && $0.contains("1 of") })
    #expect(first.lines.contains { $0.contains("timeline") })

    let frame = stage.application.denoise.frameIndex
    stage.press(.character("<"))
    #expect(stage.application.denoise.frameIndex == frame - 1)
    #expect(stage.drawn(120, 40).lines != first.lines)
    stage.press(.character(">"))
    #expect(stage.drawn(120, 40) == first)

    stage.press(.right)
    let second = stage.drawn(120, 40)
    #expect(second.lines.contains { $0.contains("2 of") })
    #expect(stage.application.denoise.frameIndex == frame)

    stage.press(.character(" "))
    _ = stage.application.update(.tick(0))
    #expect(
      stage.application.denoise.frameIndex != frame && stage.application.denoise.focus.isZoomed)
    stage.press(.enter)
    #expect(!stage.application.denoise.focus.isZoomed)
  }

  @Test(
    "two paths are labelled, with what is predicted and how far they are apart",
    arguments: Stage.Play.allCases)
  func compared(_ play: Stage.Play) throws {
    var stage = try Stage.denoising(play)
    stage.press(.character("c"))
    for size in [Size(80, 24), Size(120, 40), Size(200, 60)] {
      let text = stage.drawn(size.width, size.height).lines.joined(separator: "\n")
      let distance = play == .words ? "% differ" : "RMS"
      for label in ["● now", "○ pinned", "difference", "x_t", "predicted", distance] {
        #expect(text.contains(label), "\(label) at \(size)")
      }
    }
    let pair = try #require(stage.application.denoise.comparedPair)
    #expect(pair.frames.difference(\.x).allSatisfy { $0 == 0 }, "the same path twice")
    try expectGolden(stage.drawn(120, 40), "compared-\(play.rawValue)")
  }

  @Test("the difference of two paths is that of their numbers")
  func difference() throws {
    let stage = try Stage.denoising(.swissroll)
    let now = try #require(stage.application.denoise.frame)
    var pinned = now
    pinned.x = now.x.map { $0 + 0.5 }
    let kept = DenoiseScreen.KeptTrajectory(
      recording: Recording(), sampling: stage.application.session.sampling,
      schedule: stage.application.session.schedule, reach: 1, frame: pinned)
    let pair = DenoiseScreen.ComparedPair(now: now, pinned: pinned, kept: kept)
    #expect(abs(rootMeanSquare(pair.frames.difference(\.x)) - 0.5) < 1e-6)
    #expect(rootMeanSquare(pair.frames.difference(\.x0)) == 0)
    #expect(pair.frames.difference(\.x).count == now.x.count)
  }
}

@Suite("Marks in charts")
struct ChartMarkTests {
  @Test("a change is marked with the value it set")
  func labels() {
    #expect(TrainScreen.label(ofChange: ["optimizer.learning_rate = 0.002"]) == "LR 2e-3")
    #expect(TrainScreen.label(ofChange: ["preview.steps = 50"]) == "steps 50")
    #expect(
      TrainScreen.label(ofChange: ["schedule.family = \"cosine\"", "schedule.timesteps = 1000"])
        == "cosine")
    #expect(TrainScreen.label(ofChange: []) == "")
  }
}
