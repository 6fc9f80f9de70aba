import Foundation
import TUI
import Testing

@testable import Diffusion
@testable import Workbench

@Suite("Which weights are sampled")
struct WeightsTests {
  private func frames(_ stage: Stage, _ request: SamplingRequest) throws -> [Message] {
    try stage.frames(of: request.sampling).map {
      .sampling(.frame(number: request.number, $0), DenoiseScreen.slot)
    } + [.sampling(.finished(number: request.number), DenoiseScreen.slot)]
  }

  @Test("Denoise says how far training has gone on since its weights")
  func behind() throws {
    var stage = try Stage.denoising(.digits)
    #expect(stage.drawn(120, 40).lines.contains { $0.contains("EMA at step 120 ─") })
    let schedule = try stage.recipe.schedule.make()
    stage.send([.of(.step(.staged(step: 15_000, schedule: schedule)))])
    #expect(
      stage.drawn(160, 40).lines.contains { $0.contains("EMA at step 120 · training at 15,000") })
    try expectGolden(stage.drawn(200, 60), "denoise-behind")
  }

  @Test("f samples newer weights as they come, from the same noise, and stays at the frame in view")
  func following() throws {
    var stage = try Stage.denoising(.digits)
    let first = try #require(stage.effects.requests(DenoiseScreen.slot).last)
    let index = stage.application.denoise.frameIndex
    stage.send([.of(.model(stage.session.model(atStep: 200)))])
    #expect(stage.effects.requests(DenoiseScreen.slot).count == 1, "nobody follows yet")
    stage.press("f")
    stage.send([.of(.model(stage.session.model(atStep: 300)))])
    let second = try #require(stage.effects.requests(DenoiseScreen.slot).last)
    #expect(second.number != first.number && second.sampling == first.sampling)
    #expect(second.model.step == 300)
    // Until the new path is whole, the one before stays in view.
    let messages = try frames(stage, second)
    stage.send(messages.dropLast())
    #expect(stage.application.denoise.weightsStep == 120)
    #expect(stage.application.denoise.frame != nil)
    // Weights that come meanwhile are taken when it is.
    stage.send([.of(.model(stage.session.model(atStep: 400)))])
    #expect(stage.effects.requests(DenoiseScreen.slot).count == 2)
    stage.send([messages[messages.count - 1]])
    #expect(stage.application.denoise.weightsStep == 300)
    #expect(stage.application.denoise.frameIndex == index)
    #expect(stage.effects.requests(DenoiseScreen.slot).last?.model.step == 400)
    stage.press("f")
    #expect(!stage.application.denoise.follows)
  }

  @Test("m asks training for its raw weights, samples them, and goes back to the average")
  func raw() throws {
    var stage = try Stage.denoising(.digits)
    stage.press("m")
    guard case .handOutRawWeights(true) = stage.effects.commands.last else {
      Issue.record("expected the raw weights to be asked for")
      return
    }
    let raw = stage.session.rawModel()
    stage.send([.of(.model(stage.session.model(atStep: 130))), .of(.rawModel(raw))])
    #expect(stage.application.denoise.sampledRaw)
    #expect(stage.effects.requests(DenoiseScreen.slot).count == 2)
    #expect(stage.drawn(120, 40).lines.contains { $0.contains("raw weights at step") })
    stage.press("m")
    guard case .snapshot = stage.effects.commands.last else {
      Issue.record("expected the averaged weights to be asked for")
      return
    }
    stage.send([.of(.model(stage.session.model(atStep: 140)))])
    #expect(!stage.application.denoise.sampledRaw)
    #expect(stage.application.denoise.weightsStep == 140)
  }

  @Test("raw weights are those that are trained, not their average")
  func kinds() throws {
    let session = try RunTrainer(.tiny())
    for _ in 0..<5 { _ = session.next() }
    #expect(session.rawModel().weights.values != session.model().weights.values)
    #expect(
      session.rawModel().weights.values == session.trainer.rawWeights.values)
  }
}

