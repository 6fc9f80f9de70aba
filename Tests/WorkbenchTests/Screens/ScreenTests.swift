import Diffusion
import TUI
import Testing

@testable import Workbench

@Suite("What the screens do")
struct ScreenTests {
  private func started() throws -> WorkbenchApplication {
    let recipe = Recipe.tiny()
    var model = WorkbenchApplication(recipe)
    _ = model.hear(.phase(.training))
    _ = model.hear(.model(try .initial(recipe)))
    return model
  }

  private static let train = ScheduleScreen.own(ScheduleScreen.Command.useForTraining)

  @Test("every model that training hands out starts a preview from the same noise")
  func previews() throws {
    let recipe = Recipe.tiny()
    var model = WorkbenchApplication(recipe)
    let trained = try Model.initial(recipe)
    let first = model.hear(.model(trained)).requests(TrainScreen.preview)
    let second = model.hear(.model(trained)).requests(TrainScreen.preview)
    #expect(first.count == 1 && second.count == 1)
    #expect(second[0].number == first[0].number + 1)
    #expect(second[0].sampling.seed == first[0].sampling.seed)
  }

  @Test("the first look at Denoise asks for the weights as they are, then samples")
  func firstDenoising() throws {
    var model = try started()
    let asked = model.act(.show(DenoiseScreen.title)).commands
    #expect(asked.count == 1)
    guard case .snapshot = asked[0] else {
      Issue.record("expected a snapshot to be asked for")
      return
    }
    let effects = model.hear(.model(try .initial(.tiny(), step: 7)))
    #expect(effects.slots == [TrainScreen.preview, DenoiseScreen.slot])
    #expect(model.denoise.weightsStep == 7)
  }

  @Test("a changed sampler setting samples again from the same noise, at the same noise level")
  func changedSetting() throws {
    var model = try started()
    model.current = 1
    let first = model.act(.newNoise).requests(
      DenoiseScreen.slot)[0]
    for frame in try first.path() {
      model.hear(.frame(number: first.number, frame))
    }
    model.hear(.finished(number: first.number))
    #expect(model.denoise.recording.count == 6)
    _ = model.act(.change(3))
    let held = try #require(model.denoise.heldRatio)

    model.denoise.focus.panel = .sampler
    model.denoise.focus.field[.sampler] = 1
    let again = model.act(.change(4)).requests(DenoiseScreen.slot)
    #expect(again.count == 1)
    #expect(again[0].sampling.steps == 9)
    #expect(again[0].sampling.seed == first.sampling.seed)
    for frame in try again[0].path() {
      model.hear(.frame(number: again[0].number, frame))
    }
    let ratio = try #require(model.denoise.frame?.level.sigmaOverAlpha)
    #expect(ratio > held / 3 && ratio < held * 3)
  }

  @Test("frames of an older request are dropped")
  func staleFrames() throws {
    var model = try started()
    model.current = 1
    let old = model.act(.newNoise).requests(
      DenoiseScreen.slot)[0]
    _ = model.act(.newNoise)
    for frame in try old.path() {
      model.hear(.frame(number: old.number, frame))
    }
    #expect(model.denoise.recording.count == 0)
  }

  @Test("an edited schedule is used for training only when asked, and can be undone")
  func schedule() throws {
    var model = try started()
    _ = model.act(.show(ScheduleScreen.title))
    model.schedule.focus.field[.parameters] = 1
    let before = model.schedule.edited
    _ = model.act(.change(-5))
    #expect(model.schedule.edited.timesteps == before.timesteps - 50)
    #expect(model.schedule.schedule.count == before.timesteps - 50)
    #expect(model.session.schedule == before)

    let asked = model.act(Self.train).commands
    guard case .change(let recipe) = asked.first else {
      Issue.record("expected training to be told")
      return
    }
    #expect(recipe.schedule == model.schedule.edited)
    // Until training answers, nothing has changed.
    #expect(model.session.schedule == before)
    let lines = recipe.differences(from: model.session.recipe)
    _ = model.hear(.changed(step: 5, recipe, lines: lines))
    #expect(model.session.schedule == recipe.schedule)
    #expect(model.train.history.marks.map(\.step) == [5])

    _ = model.act(ScheduleScreen.own(ScheduleScreen.Command.undo))
    #expect(model.schedule.edited == before)
  }

