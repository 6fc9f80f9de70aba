import TUI
import Testing

@testable import Diffusion
@testable import Workbench

/// The plain front end in a world where nothing happens by itself.
@Suite("Plain mode")
struct PlainWorkbenchTests {
  /// A run of 120 steps.
  private func training(_ play: Stage.Play = .digits, _ log: EffectLog = EffectLog()) throws
    -> PlainWorkbench
  {
    let stage = try Stage(play)
    var plain = PlainWorkbench(
      Session(stage.recipe), settings: UserSettings(), world: .init(carryOut: { log.add($0) }))
    plain.take(stage.beginning)
    let schedule = try stage.recipe.schedule.make()
    plain.take((1...120).map { .of(.step(StepReport.staged(step: $0, schedule: schedule))) })
    plain.take([
      .of(.floor(.staged)), .of(.saved(step: 120, path: "runs/digits/checkpoint.safetensors")),
    ])
    plain.advance(to: 0)
    _ = plain.takeLines()
    return plain
  }

  private func lines(_ plain: inout PlainWorkbench, _ command: String) -> [String] {
    plain.run(command)
    return plain.takeLines()
  }

  @Test("the status has every figure of the Train screen")
  func status() throws {
    var plain = try training()
    let text = lines(&plain, "status").joined(separator: "\n")
    for mark in [
      "training, step 120 of 1,000, loss 0.0", "8 steps/s, 1 min 50 s left",
      "loss of the last step 0.0",
      "smoothed by 0.90", "gradient norm 0.1", "learning rate 1e-3", "EMA decay 0.9900",
      "128 samples/s",
      "125.0 ms per step", "15 s of training", "memorisation floor 0.032 ± 3e-4",
      "saved at step 120",
    ] {
      #expect(text.contains(mark), "\(mark) is missing in\n\(text)")
    }
    #expect(lines(&plain, "levels 4").count == 5)
    #expect(lines(&plain, "losses 3").first?.hasPrefix("step 1: loss") == true)
  }

  @Test("the bits of the variational bound are listed with their sum")
  func bits() throws {
    var recipe = Recipe.staged(.digits)
    recipe.schedule.timesteps = 40
    let stage = try Stage(recipe)
    var plain = PlainWorkbench(
      Session(recipe), settings: UserSettings(), world: .init(carryOut: { _ in }))
    plain.take(stage.beginning)
    _ = plain.takeLines()
    let text = lines(&plain, "bits")
    #expect(text.first?.contains(" bits per value at step ") == true, "\(text)")
    #expect(text.first?.contains(", of 16 training samples; half of them at t = 0 to ") == true)
    // 0, 1, 2–3, 4–7, 8–15, 16–31, 32–39, and the prior.
    #expect(text.count == 1 + 8)
    func number(_ text: Substring?) -> Double { text.flatMap { Double($0) } ?? .nan }
    let rows = text.dropFirst().map { number($0.split(separator: " ").last) }
    let total = number(text.first?.split(separator: " ").first)
    #expect(abs(rows.reduce(0, +) - total) < 1e-3 * total, "\(text)")
    var points = try training(.swissroll)
    #expect(lines(&points, "bits").first?.contains("needs images") == true)
  }

  @Test("the layers, what one computes, and the data are described")
  func inside() throws {
    var plain = try training()
    let layers = lines(&plain, "network")
    #expect(layers.first?.hasPrefix("layer 1: ") == true)
    let convolution = try #require(layers.firstIndex { $0.contains("Conv2d") })
    let maps = lines(&plain, "layer \(convolution + 1) 0.5")
    #expect(maps.first?.contains("at sigma/alpha 0.") == true && maps.count == 1 + 4)
    #expect(maps.last?.hasPrefix("channel 4: mean") == true)
    #expect(lines(&plain, "layer 999").first?.contains("expected a whole number from 1") == true)
    #expect(lines(&plain, "layer 1 -2").first?.contains("expected a noise level above 0") == true)
    #expect(lines(&plain, "data").first?.hasPrefix("digits14: 5,000 samples of 14×14×1") == true)
    #expect(lines(&plain, "data 7").count == 6)
  }

  @Test("training is told of every so many seconds, unless it is quiet")
  func rate() throws {
    var plain = try training()
    for second in 1...35 { plain.advance(to: Double(second)) }
    #expect(plain.takeLines().count == 3)
    _ = lines(&plain, "every 5")
    for second in 36...45 { plain.advance(to: Double(second)) }
    #expect(plain.takeLines().count == 2)
    _ = lines(&plain, "quiet")
    for second in 46...90 { plain.advance(to: Double(second)) }
    #expect(plain.takeLines().isEmpty && plain.nextMoment == .infinity)
  }