@Suite("What happened")
struct NoticeTests {
  @Test("an autosave does not push away what matters; after a minute it may show")
  func autosaves() throws {
    var session = Session(.tiny())
    session.time = 86_390
    session.note("training with the cosine schedule from step 5")
    session.time = 5
    session.note(savedAt: 9, "runs/tiny/" + Model.checkpointName)
    #expect(session.shownNotice?.text.hasPrefix("training with") == true)
    session.time = 86_390 + 60 - 86_400
    #expect(session.shownNotice?.text.hasPrefix("checkpoint at step 9") == true)
    session.note(savedAt: 10, "runs/tiny/step-10.safetensors")
    #expect(session.notices.map(\.isRoutine) == [false, true, false])
    for step in 0..<500 { session.note(savedAt: step, "runs/tiny/" + Model.checkpointName) }
    #expect(session.notices.count == 200 && !session.notices[0].isRoutine)
  }

  @Test("the log filters and goes to the step in the charts")
  func log() throws {
    var stage = try Stage.training(.digits)
    stage.application.session.note("first")
    let schedule = try stage.recipe.schedule.make()
    stage.send([.of(.step(.staged(step: 121, schedule: schedule)))])
    stage.application.session.note("second")
    stage.press("2", "l")
    #expect(stage.application.overlay == .log)
    for size in [Size(40, 12), Size(80, 24), Size(120, 40)] {
      try expectGolden(stage.drawn(size.width, size.height), "log")
    }
    stage.type("fir")
    #expect(stage.application.foundNotices.map(\.text) == ["first"])
    stage.press(.enter)
    #expect(stage.application.overlay == nil && stage.application.screen.title == TrainScreen.title)
    #expect(stage.application.train.view.cursor == 120)
  }
}

@Suite("Palette")
struct PaletteTests {
  private func entries(_ stage: inout Stage, _ text: String) -> [String] {
    stage.press(":")
    stage.type(text)
    defer { stage.press(.escape) }
    return stage.application.paletteEntries.map(\.name)
  }

  @Test("finds by synonym, and offers settings, values, samplers, recipes, runs and themes")
  func finds() throws {
    var stage = try Stage.listing()
    stage.application.world.themes = ["dark", "light"]
    #expect(entries(&stage, "pause").first == "Pause or resume training")
    #expect(entries(&stage, "save").contains("Keep a checkpoint of this step"))
    #expect(
      entries(&stage, "save").contains("Export the visible samples, or save the edited recipe"))
    #expect(entries(&stage, "light").contains("Switch to the theme light"))
    #expect(entries(&stage, "ddim").contains("Denoise: sampler = ddim"))
    #expect(entries(&stage, "learning").contains("Train: learning rate"))
    #expect(entries(&stage, "fashion") == ["Start a new run of fashion"])
    #expect(entries(&stage, "open 1203") == ["Open the run digits-1203"])
    #expect(entries(&stage, "no such thing").isEmpty)
  }

  @Test("sets what was chosen, opens what was chosen, and lets values be typed")
  func chooses() throws {
    var stage = try Stage.listing()
    stage.application.world.themes = ["dark", "light"]
    stage.type(":denoise: sampler = heun")
    stage.press(.enter)
    #expect(stage.application.session.sampling.sampler.name == "heun")
    #expect(stage.application.screen.title == DenoiseScreen.title)
    stage.type(":switch to the theme light")
    let place = try #require(
      stage.application.paletteEntries.firstIndex { $0.name == "Switch to the theme light" })
    for _ in 0..<place { stage.press(.down) }
    stage.press(.enter)
    #expect(stage.application.settings.theme == "light")
    stage.type(":train: learning")
    stage.press(.enter)
    #expect(stage.application.overlay == .typing("optimizer.learning_rate"))
    stage.type("2e-4")
    stage.press(.enter)
    #expect(stage.application.session.recipe.training.optimizer.learningRate.base == 2e-4)
    stage.type(":open run digits-1203")
    stage.press(.enter)
    guard case .open(.run(let folder)) = stage.effects.all.last else {
      Issue.record("expected the run to be opened")
      return
    }
    #expect(folder.name == "digits-1203")
  }

  @Test("the run that is open is shown, not opened again")
  func openRun() throws {
    var stage = try Stage.listing()
    #expect(entries(&stage, "open the run digits").first == "Open the run digits")
    stage.type(":open the run digits")
    stage.press(.enter)
    #expect(stage.application.screen.title == TrainScreen.title)
    #expect(stage.application.session.number == 0 && stage.application.session.phase == .training)
    #expect(!stage.effects.all.contains { if case .open = $0 { true } else { false } })
  }

  @Test("what was used last comes first")
  func recent() throws {
    var stage = try Stage.training(.digits)
    stage.type(":suspend")
    stage.press(.enter)
    stage.type(":draw images with braille")
    stage.press(.enter)
    let first = entries(&stage, "").prefix(2)
    #expect(first == ["Draw images with braille", "Suspend to the shell (fg resumes)"])
  }
}