  @Test("another setting does not take back a schedule that training was asked to use")
  func scheduleWhileAsked() throws {
    var model = try started()
    _ = model.act(.show(ScheduleScreen.title))
    model.schedule.focus.field[.parameters] = 1
    _ = model.act(.change(-5))
    _ = model.act(Self.train)
    let rate = "optimizer.learning_rate"
    guard case .change(let both) = model.change(rate, by: 1).commands.first else {
      Issue.record("expected training to be told")
      return
    }
    #expect(both.schedule == model.schedule.edited)
    #expect(both.training.optimizer.learningRate.base == 1.12e-3)
    // What was refused is not asked for again.
    _ = model.hear(.refused("the schedule cannot be used"))
    guard case .change(let rateOnly) = model.change(rate, by: 1).commands.first else {
      Issue.record("expected training to be told")
      return
    }
    #expect(rateOnly.schedule == Recipe.tiny().schedule)
  }

  @Test("a typed value out of range changes nothing and says what is allowed")
  func typedValues() throws {
    var model = try started()
    let rate = "optimizer.learning_rate"
    let error = #expect(throws: FieldInputError.self) { try model.set(\.train, rate, to: "30") }
    #expect(error?.description == "“30” is not a number above 0 and up to 10")
    #expect(model.session.recipe.training.optimizer.learningRate.base == 1e-3)
    try model.set(\.train, rate, to: "2e-4")
    #expect(model.session.recipe.training.optimizer.learningRate.base == 2e-4)
    #expect(throws: FieldInputError.self) { try model.set(\.denoise, "steps", to: "many") }
  }

  @Test("leaving asks while training and saves in every case")
  func leaving() throws {
    var model = try started()
    #expect(model.act(.quit).isEmpty)
    #expect(model.overlay == .quitting)
    _ = model.act(.back)
    #expect(model.overlay == nil)
    _ = model.act(.quit)
    guard case .stopAndQuit = model.act(.enter).first else {
      Issue.record("expected the run to be stopped")
      return
    }
    guard case .quit = model.hear(.phase(.stopped)).last else {
      Issue.record("expected to leave once the run has saved")
      return
    }
  }

  @Test("a preview that is being shown is finished before the next begins")
  func playback() throws {
    let recipe = Recipe.tiny()
    let request = SamplingRequest(
      number: 1, model: try .initial(recipe), schedule: recipe.schedule,
      sampling: SamplingConfiguration(DDIM(steps: 3), count: 2))
    let frames = try request.path().map { $0 }
    var playback = Playback()
    for frame in frames { playback.add(frame, number: 1, weightsStep: 10) }
    playback.advance()
    for frame in frames { playback.add(frame, number: 2, weightsStep: 20) }
    #expect(playback.weightsStep == 10 && playback.shown == 1)
    for _ in 0..<2 { playback.advance() }
    #expect(playback.frame?.isLast == true)
    playback.advance()
    #expect(playback.shown == 0 && playback.weightsStep == 20)
  }
}

@Suite("Settings in forms")
struct FormTests {
  @Test("numbers are short and unambiguous")
  func numbers() throws {
    func text(_ section: String, _ key: String, _ value: SettingValue) throws -> String {
      var recipe = Recipe.tiny()
      try recipe.set(RecipeKey(section, key), to: value)
      let info = try #require(recipe.setting(RecipeKey(section, key)))
      return info.text(of: recipe.value(of: RecipeKey(section, key)))
    }
    #expect(try text("training", "steps", .integer(1_234_567)) == "1,234,567")
    #expect(try text("training", "seed", .integer(1_234_567)) == "1234567")
    #expect(try text("optimizer", "learning_rate", .real(0.02)) == "0.02")
    #expect(try text("optimizer", "learning_rate", .real(1e-4)) == "1e-4")
    #expect(try text("preview", "eta", .real(0)) == "0")
    #expect(try text("preview", "clip", .flag(true)) == "on")
  }

