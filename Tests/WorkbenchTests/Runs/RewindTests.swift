import Foundation
import Synchronization
import Testing

@testable import Diffusion
@testable import Workbench

@Suite("Going back in training")
struct RewindTests {
  /// A run of 12 steps with a checkpoint that was kept after 5.
  private func kept(in parent: String) throws -> RunFolder {
    let folder = RunFolder(path: "\(parent)/first")
    let commands = CommandQueue<RunCommand>()
    try TrainingLoop(
      TrainingJob(recipe: .tiny(steps: 12), place: .folder(folder)), commands: commands
    ) { event in
      if case .step(let report) = event, report.metrics.step == 5 { commands.put(.keep) }
      if case .phase(.finished) = event { commands.put(.stop) }
    }
    .run()
    return folder
  }

  private func checkpoint(_ step: Int, of folder: RunFolder) throws -> KeptCheckpoint {
    try #require(folder.keptCheckpoints().first { $0.step == step })
  }

  @Test("the kept checkpoints are told with their steps, newest first")
  func list() throws {
    try withFolder { parent in
      let folder = try kept(in: parent)
      #expect(folder.keptCheckpoints().map(\.step) == [12, 5])
      try Data("no checkpoint".utf8).write(to: URL(filePath: folder.path + "/step-7.safetensors"))
      #expect(folder.keptCheckpoints().map(\.step) == [12, 5])
    }
  }

  @Test("a fork goes on from the checkpoint bit for bit, and the first run stays as it was")
  func fork() throws {
    try withFolder { parent in
      let folder = try kept(in: parent)
      let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      let before = try files.map { try Data(contentsOf: URL(filePath: "\(folder.path)/\($0)")) }
      let fork = try folder.fork(at: checkpoint(5, of: folder))
      #expect(try fork.history(upTo: .max).map(\.step) == Array(1...5))
      #expect(try fork.checkpoint().parent == folder.path)

      let commands = CommandQueue<RunCommand>()
      let recipe = try fork.currentRecipe()
      try TrainingLoop(
        TrainingJob(recipe: recipe, place: .resume(fork)), commands: commands
      ) { event in
        if case .phase(.finished) = event { commands.put(.stop) }
      }
      .run()
      let losses = try [folder, fork].map { try $0.history(upTo: .max).compactMap(\.loss) }
      #expect(losses[0] == losses[1] && losses[0].count == 12)
      let after = try files.map { try Data(contentsOf: URL(filePath: "\(folder.path)/\($0)")) }
      #expect(before == after)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == files)
    }
  }

  @Test("the chosen checkpoint is found again where training has renamed it, or is gone")
  func replaced() throws {
    try withFolder { parent in
      let folder = try kept(in: parent)
      let chosen = KeptCheckpoint(path: folder.checkpointPath, step: 5, reason: "")
      #expect(try folder.fork(at: chosen).checkpoint().state.step == 5)
      let gone = KeptCheckpoint(path: folder.checkpointPath, step: 9, reason: "")
      #expect(throws: RunError.self) { _ = try folder.fork(at: gone) }
      #expect(try FileManager.default.contentsOfDirectory(atPath: parent).count == 2)
    }
  }

  @Test("training goes on when its steps are raised after its end; the change stays with the run")
  func raised() throws {
    try withFolder { parent in
      let folder = RunFolder(path: "\(parent)/run")
      let commands = CommandQueue<RunCommand>()
      let isRaised = Mutex(false)
      try TrainingLoop(
        TrainingJob(recipe: .tiny(steps: 12), place: .folder(folder)), commands: commands
      ) { event in
        guard case .phase(.finished) = event else { return }
        let wasRaised = isRaised.withLock { raised in
          defer { raised = true }
          return raised
        }
        commands.put(wasRaised ? .stop : .change(.tiny(steps: 15)))
      }
      .run()
      #expect(try folder.checkpoint().state.step == 15)
      #expect(try folder.currentRecipe().training.duration == .steps(15))
      // It is what a run of 15 steps would have been.
      let other = try RunSummaryTests.train(.tiny(steps: 15), as: "other", in: parent)
      let losses = try [folder, other].map { try $0.history(upTo: .max).compactMap(\.loss) }
      #expect(losses[0] == losses[1])
    }
  }

  @Test("fewer steps than are done are refused")
  func lowered() throws {
    let trainer = try RunTrainer(.tiny(steps: 12))
    for _ in 0..<8 { _ = trainer.next() }
    #expect(throws: RunError.self) { _ = try trainer.apply(.tiny(steps: 5)) }
    #expect(trainer.recipe.training.duration == .steps(12))
  }

  @Test("losses by noise level are recorded now and then, and a resumed run has them")
  func levels() throws {
    try withFolder { parent in
      let run = try RunSummaryTests.train(.tiny(steps: 40), as: "run", in: parent)
      let records = try run.history(upTo: .max).filter { $0.levels != nil }
      #expect(records.map(\.step) == [10, 20, 30, 40])
      #expect(records.allSatisfy { $0.levels?.count == FloorRun.groups })
      let history = RunHistory(try run.history(upTo: 25))
      #expect(history.levels.map(\.step) == [10, 20])
      // Weighted by how many samples each had they would be the mean loss; all are near it.
      let losses = records.flatMap { $0.levels ?? [] }.compactMap(\.self)
      #expect(losses.allSatisfy { $0.isFinite && $0 >= 0 } && losses.count > 60)
      // Three digits each: what a record takes is little.
      let line = JSONLines.line(try #require(records.first))
      #expect(line.utf8.count < 600)
    }
  }
}
