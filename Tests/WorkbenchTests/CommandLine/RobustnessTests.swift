import Foundation
import Synchronization
import Testing

@testable import Diffusion
@testable import Workbench

/// Commands under circumstances that nobody wishes for.
@Suite("What happens to a run when something around it breaks")
struct RobustnessTests {
  /// Runs a line of shell in which `$0` is the program; ends it where that takes more than a minute.
  private func shell(_ line: String, in folder: String) throws -> CommandResult {
    try RunningCommand(["-c", line, WorkbenchProgram.path], in: folder, program: "/bin/sh").finish()
  }

  private func records(_ run: String) throws -> [StepRecord] {
    try JSONLines.read("\(run)/metrics.jsonl", as: StepRecord.self)
  }

  @Test("closed standard files get no other file's number")
  func closedOutput() throws {
    try withFolder { folder in
      let result = try shell(
        "exec \"$0\" train swissroll --steps 3 --format json --run-dir run <&- >&- 2>&-", in: folder
      )
      #expect(result.status == 0)
      #expect(try records("\(folder)/run").map(\.step) == [1, 2, 3])
      #expect(try RunFolder(path: "\(folder)/run").checkpoint().state.step == 3)
    }
  }

  @Test(
    "a reader that goes away, and a full disk behind stdout, end a run saved",
    arguments: ["| head -1", "> /dev/full"])
  func brokenOutput(_ output: String) throws {
    guard output.hasPrefix("|") || FileManager.default.fileExists(atPath: "/dev/full") else {
      return
    }
    try withFolder { folder in
      _ = try shell(
        "\"$0\" train swissroll --steps 1000000000 --format json --run-dir run \(output)",
        in: folder)
      // The pipe's end is that of head; the program may still save.
      let deadline = Date() + 20
      let run = RunFolder(path: "\(folder)/run")
      while !run.hasCheckpoint, Date() < deadline { usleep(20_000) }
      #expect(try run.checkpoint().state.step > 0)
    }
  }

  @Test("a name in a recipe can neither leave the folder of runs nor reach the terminal raw")
  func names() throws {
    try withFolder { folder in
      try """
      name = "../../up\\u001b[31m\\u0000end"
      [data]
      source = "swissroll"
      [network]
      kind = "mlp"
      """.write(toFile: "\(folder)/r.toml", atomically: true, encoding: .utf8)
      let result = try WorkbenchProgram.run("train", "./r.toml", "--steps", "1", in: folder)
      #expect(result.status == 0, "\(result.errors)")
      #expect(!result.output.contains("\u{1B}"))
      let runs = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/runs")
      #expect(runs.count == 1)
      #expect(runs.first?.hasPrefix("-.") == true && runs.first?.contains("end-") == true)
    }
  }

  @Test("names become parts of paths that stay where they are")
  func fileNames() {
    #expect(RunFolder.fileName(for: "digits") == "digits")
    #expect(RunFolder.fileName(for: "a/b") == "a-b")
    #expect(RunFolder.fileName(for: "..") == "-.")
    #expect(RunFolder.fileName(for: "") == "run")
    #expect(RunFolder.fileName(for: String(repeating: "ä", count: 500)).utf8.count == 200)
  }

  @Test("JSON and sentences show foreign text as escapes")
  func escapes() throws {
    try withFolder { folder in
      let esc = "bad\u{9B}31m\u{1B}[31m.toml"
      for arguments in [["train", esc], ["data", "show", esc], ["sample", esc, "--out", esc]] {
        let result = try WorkbenchProgram.start(arguments, in: folder).finish()
        #expect(result.status != 0)
        #expect(!(result.output + result.errors).contains("\u{1B}"))
        #expect(!(result.output + result.errors).contains("\u{9B}"))
      }
      let out = "x\u{9B}.png"
      let shown = try WorkbenchProgram.run("data", "show", "swissroll", "--out", out, in: folder)
      #expect(shown.status == 0 && shown.output.contains("x\\u{9b}.png"))
    }
  }

  @Test("an empty name of a folder is refused")
  func emptyFolder() throws {
    try withFolder { folder in
      for option in ["--run-dir", "--resume", "--from"] {
        let result = try WorkbenchProgram.run("train", "swissroll", option, "", in: folder)
        #expect(result.status == 64)
        #expect(result.errors.contains("\(option): expected a path"))
      }
    }
  }

  @Test("a second process at a run is refused with the number of the first")
  func locked() throws {
    try withFolder { folder in
      let first = try WorkbenchProgram.start(
        ["train", "swissroll", "--steps", "1000000000", "--run-dir", "run", "--format", "json"],
        in: folder)
      let deadline = Date() + 20
      while first.outputSoFar.isEmpty, Date() < deadline { usleep(10_000) }
      let number = first.process.processIdentifier
      let second = try WorkbenchProgram.run("train", "swissroll", "--run-dir", "run", in: folder)
      #expect(second.status == 1)
      #expect(second.errors.contains("process \(number) is writing this run"))
      kill(number, SIGKILL)
      _ = try first.finish()
      // What a killed process has locked is free.
      let third = try WorkbenchProgram.run(
        "train", "swissroll", "--steps", "2", "--run-dir", "run", in: folder)
      #expect(third.status == 0, "\(third.errors)")
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/run/.lock"))
    }
  }

