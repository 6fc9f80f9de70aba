import Diffusion
import Testing

@testable import Workbench

@Suite("Model of the screens")
struct WorkbenchModelTests {
  private func started() throws -> WorkbenchModel {
    let configuration = RunConfiguration.tiny()
    var model = WorkbenchModel(configuration)
    _ = model.receive(.phase(.training))
    _ = model.receive(.weights(try .initial(configuration)))
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

  @Test("every snapshot of the weights starts a preview from the same noise")
  func previews() throws {
    let configuration = RunConfiguration.tiny()
    var model = WorkbenchModel(configuration)
    let snapshot = try WeightsSnapshot.initial(configuration)
    let first = requests(model.receive(.weights(snapshot)))
    let second = requests(model.receive(.weights(snapshot)))
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
    let effects = model.receive(.weights(try .initial(.tiny(), step: 7)))
    #expect(requests(effects).map(\.1) == [.preview, .denoise])
    #expect(model.denoise.weightsStep == 7)
  }

  @Test("a changed sampler setting samples again from the same noise, at the same noise level")
  func changedSetting() throws {
    var model = try started()
    model.screen = .denoise
    let first = requests(model.beginDenoising())[0].0
    for frame in try first.makeTrajectory() {
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
    for frame in try again[0].0.makeTrajectory() {
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
    for frame in try old.makeTrajectory() {
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
    guard case .change(.schedule(let schedule)) = asked.first else {
      Issue.record("expected training to be told")
      return
    }
    #expect(schedule == model.schedule.edited)
    _ = model.receive(.changed(step: 5, .schedule(schedule)))
    #expect(model.train.schedule == schedule)
    #expect(model.train.history.marks.map(\.step) == [5])

    _ = model.perform(.undo)
    #expect(model.schedule.edited == before)
  }

  @Test("a typed value out of range changes nothing and says what is allowed")
  func typedValues() throws {
    var model = try started()
    guard case .failure(let error) = model.set(.learningRate, to: "3") else {
      Issue.record("3 was accepted as a learning rate")
      return
    }
    #expect("\(error)" == "3 is outside 0 to 1")
    #expect(model.train.learningRate == 1e-3)
    guard case .success = model.set(.learningRate, to: "2e-4") else {
      Issue.record("2e-4 was refused")
      return
    }
    #expect(model.train.learningRate == 2e-4)
    guard case .failure = model.set(.steps, to: "many") else {
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
    let configuration = RunConfiguration.tiny()
    let request = SamplingRequest(
      number: 1, weights: try .initial(configuration), schedule: configuration.schedule,
      sampling: SamplingConfiguration(steps: 3, count: 2))
    let frames = try request.makeTrajectory().map { $0 }
    var playback = Playback()
    for frame in frames { playback.add(frame, number: 1, weightsStep: 10) }
    playback.advance()
    for frame in frames { playback.add(frame, number: 2, weightsStep: 20) }
    #expect(playback.number == 1 && playback.shown == 1)
    for _ in 0..<2 { playback.advance() }
    #expect(playback.frame?.isLast == true)
    playback.advance()
    #expect(playback.number == 2 && playback.shown == 0 && playback.weightsStep == 20)
  }
}

@Suite("Numbers for people")
struct NumberTests {
  @Test("numbers are short and unambiguous")
  func short() {
    #expect(grouped(1_234_567) == "1,234,567")
    #expect(grouped(-12) == "-12")
    #expect(fixed(0.06999, 3) == "0.070")
    #expect(fixed(-0.0004, 2) == "0.00")
    #expect(compact(0.02) == "0.02")
    #expect(compact(1e-4) == "1e-4")
    #expect(compact(3.4429669) == "3.443")
    #expect(compact(1000) == "1000")
    #expect(spoken(seconds: 760) == "12 min 40 s")
    #expect(spoken(seconds: .infinity) == "–")
  }

  @Test("stepping a learning rate up and down comes back")
  func stepping() {
    let up = stepped(1e-3, by: 1, perDecade: 20)
    #expect(abs(up - 1.12e-3) < 1e-12)
    #expect(abs(stepped(1e-3, by: 20, perDecade: 20) - 1e-2) < 1e-9)
  }
}
