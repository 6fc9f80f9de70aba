import Diffusion
import Foundation
import Testing

@testable import Workbench

@Suite("Training and sampling without a screen")
struct TrainCommandTests {
  private func objects(_ result: CommandResult) throws -> [[String: Any]] {
    try result.lines.map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
  }

  private func losses(_ result: CommandResult) throws -> [Double] {
    try objects(result).compactMap { $0["loss"] as? Double }
  }

  @Test("json is one object a step, and the last one names the run")
  func json() throws {
    try withFolder { folder in
      let result = try WorkbenchProgram.run(
        "train", "swissroll", "--steps", "3", "--format", "json", in: folder)
      #expect(result.status == 0)
      #expect(result.errors.isEmpty)
      let steps = try objects(result)
      #expect(steps.map { $0["step"] as? Int } == [1, 2, 3])
      for step in steps {
        #expect(step["loss"] is Double)
        #expect((step["imagesPerSecond"] as? Double ?? 0) > 0)
      }
      #expect(steps[0]["run"] == nil)
      let run = try #require(steps[2]["run"] as? String)
      for file in ["recipe.toml", "metrics.jsonl", "checkpoint.safetensors"] {
        #expect(FileManager.default.fileExists(atPath: "\(folder)/\(run)/\(file)"))
      }
    }
  }

  @Test("a validation loss is printed, written, and the same in a run that goes on")
  func validation() throws {
    try withFolder { folder in
      let options = ["--set", "data.validation=0.2", "--set", "data.validation_interval=2"]
      func validations(_ result: CommandResult) throws -> [Int: Double] {
        try objects(result).reduce(into: [:]) { found, step in
          if let loss = step["validation"] as? Double { found[step["step"] as? Int ?? 0] = loss }
        }
      }
      func train(_ arguments: String...) throws -> CommandResult {
        try WorkbenchProgram.start(["train", "swissroll"] + arguments + options, in: folder)
          .finish()
      }
      let whole = try train("--steps", "6", "--run-dir", "whole", "--format", "json")
      let expected = try validations(whole)
      #expect(expected.keys.sorted() == [2, 4, 6])
      _ = try train("--steps", "4", "--run-dir", "parts")
      let rest = try WorkbenchProgram.run(
        "train", "--resume", "parts", "--steps", "6", "--format", "json", in: folder)
      #expect(try validations(rest) == [6: expected[6]])
      let written = try ["whole", "parts"].map {
        try JSONLines.read("\(folder)/\($0)/metrics.jsonl", as: StepRecord.self).map(\.validation)
      }
      #expect(written[0] == written[1])
      #expect(written[0].map { $0 != nil } == [false, true, false, true, false, true])
      let text = try train("--steps", "2", "--run-dir", "text")
      #expect(text.output.contains(" more for validation"))
      #expect(text.output.contains("   validation 0.") || text.output.contains("   validation 1."))
    }
  }

  @Test("a run that goes on has the losses of one that never stopped")
  func resume() throws {
    try withFolder { folder in
      let whole = try WorkbenchProgram.run(
        "train", "sine", "--steps", "6", "--run-dir", "whole", "--format", "json", in: folder)
      let start = try WorkbenchProgram.run(
        "train", "sine", "--steps", "3", "--run-dir", "parts", "--format", "json", in: folder)
      let rest = try WorkbenchProgram.run(
        "train", "--resume", "parts", "--steps", "6", "--format", "json", "--threads", "1",
        in: folder)
      #expect(rest.status == 0)
      #expect(try losses(whole).count == 6)
      #expect(try losses(start) + losses(rest) == losses(whole))

      let again = try WorkbenchProgram.run("train", "sine", "--run-dir", "parts", in: folder)
      #expect(again.status == 1)
      #expect(again.errors.contains("resume it with --resume parts"))
      let other = try WorkbenchProgram.run("train", "moons.toml", "--resume", "parts", in: folder)
      #expect(other.status == 64)
      let nothing = try WorkbenchProgram.run("train", "--resume", "parts", in: folder)
      #expect(nothing.status == 0)
      #expect(nothing.output.contains("all 6 steps are already done"))
    }
  }

  @Test("a recipe that is not the run's own does not go on with it")
  func otherRecipe() throws {
    try withFolder { folder in
      _ = try WorkbenchProgram.run(
        "train", "sine", "--steps", "1", "--run-dir", "run", in: folder)
      let other = try WorkbenchProgram.run("train", "swissroll", "--resume", "run", in: folder)
      #expect(other.status == 1)
      #expect(other.errors.contains("run was started from a recipe other than swissroll"))
      let same = try WorkbenchProgram.run(
        "train", "sine", "--steps", "2", "--resume", "run", in: folder)
      #expect(same.status == 0)
    }
  }

