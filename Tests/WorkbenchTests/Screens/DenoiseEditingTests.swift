import Foundation
import TUI
import Testing

@testable import Diffusion
@testable import Workbench

extension Stage {
  /// Answers the newest request of the Denoise screen with the frames that it asks for.
  @discardableResult
  mutating func answerDenoise() throws -> [Frame] {
    let request = try #require(effects.requests(DenoiseScreen.slot).last)
    let frames = try Array(request.trajectory())
    send(
      frames.map { .sampling(.frame(number: request.number, $0), DenoiseScreen.slot) }
        + [.sampling(.finished(number: request.number), DenoiseScreen.slot)])
    return frames
  }

  /// The same with invented frames, which are alike on every machine.
  mutating func inventDenoise() throws {
    let request = try #require(effects.requests(DenoiseScreen.slot).last)
    send(
      try frames(of: request.sampling).map {
        .sampling(.frame(number: request.number, $0), DenoiseScreen.slot)
      } + [.sampling(.finished(number: request.number), DenoiseScreen.slot)])
  }

  /// Types into a field of the Denoise screen; answers what is asked for, files among it.
  @discardableResult
  mutating func set(_ key: String, _ text: String) throws -> [Effect] {
    let effects = try application.setting(\.denoise, key, to: text)
    application.carryOut(effects)
    for case .compute(let screen, let compute) in effects {
      send([.computed(compute(), screen: screen)])
    }
    return effects
  }

  var lastNotice: String { application.session.notices.last?.text ?? "" }
  var screen: DenoiseScreen { application.denoise }

  /// Digits on the Denoise screen, about to be edited.
  static func editing(_ task: String? = nil) throws -> Stage {
    var stage = try Stage.denoising(.digits)
    if let task {
      try stage.set("count", "3")
      try stage.set("steps", "4")
      try stage.set("task", task)
    }
    return stage
  }
}

@Suite("Editing on the Denoise screen")
struct DenoiseEditingTests {
  @Test("a setting of a sampler is that of the sampler, whatever editing calls its own")
  func keysApart() throws {
    for name in Samplers.names {
      let sampler = try #require(SamplerConfiguration(named: name))
      let shared = Set(sampler.settings.map(\.key)).intersection(EditSettings.table.map(\.info.key))
      #expect(shared.isEmpty, "\(name): \(shared)")
    }
    var stage = try Stage.editing()
    try stage.set("sampler", "flow")
    try stage.set("method", "heun")
    #expect(stage.application.session.sampling.sampler.value(of: "method") == .text("heun"))
  }

  @Test("a field takes what it shows, and an image by its number there")
  func ownText() throws {
    var stage = try Stage.editing("inpaint")
    let before = stage.effects.requests(DenoiseScreen.slot).count
    try stage.set("image", "data 1")
    #expect(stage.effects.requests(DenoiseScreen.slot).count == before)
    try stage.set("image", "data 2")
    #expect(stage.screen.editing.image == .data(1))
  }

  private func problem(_ body: () throws -> Void) -> String? {
    do {
      try body()
      return nil
    } catch { return "\(error)" }
  }

  @Test("E goes to the edit panel; a task is done at once, and shows what was and what became")
  func task() throws {
    var stage = try Stage.editing()
    stage.press("E")
    #expect(stage.screen.focus.panel == .edit)
    #expect(stage.screen.fields(of: .edit, stage.application.session).map(\.key) == ["task"])
    let before = stage.effects.requests(DenoiseScreen.slot).count
    stage.press(.right, .right)
    let requests = stage.effects.requests(DenoiseScreen.slot)
    #expect(requests.count == before + 2 && requests.last?.edit != nil)
    #expect(requests.last?.sampling == requests[before - 1].sampling, "from the same noise")
    try stage.inventDenoise()
    let text = stage.drawn(120, 40).lines.joined(separator: "\n")
    for part in ["before and after", "given", "truth", "difference", "PSNR", "SSIM", "inpaint"] {
      #expect(text.contains(part), "\(part)")
    }
    stage.press("v")
    #expect(stage.screen.rightView != .edited)
    stage.press(.left, .left)
    #expect(stage.effects.requests(DenoiseScreen.slot).last?.edit == nil)
    #expect(stage.screen.rightView == .prediction)
  }