  @Test("every field of every screen can be listed and set")
  func settings() throws {
    let log = EffectLog()
    var plain = try training(.digits, log)
    let listed = lines(&plain, "settings")
    for screen in plain.application.screens {
      for field in screen.settings(plain.session) where !field.key.hasPrefix("name of") {
        #expect(
          listed.contains { $0.hasPrefix(field.key) || $0.contains(".\(field.key) = ") },
          "\(field.key)")
      }
    }
    #expect(listed.contains("schedule.family = cosine") && listed.contains("A.sampler = ddim"))
    #expect(lines(&plain, "set preview.interval 70") == ["preview.interval = 70"])
    guard case .change(let recipe) = log.commands.last else {
      Issue.record("training was not told")
      return
    }
    #expect(recipe.preview.interval == 70)
    #expect(lines(&plain, "set schedule.family linear").first == "schedule.family = linear")
    #expect(lines(&plain, "set family").first?.contains("schedule.family = linear. ") == true)
    #expect(lines(&plain, "set status_interval 30") == ["status interval set to 30"])
    let saved = log.all.contains {
      if case .saveSetting(["status_interval"], .integer(30)) = $0 { true } else { false }
    }
    #expect(saved)
  }

  @Test("a question is answered by the next line, and only yes does it")
  func question() throws {
    let log = EffectLog()
    var plain = try training(.digits, log)
    plain.carryOut([
      .ask(Question(title: "t", text: "Really?", answer: "do it", action: .keepCheckpoint))
    ])
    #expect(plain.takeLines() == ["Really? Type yes to do it, or anything else to leave it."])
    #expect(lines(&plain, "status") == ["left as it is"])
    #expect(log.commands.isEmpty)
    plain.carryOut([
      .ask(Question(title: "t", text: "Really?", answer: "do it", action: .keepCheckpoint))
    ])
    _ = plain.takeLines()
    _ = lines(&plain, "YES")
    guard case .keep = log.commands.last else {
      Issue.record("nothing was done")
      return
    }
  }

  @Test("a run that cannot be saved is asked about, and given up where nobody answers")
  func unsaved() throws {
    let log = EffectLog()
    var plain = try training(.digits, log)
    plain.quit()
    plain.take([.of(.unsaved("the disk is full"))])
    #expect(plain.takeLines().contains { $0.contains("the disk is full") })
    _ = lines(&plain, "elsewhere")
    guard case .stopIn("elsewhere") = log.commands.last else {
      Issue.record("expected another folder")
      return
    }
    plain.take([.of(.unsaved("there neither"))])
    plain.endInput()
    plain.take([.of(.unsaved("there neither"))])
    guard case .abandon = log.commands.last else {
      Issue.record("expected the run to be given up")
      return
    }
    plain.take([.of(.phase(.stopped))])
    #expect(plain.isDone && plain.application.lastProblem == "there neither")
  }

  @Test("the kept checkpoints are a list to choose from by number")
  func rewind() throws {
    let log = EffectLog()
    var plain = try training(.digits, log)
    let kept = KeptCheckpoint(path: "runs/digits/step-50.safetensors", step: 50, reason: "kept")
    plain.take([
      .computed(KeptCheckpoints(RunFolder(path: "runs/digits"), [kept]), screen: TrainScreen.title)
    ])
    #expect(plain.takeLines().contains { $0.hasPrefix("1: step 50 · kept") })
    _ = lines(&plain, "1")
    guard case .open(.rewind(_, to: kept)) = log.all.last else {
      Issue.record("expected the run to be opened")
      return
    }
  }

  @Test("no command has two meanings, and each says what it does")
  func commands() {
    let names = PlainWorkbench.commands.flatMap(\.names)
    #expect(Set(names).count == names.count)
    for command in PlainWorkbench.commands {
      #expect(!command.help.isEmpty && !command.help.hasSuffix("."))
    }
  }

  @Test("samples are described by numbers: points by their places, images by characters")
  func samples() throws {
    let format = SampleFormat(kind: .points, shape: Shape(1, 1, 1, 2), range: -1...1)
    #expect(PlainWorkbench.lines([0.25, -0.5], format) == ["(0.250, −0.500)"])
    let image = SampleFormat(kind: .image, shape: Shape(1, 4, 2, 1), range: 0...1)
    let lines = PlainWorkbench.lines([0, 1, 0, 1, 1, 0, 1, 0], image)
    #expect(lines.count == 2 && lines[0] != lines[1])
    #expect(PlainWorkbench.summary([1, 3]) == "mean 2, standard deviation 1, from 1 to 3")
  }
}
