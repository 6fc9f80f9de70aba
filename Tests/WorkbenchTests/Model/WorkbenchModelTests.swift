import Diffusion
import Testing

@testable import Workbench

@Suite("Model of the screens")
struct WorkbenchModelTests {
  private func started() throws -> WorkbenchModel {
    let recipe = Recipe.tiny()
    var model = WorkbenchModel(recipe)
    _ = model.receive(.phase(.training))
    _ = model.receive(.model(try .initial(recipe)))
    return model
  }

  private func requests(_ effects: [Effect]) -> [(SamplingRequest, SampleSlot)] {
    effects.compactMap {
      if case .sample(let request, let slot) = $0 { (request, slot) } else { nil }
    }
  }

  private func commands(_ effects: [Effect]) -> [RunCommand] {
    effects.compactMap { if case .training(let command) = $0 { command } else { nil } }
  }

  @Test("every model that training hands out starts a preview from the same noise")
  func previews() throws {
    let recipe = Recipe.tiny()
    var model = WorkbenchModel(recipe)
    let trained = try Model.initial(recipe)
    let first = requests(model.receive(.model(trained)))
    let second = requests(model.receive(.model(trained)))
    #expect(first.count == 1 && second.count == 1)
    #expect(first[0].1 == .preview)
    #expect(second[0].0.number == first[0].0.number + 1)
    #expect(second[0].0.sampling.seed == first[0].0.sampling.seed)
  }

  @Test("the first look at Denoise asks for the weights as they are, then samples")
  func firstDenoising() throws {
    var model = try started()
    let asked = commands(model.perform(.screen(.denoise)))
    #expect(asked.count == 1)
    guard case .snapshot = asked[0] else {
      Issue.record("expected a snapshot to be asked for")
      return
    }
    let effects = model.receive(.model(try .initial(.tiny(), step: 7)))
    #expect(requests(effects).map(\.1) == [.preview, .denoise])
    #expect(model.denoise.weightsStep == 7)
  }

  @Test("a changed sampler setting samples again from the same noise, at the same noise level")
  func changedSetting() throws {
    var model = try started()
    model.screen = .denoise
    let first = requests(model.beginDenoising())[0].0
    for frame in try first.path() {
      _ = model.receive(.frame(number: first.number, frame), for: .denoise)
    }
    _ = model.receive(.finished(number: first.number), for: .denoise)
    #expect(model.denoise.recording.count == 6)
    _ = model.perform(.change(3))
    let held = try #require(model.denoise.heldRatio)

    model.focus[.denoise] = .sampler
    model.field[.sampler] = 1
    let again = requests(model.perform(.change(4)))
    #expect(again.count == 1)
    #expect(again[0].0.sampling.steps == 9)
    #expect(again[0].0.sampling.seed == first.sampling.seed)
    for frame in try again[0].0.path() {
      _ = model.receive(.frame(number: again[0].0.number, frame), for: .denoise)
    }
    let ratio = try #require(model.denoise.frame?.level.ratio)
    #expect(ratio > held / 3 && ratio < held * 3)
  }

  @Test("frames of an older request are dropped")
  func staleFrames() throws {
    var model = try started()
    let old = requests(model.beginDenoising())[0].0
    _ = model.beginDenoising()
    for frame in try old.path() {
      _ = model.receive(.frame(number: old.number, frame), for: .denoise)
    }
    #expect(model.denoise.recording.count == 0)
  }

  @Test("an edited schedule is used for training only when asked, and can be undone")
  func schedule() throws {
    var model = try started()
    _ = model.perform(.screen(.schedule))
    model.field[.parameters] = 1
    let before = model.schedule.edited
    _ = model.perform(.change(-5))
    #expect(model.schedule.edited.timesteps == before.timesteps - 50)
    #expect(model.schedule.schedule.count == before.timesteps - 50)
    #expect(model.train.schedule == before)

    let asked = commands(model.perform(.useForTraining))
    guard case .change(let recipe) = asked.first else {
      Issue.record("expected training to be told")
      return
    }
    #expect(recipe.schedule == model.schedule.edited)
    // Until training answers, nothing has changed.
    #expect(model.train.schedule == before)
    let lines = recipe.differences(from: model.train.recipe)
    _ = model.receive(.changed(step: 5, recipe, lines: lines))
    #expect(model.train.schedule == recipe.schedule)
    #expect(model.train.history.marks.map(\.step) == [5])

    _ = model.perform(.undo)
    #expect(model.schedule.edited == before)
  }

  @Test("another setting does not take back a schedule that training was asked to use")
  func scheduleWhileAsked() throws {
    var model = try started()
    _ = model.perform(.screen(.schedule))
    model.field[.parameters] = 1
    _ = model.perform(.change(-5))
    _ = model.perform(.useForTraining)
    let rate = FieldID.recipe(RecipeKey("optimizer", "learning_rate"))
    guard case .change(let both) = commands(model.change(rate, by: 1)).first else {
      Issue.record("expected training to be told")
      return
    }
    #expect(both.schedule == model.schedule.edited)
    #expect(both.training.optimizer.learningRate.base == 1.12e-3)
    // What was refused is not asked for again.
    _ = model.receive(.refused("the schedule cannot be used"))
    guard case .change(let rateOnly) = commands(model.change(rate, by: 1)).first else {
      Issue.record("expected training to be told")
      return
    }
    #expect(rateOnly.schedule == Recipe.tiny().schedule)
  }

  @Test("a typed value out of range changes nothing and says what is allowed")
  func typedValues() throws {
    var model = try started()
    let rate = FieldID.recipe(RecipeKey("optimizer", "learning_rate"))
    guard case .failure(let error) = model.set(rate, to: "30") else {
      Issue.record("30 was accepted as a learning rate")
      return
    }
    #expect("\(error)" == "“30” is not a number above 0 and up to 10")
    #expect(model.train.recipe.training.optimizer.learningRate.base == 1e-3)
    guard case .success = model.set(rate, to: "2e-4") else {
      Issue.record("2e-4 was refused")
      return
    }
    #expect(model.train.recipe.training.optimizer.learningRate.base == 2e-4)
    guard case .failure = model.set(.sampling("steps"), to: "many") else {
      Issue.record("“many” was accepted")
      return
    }
  }

  @Test("leaving asks while training and saves in every case")
  func leaving() throws {
    var model = try started()
    #expect(model.perform(.quit).isEmpty)
    #expect(model.overlay == .leaving)
    _ = model.perform(.back)
    #expect(model.overlay == nil)
    _ = model.perform(.quit)
    guard case .stopAndQuit = model.perform(.enter).first else {
      Issue.record("expected the run to be stopped")
      return
    }
    guard case .quit = model.receive(.phase(.stopped)).first else {
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