  @Test("every task that digits can have is done to its end", arguments: ImageTask.allCases)
  func tasks(_ task: ImageTask) throws {
    guard task != .colorize else { return }
    var stage = try Stage.editing(task.rawValue)
    let frames = try stage.answerDenoise()
    #expect(stage.screen.isComplete && stage.screen.recording.count == frames.count)
    let last = try #require(frames.last)
    #expect(last.isLast && last.isFinite && last.shape.batch == 3)
    let edit = try #require(stage.screen.edited?.edit)
    let image = stage.session.dataset.sample(at: 0)
    switch (task, edit.task) {
    case (.inpaint, .fill(let known, let repaint)):
      #expect(repaint == RePaint() && edit.truth == image)
      for index in known.indices where known[index] {
        #expect(index % 14 < 7 && last.samples.allSatisfy { $0[index] == image[index] })
      }
      #expect(known.count { $0 } == 98)
    case (.outpaint, .fill(let known, _)):
      #expect(known.count { $0 } == 49 && known[7 * 14 + 7] && !known[0])
    case (.superres, .recover):
      // The mean of each block of four.
      let mean = (image[0] + image[1] + image[14] + image[15]) / 4
      #expect(edit.given[0].count == 49 && abs(edit.given[0][0] - mean) < 1e-6)
    case (.img2img, .vary(let strength)):
      #expect(strength == 0.5 && edit.given == [image] && frames.count == 3)
    case (.denoise, .denoise(let deviation)):
      #expect(deviation == 0.5 && edit.truth == image)
      let noise = zip(edit.given[0], image).map { Double($0 - $1) }
      let spread = (noise.reduce(0) { $0 + $1 * $1 } / 196).squareRoot()
      #expect(abs(spread - 0.5) < 0.1)
    case (.interpolate, nil):
      #expect(edit.given == [image, stage.session.dataset.sample(at: 1)])
    default: Issue.record("\(task) is not done by \(String(describing: edit.task))")
    }
  }

  @Test("the scores are those of the images that are shown")
  func scores() throws {
    var stage = try Stage.editing("inpaint")
    try stage.answerDenoise()
    stage.press(.end)
    let frame = try #require(stage.screen.frame)
    let edit = try #require(stage.screen.edited?.edit)
    let truth = try #require(edit.truth)
    let result = frame.samples[0].map { min(max($0, -1), 1) }
    let error = zip(result, truth).reduce(0.0) { $0 + pow(Double($1.0 - $1.1), 2) } / 196
    let text = stage.drawn(120, 40).lines.joined(separator: "\n")
    let decibels = 10 * log10(4 / error)
    #expect(text.contains("result  PSNR \(Numbers.fixed(decibels, 2)) dB"))
    #expect(text.contains("mean 3"))
  }

  @Test("a changed setting of the task, a class or a seed draws again; what is given stays")
  func changes() throws {
    var stage = try Stage.editing("img2img")
    let first = try #require(stage.effects.requests(DenoiseScreen.slot).last)
    try stage.set("strength", "0.75")
    let second = try #require(stage.effects.requests(DenoiseScreen.slot).last)
    #expect(second.number > first.number && second.sampling == first.sampling)
    guard case .vary(0.75) = second.edit?.task else {
      Issue.record("the strength is not used")
      return
    }
    try stage.set("eta", "0.5")
    let third = try #require(stage.effects.requests(DenoiseScreen.slot).last)
    #expect(third.sampling.seed == first.sampling.seed)
    #expect(third.edit?.given == first.edit?.given)
  }

