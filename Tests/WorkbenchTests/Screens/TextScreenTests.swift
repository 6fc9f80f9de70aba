import TUI
import Testing

@testable import Diffusion
@testable import Workbench

@Suite("Screens of text")
struct TextScreenTests {
  private static let stages: [@Sendable () throws -> Stage] = [
    { try Stage.training(.words) }, { try Stage.denoising(.words) },
    { try Stage.scheduling(.words) }, { try Stage.comparing(.words) },
    { try Stage.lookingInside(.words) },
  ]

  @Test("every screen of text tells the masked share, and nothing of σ, α or root mean squares")
  func levels() throws {
    for (index, make) in Self.stages.enumerated() {
      var stage = try make()
      let text = stage.drawn(160, 50).lines.joined(separator: "\n")
      #expect(text.contains("masked"), "screen \(index + 1)")
      for word in ["σ", "α", "RMS", "SNR"] {
        #expect(!text.contains(word), "\(word) on screen \(index + 1)")
      }
    }
  }

  @Test("comparing with a pinned trajectory counts the letters that differ")
  func pinned() throws {
    var stage = try Stage.denoising(.words)
    stage.press("c", "r")
    stage.send([.of(.model(stage.session.model(atStep: 120)))])
    let request = try #require(stage.effects.requests(DenoiseScreen.slot).last)
    let frames = try stage.frames(of: request.sampling)
    stage.send(frames.map { .sampling(.frame(number: request.number, $0), DenoiseScreen.slot) })
    let text = stage.drawn(160, 50).lines.joined(separator: "\n")
    #expect(text.contains("% differ") && !text.contains("RMS") && !text.contains("σ"))
  }

  @Test("levels and distances are written as the data wants it")
  func measures() {
    let (text, numbers) = (SampleMeasures(isText: true), SampleMeasures(isText: false))
    let level = NoiseLevel(alpha: 0.63, sigma: 0.37)
    #expect(text.text(level) == "masked 37 %")
    #expect(numbers.text(level) == "σ/α 0.5873")
    #expect(text.text(NoiseLevel(alpha: 0, sigma: 1)) == "masked 100 %")
    #expect(text.text(sigmaOverAlpha: 0, isAligned: true) == "masked   0 %")
    #expect(text.spoken(level) == "37 % masked" && numbers.spoken(level) == "sigma/alpha 0.5873")
    let differences: [Float] = [0, 3, 0, -4]
    #expect(text.text(distance: text.distance(differences)) == "50 % differ")
    #expect(numbers.text(distance: numbers.distance(differences)) == "RMS 2.500")
  }

  @Test("both sides of text lie on an axis of the masked share, and keep their letters")
  func lockstep() throws {
    let lockstep = Lockstep([[.infinity, 1, 0], [.infinity, 3, 1.0 / 3, 0]], isOfText: true)
    let places = lockstep.ratios.map { lockstep.position(of: $0) }
    #expect(zip(places, [0, 0.25, 0.5, 0.75, 1]).allSatisfy { abs($0 - $1) < 1e-9 }, "\(places)")
    #expect(lockstep.ratio(at: 0) == .infinity && lockstep.ratio(at: 0.5) == 1)
    let stage = try Stage.denoising(.words)
    let frame = try #require(stage.application.denoise.frame)
    #expect(frame.isOfText && frame.scaledX == frame.x)
  }

  @Test("the shares that training masks are counted from nothing to everything")
  func shares() {
    var window = NoiseLevelWindow()
    let metrics = StepMetrics(
      step: 1, loss: 1, gradientNorm: 1, learningRate: 1, averageDecay: 1,
      timesteps: [199, 100, 0], sigmas: [.infinity, 1, 0], sampleLosses: [1, 1, 1])
    window.add(metrics, timesteps: 200)
    #expect(window.shareCounts.first == 1 && window.shareCounts.last == 1)
    #expect(window.shareCounts[NoiseLevelWindow.sigmaBins / 2] == 1)
  }

  @Test("the newest letters of Train's preview are highlighted while it plays")
  func preview() throws {
    var stage = try Stage(.words)
    stage.send(stage.beginning)
    let number = stage.effects.requests(TrainScreen.preview).last?.number ?? 0
    let frames = try stage.frames(of: stage.recipe.preview.sampling)
    stage.send(frames.map { .sampling(.frame(number: number, $0), TrainScreen.preview) })
    for _ in 0..<frames.count / 2 { _ = stage.application.update(.tick(0)) }
    let train = stage.application.train
    #expect(train.playback.frame?.index == frames.count / 2)
    let surface = stage.drawn(120, 40)
    let panel = try #require(stage.area(\.train, .preview))
    let accent = Theme.dark.style(.accent).foreground
    let cells = (panel.y + 1..<panel.maxY - 2).flatMap { y in
      (panel.x + 1..<panel.maxX - 1).map { surface[$0, y] }
    }
    #expect(
      cells.contains { $0.style.foreground == accent && $0.style.attributes.contains(.bold) })
  }
}