  @Test("stepping a learning rate up and down comes back")
  func stepping() throws {
    let key = RecipeKey("optimizer", "learning_rate")
    var recipe = Recipe.tiny()
    recipe.step(key, by: 1)
    #expect(recipe.value(of: key) == .real(1.12e-3))
    recipe.step(key, by: -1)
    #expect(recipe.value(of: key) == .real(1e-3))
    recipe.step(key, by: 20)
    #expect(recipe.value(of: key) == .real(1e-2))
  }
}

@Suite("Another run behind the screens")
struct OpeningTests {
  private func application() -> (WorkbenchApplication, EffectLog, Starts) {
    let (log, starts) = (EffectLog(), Starts())
    let world = WorkbenchApplication.World(
      carryOut: { log.add($0) }, start: { starts.all.append(($0, $1)) }, timeOfDay: { 0 },
      theme: { _ in .dark })
    return (WorkbenchApplication(Session(.tiny()), world: world), log, starts)
  }

  private final class Starts {
    var all: [(subject: Workload, session: Int)] = []
  }

  @Test("the present run is saved, late news of it is not taken for that of the next")
  func opening() throws {
    var (app, log, starts) = application()
    _ = app.hear(.phase(.training))
    _ = app.hear(.step(.invented(step: 1)))
    app.schedule.focus.field[.parameters] = 1
    var next = Recipe.tiny(steps: 7)
    next.name = "next"
    let job = TrainingJob(recipe: next, place: .newFolder(in: "runs"))
    // What nobody asked for, or no longer, is not opened.
    _ = app.update(.messages([.opened(.training(job), next, .recipe("next"))]))
    #expect(starts.all.isEmpty)
    app.carryOut([.open(.recipe("next"))])
    _ = app.update(.messages([.opened(.training(job), next, .recipe("next"))]))
    guard case .stop = log.commands.last else {
      Issue.record("expected the present run to be stopped")
      return
    }
    #expect(starts.all.map(\.session) == [1])
    #expect(app.session.recipe.name == "next" && app.session.phase == .preparing)
    #expect(app.train.history.points.isEmpty && app.screen.title == TrainScreen.title)

    // The first run is still being saved.
    _ = app.update(.messages([.run(.step(.invented(step: 2)), session: 0)]))
    _ = app.update(.messages([.run(.phase(.paused), session: 0)]))
    #expect(app.train.history.points.isEmpty && app.session.phase == .preparing)
    #expect(app.update(.messages([.run(.phase(.stopped), session: 1)])) == .none)
    _ = app.act(.quit)
    #expect(app.overlay == nil && app.isLeaving)
    // Only when both are on the disk does the program end.
    #expect(app.update(.messages([.run(.phase(.stopped), session: 0)])) == .quit)
  }

  @Test("requests for samples never share a number with those of an earlier run")
  func numbers() throws {
    var (app, log, _) = application()
    let recipe = Recipe.tiny()
    _ = app.hear(.model(try .initial(recipe)))
    app.carryOut([.open(.recipe("next"))])
    _ = app.update(.messages([.opened(.model("folder"), recipe, .recipe("next"))]))
    // A frame of the earlier run's preview, late, is not the new one's.
    let old = try #require(log.requests(TrainScreen.preview).first)
    for frame in try old.path() {
      app.hear(.frame(number: old.number, frame), TrainScreen.preview)
    }
    #expect(app.train.playback.frame == nil)
    _ = app.update(.messages([.run(.model(try .initial(recipe)), session: 1)]))
    let numbers = log.requests(TrainScreen.preview).map(\.number)
    #expect(numbers.count == 2 && Set(numbers).count == 2)
  }

  @Test("a damaged run is not opened: its reason has to be read")
  func damaged() throws {
    var stage = try Stage.listing()
    stage.press(.down, .enter)
    #expect(stage.application.overlay == .message(RunListing.staged.runs[2].problem ?? ""))
    stage.press(.enter, .up, .enter)
    guard case .open(.run(let folder)) = stage.effects.all.last else {
      Issue.record("expected the run to be opened")
      return
    }
    #expect(folder.path == "runs/digits-1203")
    stage.press(.character("n"), .down, .enter)
    guard case .open(.recipe("fashion")) = stage.effects.all.last else {
      Issue.record("expected the recipe to be started")
      return
    }
  }
}