  @Test("a damaged line amid the metrics, and what killed writers left, keep no run from going on")
  func damagedMetrics() throws {
    try withFolder { folder in
      _ = try WorkbenchProgram.run(
        "train", "swissroll", "--steps", "4", "--run-dir", "run", in: folder)
      let metrics = "\(folder)/run/metrics.jsonl"
      var lines = try String(contentsOfFile: metrics, encoding: .utf8).split(separator: "\n")
      lines[1] = "{\"step\":2,\u{FFFD}"
      try (lines.joined(separator: "\n") + "\n").write(
        toFile: metrics, atomically: true, encoding: .utf8)
      let partial = "\(folder)/run/.step-3.safetensors.999999999.partial"
      try Data("x".utf8).write(to: URL(filePath: partial))
      let result = try WorkbenchProgram.run(
        "train", "--resume", "run", "--steps", "6", in: folder)
      #expect(result.status == 0, "\(result.errors)")
      #expect(!FileManager.default.fileExists(atPath: partial))
      let left = try JSONLines.read(metrics, as: StepRecord.self, skippingDamage: true)
      #expect(left.map(\.step) == [1, 3, 4, 5, 6])
    }
  }

  @Test("a pipe in place of the metrics is refused, not waited for")
  func pipe() throws {
    try withFolder { folder in
      _ = try WorkbenchProgram.run(
        "train", "swissroll", "--steps", "2", "--run-dir", "run", in: folder)
      let metrics = "\(folder)/run/metrics.jsonl"
      try FileManager.default.removeItem(atPath: metrics)
      #expect(mkfifo(metrics, 0o600) == 0)
      let result = try WorkbenchProgram.run("train", "--resume", "run", "--steps", "3", in: folder)
      #expect(result.status == 1)
      #expect(result.errors.contains("metrics.jsonl"))
    }
  }

  @Test("a run that cannot fit into memory is refused with how much it would take")
  func tooLarge() throws {
    let network = try RunTrainer(.tiny()).trainer.network
    func check(batch: Int, recomputes: Bool = false) throws {
      var training = TrainingConfiguration(batchSize: batch, steps: 1)
      training.recomputes = recomputes
      try MemoryNeed.checkTraining(network, training)
    }
    try check(batch: 64)
    let error = #expect(throws: MemoryNeed.self) { try check(batch: 1 << 40) }
    let inBlocks = #expect(throws: MemoryNeed.self) { try check(batch: 1 << 40, recomputes: true) }
    #expect(error?.description.hasPrefix("this run would take about ") == true)
    #expect(
      error?.description.hasSuffix(
        "expected a smaller network or training.batch, or training.recompute = true") == true)
    #expect(inBlocks?.description.hasSuffix("network or training.batch") == true)
    try withFolder { folder in
      let result = try WorkbenchProgram.run(
        "train", "digits", "--set", "network.channels=512", "--set",
        "network.multipliers=[16, 16]", in: folder)
      #expect(result.status == 1)
      #expect(result.errors.contains("this run would take about "), "\(result.errors)")
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/runs"))
    }
  }

  @Test("samples that cannot fit into memory are refused, with all their frames, too")
  func tooManySamples() throws {
    let model = try Model.initial(.tiny())
    let schedule = try model.schedule.make()
    func need(_ count: Int, guidance: Double = 1, keepsFrames: Bool = false) throws {
      var sampling = SamplingConfiguration(DDIM(steps: 1000), count: count)
      sampling.guidance = guidance
      try MemoryNeed.checkSampling(
        model, model.format.shape, sampling, along: schedule, keepsFrames: keepsFrames)
    }
    try need(1024, keepsFrames: true)
    #expect(throws: MemoryNeed.self) { try need(1 << 40) }
    // A count that just fits does not with guidance, or with frames.
    var fits = 1
    while (try? need(2 * fits)) != nil { fits *= 2 }
    let half = fits / 2
    if (try? need(fits + half)) != nil { fits += half }
    #expect(throws: MemoryNeed.self) { try need(fits, guidance: 2) }
    #expect(throws: MemoryNeed.self) { try need(fits, keepsFrames: true) }

    let sentence = Mutex("")
    let run = SamplingRun(name: "test") {
      if case .failed(_, let text) = $0 { sentence.withLock { $0 = text } }
    }
    run.start(
      SamplingRequest(
        number: 1, model: model, schedule: model.schedule,
        sampling: SamplingConfiguration(DDIM(steps: 5), count: 1 << 40)))
    #expect(run.waitUntilDone(.now() + 20))
    #expect(sentence.withLock { $0 }.hasPrefix("these samples would take about "))
  }
}