  @Test("options end up in the recipe that the run keeps")
  func keptRecipe() throws {
    try withFolder { folder in
      let result = try WorkbenchProgram.run(
        "train", "sine", "--steps", "1", "--seed", "7", "--set", "training.batch=5", "--run-dir",
        "a/b", in: folder)
      #expect(result.status == 0)
      let recipe = try String(contentsOfFile: "\(folder)/a/b/recipe.toml", encoding: .utf8)
      for line in ["steps = 1", "seed = 7", "batch = 5", "name = \"sine\""] {
        #expect(recipe.contains("\n\(line)\n") || recipe.hasPrefix("\(line)\n"), "\(line)")
      }
      #expect(!recipe.contains("epochs"))
    }
  }

  @Test(
    "the first signal saves and ends with 128 more", arguments: [SIGINT, SIGTERM, SIGUSR1, SIGXCPU])
  func signals(_ number: Int32) throws {
    try withFolder { folder in
      let command = try WorkbenchProgram.start(
        ["train", "sine", "--steps", "1000000000", "--run-dir", "run", "--format", "json"],
        in: folder)
      let deadline = Date() + 20
      while command.outputSoFar.isEmpty, Date() < deadline { usleep(10_000) }
      kill(command.process.processIdentifier, number)
      let result = try command.finish()
      #expect(result.status == 128 + number)
      let last = try #require(try objects(result).last)
      #expect(last["run"] as? String == "run")
      let checkpoint = try RunFolder(path: "\(folder)/run").checkpoint()
      #expect(checkpoint.state.step == last["step"] as? Int)
    }
  }

  @Test(
    "samples of any kind become an image, the same for the same seed",
    arguments: [
      // Little noise, so that points that nobody has learned are still in the image.
      ("digits", "training.batch=2"), ("swissroll", "schedule.sigma_max=0.5"),
      ("sine", "training.batch=2"),
    ])
  func sample(_ recipe: String, _ setting: String) throws {
    try withFolder { folder in
      let trained = try WorkbenchProgram.run(
        "train", recipe, "--steps", "1", "--set", setting, "--run-dir", "run", in: folder)
      #expect(trained.status == 0, "\(trained.errors)")
      func draw(_ name: String, _ seed: String) throws -> Data {
        let result = try WorkbenchProgram.run(
          "sample", "run", "--count", "4", "--steps", "2", "--sampler", "ddim", "--eta", "0.5",
          "--seed", seed, "--out", name, in: folder)
        #expect(result.status == 0, "\(result.errors)")
        return try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
      }
      let first = try draw("a.png", "1")
      #expect(try draw("b.png", "1") == first)
      #expect(try draw("c.png", "2") != first)
      #expect(try PNG.read("\(folder)/a.png").width > 100)
    }
  }

  @Test("the memorisation floor is told at the end, and kept with the step after it was known")
  func floor() throws {
    try withFolder { folder in
      // Of one point alone everything is known.
      try "0.5,-0.25\n".write(
        toFile: "\(folder)/point.csv", atomically: true, encoding: .utf8)
      let values = ["data.source=point.csv", "network.hidden=[4]", "training.batch=2"]
      let options =
        ["train", "swissroll", "--steps", "4000"] + values.flatMap { ["--set", $0] } + ["--run-dir"]
      let text = try WorkbenchProgram.start(options + ["text"], in: folder).finish()
      #expect(
        text.output.contains("\nmemorisation floor ")
          && text.output.contains(
            ": no network can have a lower expected loss on the training samples\n"),
        "\(text.output.suffix(500)) \(text.errors)")
      let json = try WorkbenchProgram.start(options + ["json", "--format", "json"], in: folder)
        .finish()
      let last = try #require(try objects(json).last)
      let floor = try #require(last["floor"] as? Double)
      #expect(floor < 1e-9)
      let kept = try JSONLines.read("\(folder)/json/metrics.jsonl", as: StepRecord.self)
        .compactMap(\.floor)
      #expect(kept == [floor])
    }
  }

  @Test("text says where the run is and how it ended")
  func text() throws {
    try withFolder { folder in
      let result = try WorkbenchProgram.run(
        "train", "sine", "--steps", "2", "--run-dir", "run", in: folder)
      #expect(result.output.contains("dense with 25,828 parameters"))
      #expect(result.output.contains("step 2 of 2   loss "))
      #expect(result.output.contains("finished in 0 s"))
      #expect(!result.output.contains("\r"))
    }
  }
}

@Suite("Time left")
struct ProgressLineTests {
  @Test("is told only after ten seconds and ten steps")
  func timeLeft() {
    #expect(ProgressLine.timeLeft(done: 9, of: 100, after: 60) == nil)
    #expect(ProgressLine.timeLeft(done: 50, of: 100, after: 9) == nil)
    #expect(ProgressLine.timeLeft(done: 25, of: 100, after: 10) == 30)
  }
}
