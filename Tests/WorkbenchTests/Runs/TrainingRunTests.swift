import Diffusion
import Foundation
import Synchronization
import Testing

@testable import Workbench

/// Everything a run told, in order.
final class EventLog: Sendable {
  private let events = Mutex<[RunEvent]>([])
  private let arrived = DispatchSemaphore(value: 0)

  func add(_ event: RunEvent) {
    events.withLock { $0.append(event) }
    arrived.signal()
  }

  var all: [RunEvent] { events.withLock { $0 } }

  var reports: [StepReport] {
    all.compactMap { if case .step(let report) = $0 { report } else { nil } }
  }

  var losses: [Double] { reports.map(\.metrics.loss) }

  var floors: [MemorizationFloor.Estimate] {
    all.compactMap { if case .floor(let estimate) = $0 { estimate } else { nil } }
  }

  var phases: [RunPhase] {
    all.compactMap { if case .phase(let phase) = $0 { phase } else { nil } }
  }

  /// Sleeps until `isDone` holds, at most ten seconds.
  func wait(until isDone: (EventLog) -> Bool) -> Bool {
    let deadline = DispatchTime.now() + 10
    while !isDone(self) {
      if arrived.wait(timeout: deadline) == .timedOut { return isDone(self) }
    }
    return true
  }
}

@Suite("Training runs")
struct TrainingRunTests {
  private func temporaryFolder() -> String {
    FileManager.default.temporaryDirectory.path + "/workbench-\(UUID().uuidString)"
  }

  @Test("a run pauses, steps, resumes, keeps and stops when asked")
  func commands() throws {
    let log = EventLog()
    let run = TrainingRun { log.add($0) }
    let folder = RunFolder(path: temporaryFolder())
    defer { try? FileManager.default.removeItem(atPath: folder.path) }
    run.start(.training(TrainingJob(recipe: .tiny(steps: 1_000_000), place: .folder(folder))))
    #expect(log.wait { $0.losses.count >= 3 })
    run.send(.pause)
    #expect(log.wait { $0.phases.last == .paused })
    let paused = log.losses.count
    run.send(.singleStep)
    #expect(log.wait { $0.losses.count == paused + 1 && $0.phases.last == .paused })
    run.send(.keep)
    var changed = Recipe.tiny(steps: 1_000_000)
    changed.training.optimizer.learningRate.base = 0.5
    run.send(.change(changed))
    run.send(.resume)
    #expect(log.wait { $0.losses.count > paused + 3 })
    run.send(.stop)
    #expect(log.wait { $0.phases.last == .stopped })
    let kept = folder.keptCheckpointPath(step: paused + 1)
    #expect(try Checkpoint(contentsOf: kept).state.step == paused + 1)
    let checkpoint = try folder.checkpoint()
    #expect(checkpoint.state.step == log.losses.count)
    #expect(checkpoint.changes.map(\.text) == ["optimizer.learning_rate = 0.5"])
    let records = try JSONLines.read(folder.metricsPath, as: StepRecord.self)
    #expect(records.count == log.losses.count + 1)
  }

  @Test("a stopped run goes on bit for bit, changes and all, whether or not anyone looks")
  func resume() throws {
    var changed = Recipe.tiny()
    changed.schedule = ScheduleConfiguration(CosineSchedule())
    changed.schedule.timesteps = 50
    let expected = try {
      let session = try RunTrainer(.tiny())
      for _ in 0..<10 { _ = session.next() }
      _ = try session.apply(changed)
      return (0..<30).compactMap { _ in session.next()?.metrics.loss }
    }()

    let folder = RunFolder(path: temporaryFolder())
    defer { try? FileManager.default.removeItem(atPath: folder.path) }
    let session = try RunTrainer(.tiny())
    for _ in 0..<10 { _ = session.next() }
    _ = session.model()
    _ = try session.apply(changed)
    for _ in 0..<12 { _ = session.next() }
    do {
      let recorder = try RunRecorder(
        RunFolder.create(at: folder.path), for: session, keepingUpTo: session.trainer.step
      ) { _, _ in }
      try recorder.save(session)
    }

    let log = EventLog()
    let run = TrainingRun { log.add($0) }
    let recipe = try folder.checkpoint().currentRecipe(path: folder.path)
    run.start(.training(TrainingJob(recipe: recipe, place: .resume(folder))))
    #expect(log.wait { $0.phases.last == .finished })
    run.send(.stop)
    #expect(log.losses == Array(expected.dropFirst(12)))
  }

