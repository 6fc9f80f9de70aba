import Foundation
import Synchronization
import TUI
import Testing

@testable import Diffusion
@testable import Workbench

@Suite("Runs whose folder fails them")
struct BrokenDiskTests {
  /// A run in a folder of its own that has begun to train.
  private func withRun(_ body: (TrainingRun, EventLog, _ folder: RunFolder) throws -> Void) throws {
    try withFolder { parent in
      let log = EventLog()
      let run = TrainingRun { log.add($0) }
      let folder = RunFolder(path: parent + "/run")
      let job = TrainingJob(recipe: .tiny(steps: 1_000_000_000), place: .folder(folder))
      run.start(.training(job))
      #expect(log.wait { $0.losses.count >= 3 })
      try body(run, log, folder)
      run.send(.abandon)
      run.waitUntilDone()
    }
  }

  private func sentences(_ log: EventLog) -> [String] {
    log.all.compactMap {
      if case .unwritten(let text) = $0 {
        text
      } else if case .unsaved(let text) = $0 {
        text
      } else {
        nil
      }
    }
  }

  @Test("a folder that goes away makes the run wait; when it is back no step is lost")
  func away() throws {
    try withRun { run, log, folder in
      let elsewhere = folder.path + "-away"
      try FileManager.default.moveItem(atPath: folder.path, toPath: elsewhere)
      #expect(log.wait { !sentences($0).isEmpty && $0.phases.last == .paused })
      #expect(sentences(log).first?.contains(folder.path) == true)
      let count = log.losses.count
      try FileManager.default.moveItem(atPath: elsewhere, toPath: folder.path)
      // By itself, within a second or so.
      #expect(log.wait { $0.losses.count > count })
      run.send(.stop)
      #expect(log.wait { $0.phases.last == .stopped })
      let records = try JSONLines.read(folder.metricsPath, as: StepRecord.self)
      #expect(records.map(\.step) == Array(1...log.losses.count))
      #expect(try folder.checkpoint().state.step == log.losses.count)
    }
  }

  @Test(
    "who leaves while the folder is gone is told, and can save elsewhere with all that was measured"
  )
  func leaving() throws {
    try withRun { run, log, folder in
      run.send(.pause)
      #expect(log.wait { $0.phases.last == .paused })
      try FileManager.default.removeItem(atPath: folder.path)
      run.send(.stop)
      #expect(log.wait { !sentences($0).isEmpty })
      #expect(!log.phases.contains(.stopped))
      let other = RunFolder(path: folder.path + "-rescued/deep")
      run.send(.stopIn(other.path))
      #expect(log.wait { $0.phases.last == .stopped })
      #expect(try other.checkpoint().state.step == log.losses.count)
      let records = try JSONLines.read(other.metricsPath, as: StepRecord.self)
      #expect(records.map(\.step) == Array(1...log.losses.count))
    }
  }

