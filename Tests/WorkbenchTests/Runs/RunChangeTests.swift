import Foundation
import Testing

@testable import Diffusion
@testable import Workbench

@Suite("Renaming, deleting and forking runs")
struct RunChangeTests {
  private func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  @Test("a run keeps all its files under another name, and is listed under it")
  func rename() throws {
    try withFolder { parent in
      let run = try RunSummaryTests.train(.tiny(steps: 5), as: "old", in: parent)
      let bytes = try Data(contentsOf: URL(filePath: run.checkpointPath))
      let new = try run.changeName(to: "new")
      #expect(try Data(contentsOf: URL(filePath: new.checkpointPath)) == bytes)
      #expect(RunSummary.all(in: parent).map(\.name) == ["new"])
      #expect(!RunLock.isLeftBehind(in: new))
    }
  }

  @Test("a name that is taken, or none, leaves both runs as they are")
  func taken() throws {
    try withFolder { parent in
      let run = try RunSummaryTests.train(.tiny(steps: 5), as: "a", in: parent)
      try RunSummaryTests.train(.tiny(steps: 6), as: "b", in: parent)
      for name in ["b", "", "..", "x/y", ".x"] {
        #expect(throws: RunError.self) { _ = try run.changeName(to: name) }
      }
      #expect(Set(RunSummary.all(in: parent).map(\.step)) == [5, 6])
    }
  }

  @Test("a run that was interrupted still is under its new name")
  func interrupted() throws {
    try withFolder { parent in
      let run = try RunSummaryTests.train(.tiny(steps: 5), as: "a", in: parent)
      try Data().write(to: URL(filePath: run.path + "/.lock"))
      #expect(RunLock.isLeftBehind(in: try run.changeName(to: "b")))
    }
  }

  @Test("nothing is left of a deleted run, links are not followed")
  func delete() throws {
    try withFolder { parent in
      let run = try RunSummaryTests.train(.tiny(steps: 5), as: "a", in: parent)
      let other = parent + "/other"
      try FileManager.default.createDirectory(
        atPath: run.path + "/deep/er", withIntermediateDirectories: true)
      try Data("x".utf8).write(to: URL(filePath: other))
      try FileManager.default.createSymbolicLink(
        atPath: run.path + "/link", withDestinationPath: other)
      try run.delete()
      #expect(try FileManager.default.contentsOfDirectory(atPath: parent) == ["other"])
    }
  }

  @Test("a run that this process writes is neither renamed nor deleted, and keeps its lock")
  func locked() throws {
    try withFolder { parent in
      let run = try RunSummaryTests.train(.tiny(steps: 5), as: "a", in: parent)
      let lock = try RunLock(run)
      #expect(RunLock.holder(of: run) == Int(getpid()))
      #expect(throws: RunError.self) { _ = try run.changeName(to: "b") }
      #expect(throws: RunError.self) { try run.delete() }
      #expect(exists(run.checkpointPath) && lock.isInPlace)
      #expect(RunLock.holder(of: run) == Int(getpid()))
    }
  }

  @Test("a link to a run is neither renamed nor deleted, nor is the run behind it")
  func link() throws {
    try withFolder { parent in
      let run = try RunSummaryTests.train(.tiny(steps: 5), as: "a", in: parent)
      let link = RunFolder(path: parent + "/link")
      try FileManager.default.createSymbolicLink(
        atPath: link.path, withDestinationPath: run.path)
      #expect(throws: RunError.self) { _ = try link.changeName(to: "b") }
      #expect(throws: RunError.self) { try link.delete() }
      let names = try FileManager.default.contentsOfDirectory(atPath: parent)
      #expect(names.sorted() == ["a", "link"])
      #expect(exists(run.checkpointPath) && !RunLock.isLeftBehind(in: run))
    }
  }

  @Test("slashes at the end of a path make no other folder")
  func slashes() {
    #expect(RunFolder(path: "runs/a//") == RunFolder(path: "runs/a"))
    #expect(RunFolder(path: "runs/a/").parent == "runs")
    #expect(RunFolder(path: "/").path == "/")
  }

  @Test("a fork is a new run with the weights of the first one, which stays as it was")
  func fork() throws {
    try withFolder { parent in
      let run = try RunSummaryTests.train(.tiny(steps: 5), as: "a", in: parent)
      let before = try Data(contentsOf: URL(filePath: run.checkpointPath))
      var draft = RunDraft(reading: run)
      #expect(draft.parentStep == 5 && draft.keepsWeights && draft.changeCount == 0)
      draft.recipe.training.optimizer.learningRate.base = 1e-4
      #expect(draft.changeCount == 1)
      let (subject, recipe) = try Workload.opening(.new(draft.recipe, from: run))
      guard case .training(let job) = subject else {
        Issue.record("expected a run")
        return
      }
      #expect(job.parent == run.path && recipe.training.optimizer.learningRate.base == 1e-4)
      #expect(try Data(contentsOf: URL(filePath: run.checkpointPath)) == before)
    }
  }

  @Test("a fork whose network has other tensors is refused before anything ends for it")
  func otherNetwork() throws {
    try withFolder { parent in
      let run = try RunSummaryTests.train(.tiny(steps: 5), as: "a", in: parent)
      var recipe = try run.currentRecipe()
      recipe.network = .mlp(8, 16)
      #expect(throws: RunError.self) { _ = try Workload.opening(.new(recipe, from: run)) }
      #expect(throws: Never.self) { _ = try Workload.opening(.new(recipe, from: nil)) }
    }
  }
}
