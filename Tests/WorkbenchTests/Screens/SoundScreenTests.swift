import TUI
import Testing

@testable import Diffusion
@testable import Workbench

/// `WORKBENCH_UPDATE_GOLDEN=1 scripts/test --filter SoundScreen` records all of them anew.
@Suite("Screens of sound")
struct SoundScreenTests {
  private func recipe(_ form: String) throws -> Recipe {
    var recipe = Recipe.staged(.sine)
    recipe.name = "drums"
    recipe.data = DataConfiguration(source: "drums")
    try recipe.data.set("sound", to: .text(form))
    try recipe.data.set("length", to: .integer(2048))
    let patch = form == "waveform" ? 16 : 1
    recipe.network = NetworkConfiguration(
      UNetConfiguration(channels: 4, multipliers: [1, 2], blocks: 1, groups: 2, patch: patch))
    return recipe
  }

  private func denoising(_ form: String) throws -> Stage {
    var stage = try Stage(recipe(form))
    stage.send(stage.beginning)
    stage.press(.character("2"))
    stage.send([.of(.model(stage.session.model(atStep: 120)))])
    let request = try #require(stage.effects.requests(DenoiseScreen.slot).last)
    let frames = try stage.frames(of: request.sampling)
    stage.send(frames.map { .sampling(.frame(number: request.number, $0), DenoiseScreen.slot) })
    stage.send([.sampling(.finished(number: request.number), DenoiseScreen.slot)])
    stage.press(.end)
    for _ in 0..<frames.count / 4 { stage.press(.left) }
    return stage
  }

  @Test("waveforms and spectrograms are denoised side by side", arguments: GoldenScreenTests.sizes)
  func waveforms(_ size: Size) throws {
    var stage = try denoising("waveform")
    try expectGolden(stage.drawn(size.width, size.height), "denoise-drums")
    stage.press(.tab, .tab)
    try expectGolden(stage.drawn(size.width, size.height), "denoise-drums-selected")
  }

  @Test("a spectrogram is shown with what it sounds like", arguments: GoldenScreenTests.sizes)
  func spectrograms(_ size: Size) throws {
    var stage = try denoising("log-mel")
    stage.press(.tab, .tab)
    try expectGolden(stage.drawn(size.width, size.height), "denoise-drums-mel")
  }

  @Test("the loudest place is the brightest, however loud noise is; silence is dark")
  func brightness() {
    let form = MelSpectrogram(rate: 8000, window: 256, hop: 64, bands: 16)
    let maker = MelSpectrogram.Maker(form)
    var random = Random(seed: 1)
    let noise = random.normals(2048)
    for factor in [0.01, 1, 100] as [Float] {
      let levels = maker.decibels(of: noise.map { factor * $0 })
      let range = SoundView.range(of: levels)
      let places = levels.map {
        min(max((Double($0) - range.lowerBound) / (range.upperBound - range.lowerBound), 0), 1)
      }
      #expect(places.count { $0 > 0.99 } < places.count / 50, "little of noise is white")
      #expect(Set(places.map { Int(10 * $0) }).count >= 4, "noise is grainy")
    }
    let silence = maker.decibels(of: [Float](repeating: 0, count: 2048))
    #expect(silence.allSatisfy { Double($0) < SoundView.range(of: silence).lowerBound + 0.1 })
  }

  @Test("a memo keeps as many results as it is told, and lets the oldest go")
  func memo() {
    let memo = Memo<Int, Int>(keeping: 2)
    var computed: [Int] = []
    for key in [1, 2, 1, 3, 2, 1] {
      _ = memo.value(for: key) {
        computed.append(key)
        return key
      }
    }
    #expect(computed == [1, 2, 3, 1])
  }

  @Test("e writes a WAV beside the picture")
  func export() throws {
    var stage = try denoising("waveform")
    stage.press(.character("e"))
    let request = try #require(
      stage.effects.all.compactMap { effect -> ExportRequest? in
        if case .export(let request) = effect { request } else { nil }
      }.last)
    #expect(request.soundPath.hasSuffix("-frame-15.wav"))
    #expect(request.format.sound == SoundFormat(rate: 8000, length: 2048))
  }
}