  @Test("while samples that go first are drawn, training hardly takes a step; then it goes on")
  func precedence() throws {
    let folder = RunFolder(path: temporaryFolder())
    defer { try? FileManager.default.removeItem(atPath: folder.path) }
    let precedence = Precedence()
    let log = EventLog()
    let run = TrainingRun(precedence: precedence) { log.add($0) }
    precedence.begin()
    let job = TrainingJob(recipe: .tiny(steps: 1_000_000), place: .folder(folder))
    run.start(.training(job))
    #expect(log.wait { $0.losses.count >= 1 })
    usleep(300_000)
    // Without waiting it would take thousands.
    #expect((1...10).contains(log.losses.count))
    precedence.end()
    #expect(log.wait { $0.losses.count > 100 })
    run.send(.stop)
    #expect(log.wait { $0.phases.last == .stopped })
  }

  @Test("a run tells its memorisation floor, and anew from the moment another schedule is used")
  func floor() throws {
    let folder = RunFolder(path: temporaryFolder())
    defer { try? FileManager.default.removeItem(atPath: folder.path) }
    let recipe = Recipe.tiny(steps: 1_000_000)
    let log = EventLog()
    let run = TrainingRun { log.add($0) }
    run.start(.training(TrainingJob(recipe: recipe, place: .folder(folder))))
    #expect(log.wait { !$0.floors.isEmpty })
    run.send(.pause)
    func isSettled(_ floor: MemorizationFloor.Estimate?) -> Bool {
      floor.map { $0.rounds >= 128 && $0.standardError <= 0.02 * $0.loss } ?? false
    }
    #expect(log.wait { $0.phases.last == .paused && isSettled($0.floors.last) })
    // It is kept with the next step.
    run.send(.singleStep)
    let settled = log.floors.last?.loss
    #expect(log.wait { $0.reports.last?.floor == settled })
    var changed = recipe
    changed.schedule = ScheduleConfiguration(CosineSchedule())
    run.send(.change(changed))
    func change(_ log: EventLog) -> Int? {
      log.all.firstIndex { if case .changed = $0 { true } else { false } }
    }
    #expect(
      log.wait { log in
        change(log).map { log.all[$0...].contains { if case .floor = $0 { true } else { false } } }
          ?? false
      })
    run.send(.stop)
    #expect(log.wait { $0.phases.last == .stopped })
    let place = try #require(change(log))
    let kept = try JSONLines.read(folder.metricsPath, as: StepRecord.self).compactMap(\.floor)
    #expect(kept.first == settled)
    let session = try RunTrainer(recipe)
    for (events, schedule) in [
      (log.all[..<place], recipe.schedule), (log.all[place...], changed.schedule),
    ] {
      let floors = events.compactMap { if case .floor(let floor) = $0 { floor } else { nil } }
      var floor = try #require(
        MemorizationFloor(
          of: recipe.objective.value, on: session.dataset, along: try schedule.make(),
          groups: NoiseLevelWindow.bins, for: session.trainer.network, labelDropout: 0))
      for _ in 0..<(floors.last?.rounds ?? 0) { floor.refine() }
      // Rounds of one floor alone, from its first on.
      #expect(floors.last == floor.estimate)
      #expect(zip(floors, floors.dropFirst()).allSatisfy { $0.rounds < $1.rounds })
    }
  }

  @Test("what validation measures is kept, and says nothing to training")
  func validation() throws {
    var recipe = Recipe.tiny(steps: 25)
    recipe.data.validation = 0.2
    func reports(every interval: Int) throws -> [StepReport] {
      recipe.data.validationInterval = interval
      let session = try RunTrainer(recipe)
      #expect(session.dataset.count == 4 * (session.validation?.count ?? 0))
      return (0..<25).compactMap { _ in session.next() }
    }
    let (often, seldom) = (try reports(every: 10), try reports(every: 1000))
    #expect(often.filter { $0.validation != nil }.map(\.metrics.step) == [10, 20, 25])
    #expect(seldom.filter { $0.validation != nil }.map(\.metrics.step) == [25])
    #expect(often.map(\.metrics) == seldom.map(\.metrics))
    #expect(often.last?.validation == seldom.last?.validation)
    let line = JSONLines.line(StepRecord(often[9]))
    #expect(line.contains("\"validation\":"))
    #expect(!JSONLines.line(StepRecord(often[8])).contains("validation"))
  }

  @Test("another learning rate acts on the next step, is kept, and a resumed run has it")
  func learningRate() throws {
    let folder = RunFolder(path: temporaryFolder())
    defer { try? FileManager.default.removeItem(atPath: folder.path) }
    let recipe = Recipe.tiny(steps: 1_000_000)
    let log = EventLog()
    let run = TrainingRun { log.add($0) }
    run.start(.training(TrainingJob(recipe: recipe, place: .folder(folder))))
    #expect(log.wait { $0.losses.count >= 3 })
    run.send(.pause)
    #expect(log.wait { $0.phases.last == .paused })
    let step = log.losses.count
    var changed = recipe
    changed.training.optimizer.learningRate.base = 2e-5
    changed.preview.interval = 7
    run.send(.change(changed))
    run.send(.singleStep)
    #expect(log.wait { $0.losses.count == step + 1 && $0.phases.last == .paused })
    run.send(.stop)
    #expect(log.wait { $0.phases.last == .stopped })

    let told = log.all.compactMap {
      if case .changed(let step, let recipe, let lines) = $0 { (step, recipe, lines) } else { nil }
    }
    #expect(told.count == 1)
    #expect(told.first?.0 == step)
    #expect(told.first?.1 == changed)
    // What only shows is no change of the training.
    #expect(told.first?.2 == ["optimizer.learning_rate = 2e-05"])
    let records = try JSONLines.read(folder.metricsPath, as: StepRecord.self)
    #expect(records.suffix(2).map(\.step) == [step, step + 1])
    #expect(records.suffix(2).first?.change == "optimizer.learning_rate = 2e-05")
    #expect(records.last?.learningRate == 2e-5)
    #expect(records.prefix(step).allSatisfy { $0.learningRate == 1e-3 })

    let checkpoint = try folder.checkpoint()
    #expect(checkpoint.changes == [.init(step: step, text: "optimizer.learning_rate = 2e-05")])
    let session = try RunTrainer(
      checkpoint.currentRecipe(path: recipe.name), resuming: checkpoint)
    #expect(session.recipe.training.optimizer.learningRate.base == 2e-5)
    #expect(session.initialRecipe == recipe)
    #expect(session.next()?.metrics.learningRate == 2e-5)

    // What a command asks for goes before what was changed, and is kept with it.
    let lower = try checkpoint.currentRecipe(
      path: recipe.name, overrides: [RecipeOverride(set: "optimizer.learning_rate=1e-3")])
    let again = try RunTrainer(lower, resuming: checkpoint)
    #expect(again.next()?.metrics.learningRate == 1e-3)
    #expect(
      again.changes.map(\.text) == [
        "optimizer.learning_rate = 2e-05", "optimizer.learning_rate = 0.001",
      ])
  }

  @Test("a resumed run's charts begin with what was measured before")
  func history() throws {
    let folder = RunFolder(path: temporaryFolder())
    defer { try? FileManager.default.removeItem(atPath: folder.path) }
    var events: [[RunEvent]] = []
    for (place, steps) in [(TrainingJob.Place.folder(folder), 12), (.resume(folder), 15)] {
      let log = EventLog()
      let run = TrainingRun { log.add($0) }
      run.start(.training(TrainingJob(recipe: .tiny(steps: steps), place: place)))
      #expect(log.wait { $0.phases.last == .finished })
      run.send(.stop)
      #expect(log.wait { $0.phases.last == .stopped })
      events.append(log.all)
    }
    var (first, second) = (
      WorkbenchApplication(.tiny(steps: 12)), WorkbenchApplication(.tiny(steps: 15))
    )
    for event in events[0] { _ = first.hear(event) }
    for event in events[1] { _ = second.hear(event) }
    #expect(second.train.history.points.map(\.step) == Array(1...15))
    #expect(Array(second.train.history.points.prefix(12)) == first.train.history.points)
    #expect(second.train.history.marks == [.init(step: 12, label: "resumed")])
    // Steps of before are no measure of how fast this process is.
    #expect(second.train.history.stepsSeen == 3)
  }

  @Test("training goes on while a checkpoint is being written, and stopping waits for it")
  func savesBeside() throws {
    let folder = RunFolder(path: temporaryFolder())
    defer { try? FileManager.default.removeItem(atPath: folder.path) }
    let log = EventLog()
    let isSlow = Mutex(true)
    let disk = DispatchSemaphore(value: 0)
    let run = TrainingRun { event in
      log.add(event)
      // Told on the queue that writes, which is kept busy here as if the disk were slow.
      if case .saved = event, isSlow.withLock({ $0 }) { disk.wait() }
    }
    func isSaving(_ log: EventLog) -> Bool {
      log.all.contains { if case .saved = $0 { true } else { false } }
    }
    let recipe = Recipe.tiny(steps: 1_000_000_000)
    run.start(.training(TrainingJob(recipe: recipe, place: .folder(folder))))
    #expect(log.wait { $0.losses.count >= 3 })
    run.send(.keep)
    #expect(log.wait(until: isSaving))
    let count = log.losses.count
    #expect(log.wait { $0.losses.count >= count + 20 })
    run.send(.pause)
    #expect(log.wait { $0.phases.last == .paused })
    run.send(.stop)
    usleep(200_000)
    #expect(log.phases.last == .paused)
    isSlow.withLock { $0 = false }
    disk.signal()
    #expect(log.wait { $0.phases.last == .stopped })
    #expect(try folder.checkpoint().state.step == log.losses.count)
  }

  @Test("a folder without a checkpoint is refused with a sentence")
  func nothingToResume() {
    let log = EventLog()
    let run = TrainingRun { log.add($0) }
    let nowhere = RunFolder(path: "/nowhere/run")
    run.start(.training(TrainingJob(recipe: .tiny(), place: .resume(nowhere))))
    #expect(
      log.wait { log in
        log.all.contains {
          if case .failed(let text) = $0 { text.hasPrefix("/nowhere/run") } else { false }
        }
      })
  }

  @Test(
    "a change reads back from its lines, and from the words of the first version",
    arguments: [
      ("learning_rate 0.0025", "optimizer.learning_rate = 0.0025"),
      (
        "schedule cosine timesteps=321 s=0.01",
        "schedule.family = \"cosine\"\nschedule.timesteps = 321\nschedule.s = 0.01\n"
          + "schedule.max_beta = 0.999\nschedule.zero_snr = false"
      ),
      (
        "schedule log-linear timesteps=200 sigma_max=12.0 sigma_min=0.001",
        "schedule.sigma_min = 0.001\nschedule.sigma_max = 12.0"
      ),
    ])
  func changeText(_ words: String, _ lines: String) throws {
    var (old, new) = (Recipe.tiny(), Recipe.tiny())
    try old.apply(Checkpoint.Change(step: 1, text: words).lines)
    try new.apply(Checkpoint.Change(step: 1, text: lines).lines)
    #expect(old == new)
    #expect(new.differences(from: .tiny()).joined(separator: "\n") == lines)
  }

  @Test("what a change of the first version does not say is the default, whatever it was before")
  func oldChangeDefaults() throws {
    var recipe = Recipe.tiny()
    for text in ["schedule cosine timesteps=100 s=0.1", "schedule cosine timesteps=50"] {
      try recipe.apply(Checkpoint.Change(step: 1, text: text).lines)
    }
    var cosine = CosineSchedule()
    cosine.timesteps = 50
    #expect(recipe.schedule == ScheduleConfiguration(cosine))
  }

  @Test("a newer request ends the older one")
  func samplingRequests() throws {
    let model = try Model.initial(.tiny())
    func request(_ number: Int) -> SamplingRequest {
      SamplingRequest(
        number: number, model: model, schedule: ScheduleConfiguration(LinearSchedule()),
        sampling: SamplingConfiguration(DDIM(steps: 1000), count: 2))
    }
    let second = request(2)
    let numbers = Mutex<[Int]>([])
    let done = DispatchSemaphore(value: 0)
    let started = Mutex<SamplingRun?>(nil)
    let run = SamplingRun(name: "test") { event in
      switch event {
      case .frame(let number, let frame):
        numbers.withLock { $0.append(number) }
        // The newer request comes while the older one is at its third frame.
        if number == 1, frame.index == 2 { started.withLock { $0?.start(second) } }
      case .finished(let number): if number == 2 { done.signal() }
      case .failed: done.signal()
      }
    }
    started.withLock { $0 = run }
    run.start(request(1))
    #expect(done.wait(timeout: .now() + 20) == .success)
    numbers.withLock {
      #expect($0.count { $0 == 2 } == 1001)
      #expect($0.count { $0 == 1 } == 3)
    }
  }

  @Test("a request that is cancelled, not replaced, says that it has ended")
  func cancelledRequest() throws {
    let model = try Model.initial(.tiny())
    let done = DispatchSemaphore(value: 0)
    let started = Mutex<SamplingRun?>(nil)
    let run = SamplingRun(name: "test") { event in
      switch event {
      case .frame(_, let frame): if frame.index == 2 { started.withLock { $0?.cancel() } }
      case .finished: break
      case .failed(let number, _): if number == 7 { done.signal() }
      }
    }
    started.withLock { $0 = run }
    run.start(
      SamplingRequest(
        number: 7, model: model, schedule: ScheduleConfiguration(LinearSchedule()),
        sampling: SamplingConfiguration(DDIM(steps: 1000), count: 2)))
    #expect(done.wait(timeout: .now() + 20) == .success)
  }
}
