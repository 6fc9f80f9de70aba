import Foundation
import Testing

@testable import Diffusion
@testable import Workbench

/// What version 0.1.0 wrote before recipes knew their settings.
@Suite("Files of before")
struct OldFilesTests {
  private let fixture = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/checkpoint-0.1.safetensors").path

  /// The run that wrote the checkpoint: its recipe and what it measured at the end.
  private func withRun(_ body: (RunFolder) throws -> Void) throws {
    try withFolder { folder in
      let run = try RunFolder.create(at: folder + "/run")
      try FileManager.default.copyItem(atPath: fixture, toPath: run.checkpointPath)
      try Checkpoint(contentsOf: fixture).recipe.write(
        toFile: run.recipePath, atomically: true, encoding: .utf8)
      try """
      {"step":61,"loss":1.06,"gradientNorm":0.28,"learningRate":0.001,"averageDecay":0.87,"imagesPerSecond":1470956,"seconds":1.4}
      {"step":61,"change":"schedule cosine timesteps=1000"}
      {"step":61,"change":"learning_rate 0.0011200000000000001"}
      {"step":62,"loss":1.05,"gradientNorm":0.275,"learningRate":0.0011200000000000001,"averageDecay":0.875,"imagesPerSecond":1470956,"seconds":1.5}

      """.write(
        toFile: run.metricsPath, atomically: true, encoding: .utf8)
      try body(run)
    }
  }

  @Test("a checkpoint opens with the changes that were made to its run")
  func opens() throws {
    let model = try Model(contentsOf: fixture)
    #expect(model.step == 62)
    #expect(model.schedule == ScheduleConfiguration(CosineSchedule()))
    #expect(model.architecture == .mlp(4, 4))
    #expect(model.sampling == SamplingConfiguration(DDIM(eta: 0.5), count: 4))
    let recipe = try Checkpoint(contentsOf: fixture).currentRecipe(path: fixture)
    #expect(recipe.training.optimizer.learningRate.base == 0.0011200000000000001)
    #expect(recipe.training.optimizer.adam.variant == .adam)
    #expect(recipe.training.batchSize == 32_768)
  }

  @Test("its run goes on with the losses that the old program would have had")
  func goesOn() throws {
    try withRun { run in
      let result = try WorkbenchProgram.run(
        "train", "--resume", run.path, "--steps", "65", "--format", "json")
      try #require(result.status == 0, "\(result.errors)")
      let losses = try result.lines.map { try JSON(parsing: String($0))["loss"]?.double ?? .nan }
      let expected = [1.0475456233584595, 1.057089731515931, 1.0376894633011138]
      #expect(losses.count == expected.count)
      #expect(zip(losses, expected).allSatisfy { abs($0 - $1) < 1e-5 }, "\(losses)")
    }
  }

  @Test("its charts begin with what it had measured, and mark its changes")
  func charts() throws {
    try withRun { run in
      let recipe = try run.checkpoint().currentRecipe(path: run.path)
      let log = EventLog()
      let job = TrainingJob(recipe: recipe, place: .resume(run))
      let commands = CommandQueue<RunCommand>()
      commands.put(.stop)
      try TrainingLoop(job, commands: commands) { log.add($0) }.run()
      var model = WorkbenchApplication(recipe)
      for event in log.all { _ = model.hear(event) }
      #expect(model.train.history.points.map(\.step) == [61, 62])
      #expect(
        model.train.history.marks == [
          .init(step: 61, label: "cosine"), .init(step: 61, label: "LR 1.12e-3"),
          .init(step: 62, label: "resumed"),
        ])
    }
  }

  @Test("it samples, and its network can be shown")
  func samples() throws {
    try withFolder { folder in
      let sampled = try WorkbenchProgram.run("sample", fixture, "--out", "a.png", in: folder)
      #expect(sampled.status == 0, "\(sampled.errors)")
      #expect(sampled.output.contains("4 samples by DDIM in 20 steps from step 62"))
      let shown = try WorkbenchProgram.run("networks", "show", fixture)
      #expect(shown.output.hasPrefix("mlp, for "), "\(shown.errors)")
    }
  }
}
