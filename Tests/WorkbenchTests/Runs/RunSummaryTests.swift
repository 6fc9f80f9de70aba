import Foundation
import Testing

@testable import Diffusion
@testable import Workbench

@Suite("Lists of runs")
struct RunSummaryTests {
  /// Trains a few steps in a folder of its own under `parent`.
  @discardableResult
  static func train(_ recipe: Recipe, as name: String, in parent: String) throws -> RunFolder {
    let folder = RunFolder(path: "\(parent)/\(name)")
    let commands = CommandQueue<RunCommand>()
    let job = TrainingJob(recipe: recipe, place: .folder(folder))
    try TrainingLoop(job, commands: commands) { event in
      if case .phase(.finished) = event { commands.put(.stop) }
    }
    .run()
    return folder
  }

  /// Sets when the files of a run were written.
  static func date(_ folder: RunFolder, _ seconds: Double) throws {
    for path in [folder.recipePath, folder.metricsPath, folder.checkpointPath]
    where FileManager.default.fileExists(atPath: path) {
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: seconds)], ofItemAtPath: path)
    }
  }

  @Test("a run is listed with its recipe, steps, loss and time, the newest first")
  func list() throws {
    try withFolder { parent in
      for (name, steps, time) in [("old", 12, 1e9), ("new", 5, 2e9), ("middle", 7, 1.5e9)] {
        try Self.date(try Self.train(.tiny(steps: steps), as: name, in: parent), time)
      }
      try FileManager.default.createDirectory(
        atPath: parent + "/no-run", withIntermediateDirectories: true)
      let runs = RunSummary.all(in: parent)
      #expect(runs.map(\.name) == ["new", "middle", "old"])
      #expect(runs.map(\.step) == [5, 7, 12])
      #expect(runs.map(\.totalSteps) == [5, 7, 12])
      #expect(runs.allSatisfy { $0.recipe == "tiny" && $0.data == "swissroll" })
      #expect(runs.allSatisfy { $0.network == "mlp" && $0.hasCheckpoint && $0.problem == nil })
      let records = try RunFolder(path: parent + "/old").history(upTo: .max)
      #expect(runs[2].loss == records.last?.loss)
      #expect(runs[2].seconds == records.last?.seconds)
    }
  }

  @Test("there are no runs where there is no folder")
  func nothing() throws {
    try withFolder { #expect(RunSummary.all(in: $0 + "/runs").isEmpty) }
  }

  @Test("what is wrong with a run is said of that run alone")
  func damaged() throws {
    try withFolder { parent in
      for name in ["whole", "cut", "no-safetensors", "no-recipe", "bad-metrics", "unsaved"] {
        try Self.train(.tiny(steps: 5), as: name, in: parent)
      }
      func folder(_ name: String) -> RunFolder { RunFolder(path: "\(parent)/\(name)") }
      let bytes = try Data(contentsOf: URL(filePath: folder("cut").checkpointPath))
      try bytes.dropLast(10).write(to: URL(filePath: folder("cut").checkpointPath))
      try Data("not one".utf8).write(to: URL(filePath: folder("no-safetensors").checkpointPath))
      try Data([0xFF, 0xFE]).write(to: URL(filePath: folder("no-recipe").recipePath))
      try Data("{}\n{\"step\":\n".utf8).write(to: URL(filePath: folder("bad-metrics").metricsPath))
      try FileManager.default.removeItem(atPath: folder("unsaved").checkpointPath)

      let runs = Dictionary(
        uniqueKeysWithValues: RunSummary.all(in: parent).map { ($0.name, $0) })
      #expect(runs.count == 6)
      #expect(runs["whole"]?.problem == nil)
      // Damaged metrics harm no checkpoint.
      #expect(runs["bad-metrics"]?.problem == nil)
      // A run that was not saved yet is not damaged.
      #expect(runs["unsaved"]?.problem == nil && runs["unsaved"]?.hasCheckpoint == false)
      for (name, part) in [
        ("cut", "bytes of data, but its tensors end at"), ("no-safetensors", "is 7 bytes long"),
        ("no-recipe", "a recipe must be UTF-8 text"),
      ] {
        #expect(runs[name]?.problem?.contains(part) == true, "\(name): \(runs[name] as Any)")
      }
    }
  }

  @Test("opening a run to look at it changes none of its files")
  func looking() throws {
    try withFolder { parent in
      let folder = try Self.train(.tiny(steps: 12), as: "run", in: parent)
      // What was measured after the checkpoint is lost only when the run goes on.
      let handle = try #require(FileHandle(forWritingAtPath: folder.metricsPath))
      try handle.seekToEnd()
      try handle.write(contentsOf: Data("{\"loss\":1,\"step\":13}\n".utf8))
      try handle.close()
      func contents() throws -> [Data] {
        try [folder.recipePath, folder.metricsPath, folder.checkpointPath].map {
          try Data(contentsOf: URL(filePath: $0))
        }
      }
      let before = try contents()
      let (subject, recipe) = try Workload.opening(.run(folder))
      let log = EventLog()
      let run = TrainingRun { log.add($0) }
      run.start(subject)
      #expect(log.wait { $0.phases.last == .paused })
      run.send(.snapshot)
      run.send(.stop)
      #expect(log.wait { $0.phases.last == .stopped })
      #expect(try contents() == before)

      var application = WorkbenchApplication(recipe)
      for event in log.all { _ = application.hear(event) }
      #expect(application.train.history.points.map(\.step) == Array(1...12))
      #expect(application.session.model?.step == 12)
    }
  }

  @Test("a run whose data is gone shows its history and its samples, and says why it cannot go on")
  func dataGone() throws {
    try withFolder { parent in
      let data = parent + "/points.csv"
      let points = (0..<40).map { "\(Double($0) / 40),\(Double($0 % 7) / 7)" }
      try points.joined(separator: "\n").write(toFile: data, atomically: true, encoding: .utf8)
      var recipe = Recipe.tiny(steps: 5)
      recipe.data = DataConfiguration(source: data)
      let folder = try Self.train(recipe, as: "run", in: parent)
      try FileManager.default.removeItem(atPath: data)
      let log = EventLog()
      let run = TrainingRun { log.add($0) }
      run.start(try Workload.opening(.run(folder)).0)
      #expect(log.wait { $0.phases.last == .finished })
      let facts = log.all.compactMap { if case .started(let facts) = $0 { facts } else { nil } }
      #expect(facts.first?.history.count == 5)
      #expect(facts.first?.problem?.contains("points.csv") == true)
      run.send(.stop)
      #expect(log.wait { $0.phases.last == .stopped })
    }
  }
}