  @Test("images come from the data by number, from the selected sample, or from a file")
  func images() throws {
    try withFolder { folder in
      var stage = try Stage.editing("img2img")
      try stage.set("image", "12")
      func given() -> [Float]? { stage.effects.requests(DenoiseScreen.slot).last?.edit?.given[0] }
      #expect(given() == stage.session.dataset.sample(at: 11))
      stage.press("E", .down, .right)
      #expect(given() == stage.session.dataset.sample(at: 12))
      try stage.answerDenoise()
      stage.press(.end)
      let frame = try #require(stage.screen.frame)
      try stage.set("image", "sample")
      #expect(given() == frame.shape.sample(0, of: frame.x0))
      let digit = stage.session.dataset.sample(at: 3)
      try PNG.write(
        Image(sample: digit, shape: Shape(1, 14, 14, 1), range: -1...1),
        to: folder + "/digit.png")
      try stage.set("image", folder + "/digit.png")
      let read = try #require(given())
      #expect(zip(read, digit).allSatisfy { abs($0 - $1) <= 1 / 255 + 1e-6 })
      #expect(stage.screen.fields(of: .edit, stage.application.session)[1].text == "digit.png")
      #expect(stage.lastNotice == "digit.png read")
    }
  }

  @Test("a mask comes from a file, whose black pixels are inpainted")
  func maskFile() throws {
    try withFolder { folder in
      var stage = try Stage.editing("inpaint")
      let bytes = (0..<196).map { UInt8($0 % 14 < 3 ? 0 : 255) }
      try PNG.write(
        Image(width: 14, height: 14, channels: 1, bytes: bytes), to: folder + "/mask.png")
      try stage.set("mask", folder + "/mask.png")
      guard case .fill(let known, _) = stage.effects.requests(DenoiseScreen.slot).last?.edit?.task
      else {
        Issue.record("nothing is filled")
        return
      }
      #expect(known == bytes.map { $0 == 255 })
    }
  }

  @Test("what cannot be is said in one sentence, and nothing changes")
  func badInput() throws {
    try withFolder { folder in
      var stage = try Stage.editing("inpaint")
      let before = stage.screen.editing
      let count = stage.effects.requests(DenoiseScreen.slot).count
      func write(_ name: String, _ side: Int, _ channels: Int, _ byte: UInt8) throws -> String {
        let path = "\(folder)/\(name).png"
        try PNG.write(
          Image(
            width: side, height: side, channels: channels,
            bytes: Array(repeating: byte, count: side * side * channels)), to: path)
        return path
      }
      func said(_ key: String, _ text: String) throws -> String {
        try stage.set(key, text)
        return stage.lastNotice
      }
      let small = try write("small", 10, 1, 0)
      let image = try said("image", small)
      #expect(image == "\(small): is an image of 10×10; expected 14×14")
      let mask = try said("mask", small)
      #expect(mask == "\(small): is a mask of 10×10; expected 14×14")
      let grey = try said("mask", try write("grey", 14, 1, 99))
      #expect(grey.contains("has grey or coloured pixels; expected only white ones"))
      let black = try said("mask", try write("black", 14, 1, 0))
      #expect(black == "the mask hides everything; expected some pixels to be kept")
      let colour = try said("image", try write("colour", 14, 3, 99))
      #expect(colour.hasSuffix("is a colour image; expected a grey one"))
      let missing = try said("image", folder + "/nothing.png")
      #expect(missing.contains("nothing.png") && missing.contains("no such file"))
      for (key, text, expected) in [
        ("strength", "1.5", "a number above 0 and up to 1"),
        ("strength", "0", "a number above 0 and up to 1"),
        ("resamplings", "0", "a whole number from 1 to 1000"),
        ("image", "0", "a number from 1 to 5,000"), ("image", "5001", "a number from 1 to 5,000"),
        ("factor", "1", "a whole number from 2 to 64"), ("task", "paint", "one of sample"),
        ("task", "colorize", "is not one of sample, denoise"),
      ] {
        let sentence = problem { try stage.set(key, text) }
        #expect(sentence?.contains(expected) == true, "\(key) \(text): \(sentence ?? "accepted")")
      }
      #expect(stage.screen.editing == before)
      #expect(stage.effects.requests(DenoiseScreen.slot).count == count)
    }
  }