@Suite("Typing a value")
struct TypingTests {
  @Test("what is typed replaces the value; what is wrong and what is allowed are shown whole")
  func replaces() throws {
    var stage = try Stage.training(.digits)
    _ = stage.drawn(40, 12)
    stage.press(.tab, .tab, .enter)
    stage.type("30")
    stage.press(.enter)
    let text = stage.drawn(40, 12).lines.joined(separator: " ")
    #expect(text.contains("“30” is not a number above 0"))
    // The problem says what is allowed; once is enough.
    #expect(text.contains("to 10") && !text.contains("expected:"))
    try expectGolden(stage.drawn(40, 12), "typing")
    stage.press(.control("u"))
    stage.type("2e-4")
    stage.press(.enter)
    #expect(stage.application.session.recipe.training.optimizer.learningRate.base == 2e-4)
    #expect(stage.application.session.notices.last?.text == "learning rate set to 2e-4")
  }
}

@Suite("Going on where a session ended")
struct InterruptionTests {
  private func summary(_ folder: RunFolder) -> RunSummary {
    RunSummary(
      folder: folder, recipe: "digits", data: "digits14", network: "unet", step: 2310,
      totalSteps: 20_000, loss: 0.07, seconds: 60, modified: 0, hasCheckpoint: true)
  }

  @Test("a folder that is marked without its lock was interrupted; one that ended well was not")
  func marks() throws {
    try withFolder { parent in
      let log = EventLog()
      let first = TrainingRun { log.add($0) }
      let folder = RunFolder(path: parent + "/one")
      first.start(.training(TrainingJob(recipe: .tiny(steps: 1_000_000), place: .folder(folder))))
      #expect(log.wait { $0.losses.count >= 2 })
      #expect(InterruptedRun.newest(in: parent) == nil, "it is still trained")
      first.send(.interrupt)
      first.send(.stop)
      #expect(log.wait { $0.phases.last == .stopped })
      first.waitUntilDone()
      let interrupted = try #require(InterruptedRun.newest(in: parent))
      #expect(interrupted.summary.folder == folder)
      #expect(interrupted.savedStep == log.losses.count)

      let again = EventLog()
      let second = TrainingRun { again.add($0) }
      second.start(.training(TrainingJob(recipe: .tiny(steps: 1_000_000), place: .resume(folder))))
      #expect(again.wait { !$0.losses.isEmpty })
      second.send(.stop)
      #expect(again.wait { $0.phases.last == .stopped })
      second.waitUntilDone()
      #expect(InterruptedRun.newest(in: parent) == nil)
    }
  }

  @Test("epochs are counted: who is done was not interrupted, but who has not saved it was")
  func epochs() throws {
    try withFolder { parent in
      var recipe = Recipe.tiny()
      // 100 points in batches of 16.
      recipe.training.duration = .epochs(2)
      let folder = try RunSummaryTests.train(recipe, as: "run", in: parent)
      // As a process leaves it that is killed.
      try Data().write(to: URL(filePath: folder.path + "/.lock"))
      let summary = RunSummary(reading: folder)
      #expect(summary.totalSteps == 13 && summary.step == 13 && summary.isComplete)
      #expect(InterruptedRun.newest(in: parent) == nil)

      // Killed before the last steps were saved.
      let session = try RunTrainer(recipe)
      for _ in 0..<9 { _ = session.next() }
      try session.checkpoint().write(to: folder.checkpointPath)
      let interrupted = try #require(InterruptedRun.newest(in: parent))
      #expect(interrupted.savedStep == 9 && interrupted.summary.totalSteps == 13)

      // A newer one that cannot be read hides no other.
      let damaged = try RunSummaryTests.train(recipe, as: "damaged", in: parent)
      try Data().write(to: URL(filePath: damaged.path + "/.lock"))
      var bytes = try Data(contentsOf: URL(filePath: damaged.checkpointPath))
      bytes[bytes.count - 1] ^= 1
      try bytes.write(to: URL(filePath: damaged.checkpointPath))
      try RunSummaryTests.date(damaged, 4e9)
      #expect(InterruptedRun.newest(in: parent)?.summary.folder == folder)
    }
  }