  @Test("the question where to save takes a path, and stays open while nothing is saved")
  func dialog() {
    var application = WorkbenchApplication(.tiny())
    _ = application.hear(.phase(.paused))
    let effects = application.act(.quit)
    #expect(effects.contains { if case .stopAndQuit = $0 { true } else { false } })
    #expect(application.isLeaving)
    _ = application.hear(.unsaved("the disk is full"))
    #expect(application.overlay == .unsaved("the disk is full") && !application.isLeaving)
    for key in "/tmp/x" { _ = application.update(.key(.character(key))) }
    #expect(
      application.answerUnsaved(.enter).commands.contains {
        if case .stopIn("/tmp/x") = $0 { true } else { false }
      })
    #expect(application.isLeaving)
    _ = application.hear(.unsaved("still full"))
    #expect(application.overlay == .unsaved("still full"))
    #expect(application.answerUnsaved(.escape).commands.count == 1)
    #expect(application.overlay == nil && !application.isLeaving)
    _ = application.act(.quit)
    _ = application.hear(.unsaved("still full"))
    #expect(
      application.answerUnsaved(.control("d")).commands.contains {
        if case .abandon = $0 { true } else { false }
      })
    #expect(application.update(.messages([.run(.phase(.stopped), session: 0)])) == .quit)
  }

  @Test("weights and moments that are not finite replace no checkpoint; the one before stays, too")
  func notFinite() throws {
    try withFolder { parent in
      let folder = try RunFolder.create(at: parent + "/run")
      let session = try RunTrainer(.tiny())
      let recorder = try RunRecorder(folder, for: session, keepingUpTo: 0) { _, _ in }
      for _ in 0..<2 {
        _ = session.next()
        try recorder.save(session)
      }
      #expect(try folder.checkpoint().state.step == 2)
      #expect(try Checkpoint(contentsOf: folder.previousPath).state.step == 1)
      _ = session.next()
      var state = session.trainer.state
      var moments = try state.v.tensors()
      moments[0].values[0] = .infinity
      state.v = TensorSource(moments)
      try session.trainer.restore(state)
      #expect(throws: RunError.self) { try recorder.save(session) }
      #expect(try folder.checkpoint().state.step == 2)
      #expect(try Checkpoint(contentsOf: folder.previousPath).state.step == 1)
    }
  }

  @Test("checkpoints that were asked for and could not be written are written later as they were")
  func keptLater() throws {
    try withFolder { parent in
      let folder = try RunFolder.create(at: parent + "/run")
      let session = try RunTrainer(.tiny())
      let said = Mutex<[String]>([])
      let recorder = try RunRecorder(folder, for: session, keepingUpTo: 0) { step, path in
        said.withLock { $0.append("\(step) \(path.split(separator: "/").last ?? "")") }
      }
      // A folder cannot be replaced by a file, so that these two names alone cannot be written.
      let blocked = [1, 2].map { folder.keptCheckpointPath(step: $0) }
      for path in blocked { _ = try RunFolder.create(at: path + "/x") }
      var weights: [[Float]] = []
      for _ in 0..<2 {
        _ = session.next()
        weights.append(session.trainer.rawWeights.values)
        // Training does not wait for the disk: what fails is told with the next one or later.
        try? recorder.keep(session)
      }
      _ = session.next()
      #expect(throws: FileError.self) { try recorder.finish() }
      #expect(throws: FileError.self) { try recorder.repair(session) }
      for path in blocked { try FileManager.default.removeItem(atPath: path) }
      try recorder.repair(session)
      let network = session.trainer.network
      for (step, path) in zip(1..., blocked) {
        let state = try Checkpoint(contentsOf: path).state
        #expect(state.step == step)
        let expected = try network.table.source(Weights(weights[step - 1])).tensors()
        #expect(try state.weights.tensors() == expected)
      }
      #expect(try folder.checkpoint().state.step == 3)
      #expect(
        said.withLock { $0 } == [
          "1 step-1.safetensors", "2 step-2.safetensors", "3 checkpoint.safetensors",
        ])
    }
  }

  @Test("the best checkpoint gets its name once the folder takes it")
  func bestLater() throws {
    try withFolder { parent in
      let folder = try RunFolder.create(at: parent + "/run")
      let session = try RunTrainer(.tiny())
      let recorder = try RunRecorder(folder, for: session, keepingUpTo: 0) { _, _ in }
      _ = session.next()
      _ = try RunFolder.create(at: folder.bestPath + "/x")
      recorder.keepCandidate(session)
      #expect(throws: RunError.self) { try recorder.settle(.staged(step: 1), ofStep: 1) }
      #expect(throws: RunError.self) { try recorder.repair(session) }
      try FileManager.default.removeItem(atPath: folder.bestPath)
      try recorder.repair(session)
      #expect(try Checkpoint(contentsOf: folder.bestPath).state.step == 1)
      #expect(!folder.hasCandidate)
      #expect(try folder.history(upTo: 1).compactMap(\.quality).count == 1)
    }
  }

  @Test("messages that nobody takes are thinned: the newest weights, and no end is lost")
  func thinning() throws {
    let model = try Model.initial(.tiny())
    var messages: [Message] = []
    for step in 1...100 {
      messages.append(.run(.step(.invented(step: step)), session: 0))
      messages.append(.run(.model(model), session: 0))
    }
    messages.append(.run(.phase(.stopped), session: 0))
    let mailbox = Mailbox<Message>(newestOf: \.heavyKind)
    for message in messages { mailbox.post(message) }
    #expect(mailbox.count == 102)
    let left = Message.thinned(messages)
    #expect(left.count { if case .run(.model, _) = $0 { true } else { false } } == 1)
    #expect(left.count { if case .run(.step, _) = $0 { true } else { false } } == 50)
    #expect(left.count { if case .run(.phase(.stopped), _) = $0 { true } else { false } } == 1)
  }
}