  @Test("factors are stepped through the divisors of the sides; another one is refused")
  func factors() throws {
    var stage = try Stage.editing("superres")
    #expect(
      problem { try stage.set("factor", "3") } == "a factor of 3 does not divide images of 14×14")
    stage.press("E", .down, .down, .right)
    #expect(stage.screen.editing.settings.factor == 7)
    stage.press(.right)
    #expect(stage.screen.editing.settings.factor == 14)
    stage.press(.right, .left, .left)
    #expect(stage.screen.editing.settings.factor == 2)
  }

  @Test("an interpolation refuses samplers that draw noise, and shows the way as a strip")
  func interpolation() throws {
    var stage = try Stage.editing("interpolate")
    try stage.answerDenoise()
    stage.press(.end)
    var text = stage.drawn(120, 40).lines.joined(separator: "\n")
    for part in ["interpolation", "from", "0 %", "first", "last"] { #expect(text.contains(part)) }
    stage.screenFocus(.predictions)
    stage.press(.right)
    text = stage.drawn(120, 40).lines.joined(separator: "\n")
    #expect(text.contains("50 %") && stage.screen.selected == 1)
    try stage.set("sampler", "ddpm")
    let request = try #require(stage.effects.requests(DenoiseScreen.slot).last)
    let sentence = problem { _ = try request.trajectory() }
    stage.send([
      .sampling(.failed(number: request.number, sentence ?? ""), DenoiseScreen.slot)
    ])
    #expect(stage.lastNotice.hasPrefix("an interpolation needs a sampler that draws no noise"))
  }

  @Test("estimated noise is told and used")
  func estimate() throws {
    var stage = try Stage.editing("denoise")
    try stage.set("level", "estimated")
    guard case .denoise(let deviation) = stage.effects.requests(DenoiseScreen.slot).last?.edit?.task
    else {
      Issue.record("nothing is denoised")
      return
    }
    #expect(deviation != 0.5 && abs(deviation - 0.5) < 0.15)
    try stage.inventDenoise()
    let text = stage.drawn(120, 40).lines.joined(separator: "\n")
    #expect(text.contains("estimated noise 0."))
  }

  @Test("points and signals have no edit panel", arguments: [Stage.Play.swissroll, .sine])
  func noImages(_ play: Stage.Play) throws {
    var stage = try Stage.denoising(play)
    #expect(!stage.screen.panels.contains(.edit))
    stage.press("E")
    #expect(stage.screen.focus.panel != .edit && stage.lastNotice == "only images can be edited")
    stage.press("P")
    #expect(stage.screen.canvas == nil)
  }

  @Test("edits look as they did", arguments: [Size(40, 12), Size(80, 24), Size(120, 40)])
  func golden(_ size: Size) throws {
    var stage = try Stage.denoising(.digits)
    try stage.set("task", "inpaint")
    try stage.inventDenoise()
    stage.press(.end)
    try expectGolden(stage.drawn(size.width, size.height), "edit-result")
    stage.press("E", .down, .down, .down)
    try expectGolden(stage.drawn(size.width, size.height), "edit-form")
    stage.press("P", .down, .right, .right, " ")
    _ = stage.application.update(.tick(0))
    try stage.inventDenoise()
    try expectGolden(stage.drawn(size.width, size.height), "edit-mask")
    stage.press("P")
    try stage.set("task", "interpolate")
    try stage.set("count", "6")
    try stage.inventDenoise()
    stage.screenFocus(.predictions)
    stage.press("<", .right, .right)
    try expectGolden(stage.drawn(size.width, size.height), "edit-interpolation")
  }
}

extension Stage {
  /// Gives the keys to a panel of the Denoise screen.
  mutating func screenFocus(_ panel: DenoiseScreen.Panel) {
    var screen = application.denoise
    screen.focus.panel = panel
    application.denoise = screen
  }
}