  @Test("the next start says what was saved; enter goes on, escape does what was asked for")
  func offer() throws {
    let folder = RunFolder(path: "runs/digits-1204")
    func started() -> (WorkbenchApplication, EffectLog) {
      let log = EffectLog()
      let world = WorkbenchApplication.World(
        carryOut: { log.add($0) }, timeOfDay: { 0 }, theme: { _ in .dark })
      var app = WorkbenchApplication(Session(.tiny(), phase: .idle), world: world)
      let job = TrainingJob(recipe: .tiny(), place: .newFolder(in: "runs"))
      app.offer(
        InterruptedRun(summary: summary(folder), savedStep: 2140), insteadOf: .training(job),
        .tiny())
      return (app, log)
    }
    var (app, log) = started()
    for size in [Size(40, 12), Size(80, 24)] {
      _ = app.update(.resize(size))
      var surface = Surface(size)
      app.view(&surface)
      try expectGolden(surface, "interrupted")
    }
    _ = app.update(.key(.enter))
    guard case .open(.resume(folder)) = log.all.last else {
      Issue.record("expected the run to go on")
      return
    }
    (app, log) = started()
    _ = app.update(.key(.escape))
    #expect(app.session.phase == .preparing && app.overlay == nil)
    #expect(log.all.contains { if case .forgetInterruption(folder) = $0 { true } else { false } })
  }

  @Test("leaving says where the run is and how to resume it")
  func lastWords() throws {
    var stage = try Stage.training(.digits)
    #expect(
      stage.application.lastWords == [
        "runs/digits: saved at step 120 of 1,000",
        "resume it with workbench --resume runs/digits, or open it paused with workbench runs/digits",
      ])
    stage.send([.of(.saved(step: 1000, path: "runs/digits/checkpoint.safetensors"))])
    #expect(stage.application.lastWords.first?.hasPrefix("runs/digits: all 1,000 steps") == true)
    _ = stage.application.update(.end(.hangup))
    #expect(stage.application.lastWords.isEmpty)
  }
}

@Suite("Speed")
struct SpeedTests {
  @Test("the time left does not swing with a pause of the machine, and follows the last minute")
  func pace() throws {
    var pace = StepPace()
    #expect(pace.secondsPerStep == nil)
    for _ in 0..<400 { pace.add(0.1) }
    let before = try #require(pace.secondsPerStep)
    #expect(abs(before - 0.1) < 1e-9)
    for _ in 0..<3 { pace.add(4) }
    #expect(abs(try #require(pace.secondsPerStep) - 0.1) < 1e-9)
    for _ in 0..<400 { pace.add(0.2) }
    #expect(abs(try #require(pace.secondsPerStep) - 0.2) < 1e-9)
  }

  @Test("a held run is no shorter than its time left says")
  func held() throws {
    var history = RunHistory()
    for step in 1...2000 { history.add(.invented(step: step, duration: 0.01)) }
    #expect(abs(try #require(history.secondsLeft(lastStep: 2100)) - 1) < 1e-6)
    #expect(history.secondsLeft(lastStep: 2100, limit: 10) == 10)
  }

  @Test("a short run is held back, says so, and runs free when asked")
  func limit() throws {
    try withFolder { parent in
      let log = EventLog()
      let run = TrainingRun { log.add($0) }
      run.start(
        .training(
          TrainingJob(
            recipe: .tiny(steps: 600), place: .folder(RunFolder(path: parent + "/run")),
            limitsSpeed: true)))
      #expect(
        log.wait { log in
          log.all.contains { if case .limited(stepsPerSecond: 10) = $0 { true } else { false } }
        })
      #expect(log.losses.count < 10)
      run.send(.limitSpeed(false))
      #expect(log.wait { $0.phases.last == .finished })
      run.send(.stop)
      run.waitUntilDone()
    }
  }
}
