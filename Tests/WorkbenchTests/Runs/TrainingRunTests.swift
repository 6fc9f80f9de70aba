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

  var losses: [Double] {
    all.compactMap { if case .step(let report) = $0 { report.metrics.loss } else { nil } }
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
    run.start(.tiny(steps: 1_000_000), at: .folder(folder))
    #expect(log.wait { $0.losses.count >= 3 })
    run.send(.pause)
    #expect(log.wait { $0.phases.last == .paused })
    let paused = log.losses.count
    run.send(.singleStep)
    #expect(log.wait { $0.losses.count == paused + 1 && $0.phases.last == .paused })
    run.send(.keep)
    run.send(.change(.learningRate(0.5)))
    run.send(.resume)
    #expect(log.wait { $0.losses.count > paused + 3 })
    run.send(.stop)
    #expect(log.wait { $0.phases.last == .stopped })
    let kept = folder.keptCheckpointPath(step: paused + 1)
    #expect(try Checkpoint(contentsOf: kept).step == paused + 1)
    let checkpoint = try folder.checkpoint()
    #expect(checkpoint.step == log.losses.count)
    #expect(checkpoint.scheduleChanges.map(\.text) == ["learning_rate 0.5"])
    #expect(try JSONLines.read(folder.metricsPath).count == log.losses.count + 1)
  }

  @Test("a stopped run goes on bit for bit, changes and all, whether or not anyone looks")
  func resume() throws {
    let change = ParameterChange.schedule(ScheduleConfiguration(.cosine, timesteps: 50))
    let expected = try {
      let session = try TrainingSession(.tiny())
      for _ in 0..<10 { _ = session.next() }
      try session.apply(change)
      return (0..<30).compactMap { _ in session.next()?.metrics.loss }
    }()

    let folder = RunFolder(path: temporaryFolder())
    defer { try? FileManager.default.removeItem(atPath: folder.path) }
    let session = try TrainingSession(.tiny())
    for _ in 0..<10 { _ = session.next() }
    _ = session.snapshot()
    try session.apply(change)
    for _ in 0..<12 { _ = session.next() }
    let recorder = try RunRecorder(RunFolder.create(at: folder.path), for: session)
    try recorder.save(session)

    let log = EventLog()
    let run = TrainingRun { log.add($0) }
    run.start(.tiny(), at: .resume(folder))
    #expect(log.wait { $0.phases.last == .finished })
    run.send(.stop)
    #expect(log.losses == Array(expected.dropFirst(12)))
  }

  @Test("a folder without a checkpoint is refused with a sentence")
  func nothingToResume() {
    let log = EventLog()
    let run = TrainingRun { log.add($0) }
    run.start(.tiny(), at: .resume(RunFolder(path: "/nowhere/run")))
    #expect(
      log.wait { log in
        log.all.contains {
          if case .failed(let text) = $0 { text.hasPrefix("/nowhere/run") } else { false }
        }
      })
  }

  @Test(
    "a change reads back from its text",
    arguments: [
      ParameterChange.learningRate(0.0025),
      .schedule(ScheduleConfiguration(.cosine, timesteps: 321, values: ["s": 0.01])),
      .schedule(ScheduleConfiguration(.logLinear, values: ["sigma_min": 1e-3, "sigma_max": 12])),
    ])
  func changeText(_ change: ParameterChange) {
    let read = ParameterChange(text: change.text)
    #expect(read?.text == change.text)
  }

  @Test("a newer request ends the older one")
  func samplingRequests() throws {
    let weights = try WeightsSnapshot.initial(.tiny())
    func request(_ number: Int) -> SamplingRequest {
      SamplingRequest(
        number: number, weights: weights, schedule: ScheduleConfiguration(.linear),
        sampling: SamplingConfiguration(steps: 1000, count: 2))
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
}
