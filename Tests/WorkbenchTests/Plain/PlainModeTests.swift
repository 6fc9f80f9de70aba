import Foundation
import Testing

@testable import Diffusion
@testable import Workbench

/// The built program in plain mode, with its commands from a file.
@Suite("Plain mode, end to end", .serialized)
struct PlainModeTests {
  private func run(
    _ commands: [String], _ arguments: [String], in folder: String,
    environment: [String: String] = [:]
  ) throws -> CommandResult {
    try RunningCommand(
      ["--plain"] + arguments, in: folder, input: commands.joined(separator: "\n") + "\n",
      environment: environment.merging(["XDG_CONFIG_HOME": folder + "/config"]) { first, _ in first
      }
    ).finish()
  }

  private static let points = ["swissroll", "--run-dir", "run", "--steps", "1000000"]

  /// Whether it is text in lines and nothing else.
  private func expectText(_ result: CommandResult) {
    let strange = (result.output + result.errors).unicodeScalars.filter {
      $0.value < 0x20 && $0 != "\n" || (0x7F..<0xA0).contains($0.value)
    }
    #expect(strange.isEmpty, "control characters: \(Set(strange.map(\.value)))")
  }

  @Test("commands train, look at everything, sample, change settings and quit, in lines of text")
  func wholeSession() throws {
    try withFolder { folder in
      let result = try run(
        [
          "wait step 60", "status", "losses 3", "levels 4", "bits", "layers", "quality", "settings",
          "set optimizer.learning_rate 5e-4", "wait step 70", "pause", "save", "sample", "frames 3",
          "frame first", "show 2 x_0", "describe 2", "set steps 5", "schedule 3",
          "schedule compare",
          "set schedule.timesteps 150", "schedule train", "visits", "schedule use", "ab 3",
          "set B.sampler heun", "runs", "log 5", "step", "quit",
        ], Self.points, in: folder)
      #expect(result.status == 0, "\(result.errors)")
      expectText(result)
      for mark in [
        "plain mode", "swissroll: mlp with", "training, step 6", "of 1,000,000", "steps/s",
        "loss of the last step", "gradient norm", "learning rate 1e-3", "samples/s", "smoothed",
        "memorisation floor", "highest loss: t ", "as measured at step 50", "change per step",
        "first evaluation", "optimizer.learning_rate = 1e-3", "sampler = ddim",
        "optimizer.learning_rate = 5e-4", "training paused after step", "checkpoint at step",
        "frames with ddim", "frame 0 of 20: t 199, sigma/alpha", "predicted x_0 mean",
        "x_0 at frame 0:",
        "nearest training sample: number", "frames with ddim, 5 steps", "alpha-bar", "cosine: 1",
        "schedule.timesteps = 150", "training with the log-linear schedule from step",
        "ddim in 5 steps:", "sampling with the log-linear schedule", "A: ddim, 5 steps",
        "x_t differ by RMS", "B: heun", "paused, step", "saved at step",
        "resume it with workbench --resume",
      ] {
        #expect(result.output.contains(mark), "\(mark) is missing in\n\(result.output)")
      }
      let left = try RunFolder(path: folder + "/run").checkpoint()
      #expect(left.state.step > 70 && left.changes.count == 2)
    }
  }

  @Test("the end of the input saves the run and ends the program")
  func endOfInput() throws {
    try withFolder { folder in
      let result = try run(["wait step 5"], Self.points, in: folder)
      #expect(result.status == 0)
      #expect(try RunFolder(path: folder + "/run").checkpoint().state.step >= 5)
      #expect(result.lines.last?.hasPrefix("resume it with") == true, "\(result.output)")
    }
  }

  @Test(
    "runs are listed, opened, resumed, forked, renamed, compared, and deleted after a typed yes")
  func runs() throws {
    try withFolder { folder in
      func names() -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder + "/runs")) ?? []).sorted()
      }
      _ = try WorkbenchProgram.run(
        "train", "sine", "--steps", "3", "--run-dir", "runs/one", in: folder)
      let result = try run(
        [
          "start swissroll", "wait step 5", "open one", "resume one", "set training.steps 9",
          "resume",
          "wait step 9", "fork one optimizer.learning_rate=3e-4 weights=new", "wait step 2",
          "rename one first", "open first", "runs", "delete nobody", "delete first", "start sine",
          "wait step 1",
          "delete first", "no", "delete first", "yes", "start nothing",
        ], ["sine", "--run-dir", "runs/zero"], in: folder)
      #expect(result.status == 0, "\(result.errors)")
      expectText(result)
      for mark in [
        "renamed to first", "first: step 9 of", "there is no run “nobody”",
        "is the run that is open",
        "Type yes to delete it", "left as it is", "runs/first is deleted",
        "there is no such recipe",
      ] {
        #expect(result.output.contains(mark), "\(mark) is missing in\n\(result.output)")
      }
      #expect(!names().contains("one") && !names().contains("first"))
      #expect(names().count >= 4)
    }
  }

  @Test("what cannot be is told in a sentence, and the program goes on")
  func mistakes() throws {
    try withFolder { folder in
      let result = try run(
        [
          "statsu", "set", "set optimizer.learning_rat 1", "set optimizer.learning_rate fast",
          "set sampler oil", "frame 3", "wait long", "levels 0", "", "# a comment", "open",
          "every 0",
          "help set", "help",
        ], Self.points, in: folder)
      #expect(result.status == 0)
      for mark in [
        "there is no command “statsu”; did you mean status?", "set: expected a key and a value",
        "did you mean optimizer.learning_rate?", "“fast” is not a number",
        "“oil” is not one of ddim, ddpm", "no samples yet; sample draws some",
        "wait: expected a number",
        "“0”: expected a whole number from 1 to", "expected the name of a run",
        "0 is not a whole number from 1 to 86400",
        "set KEY VALUE: change a setting", "delete RUN: delete a run, after asking",
      ] {
        #expect(result.output.contains(mark), "\(mark) is missing in\n\(result.output)")
      }
    }
  }

  @Test("images are shown in characters, and all text is ASCII where the locale is")
  func images() throws {
    try withFolder { folder in
      let result = try run(
        ["wait step 1", "pause", "set steps 2", "sample", "show 1 x_0", "quit"],
        ["digits", "--run-dir", "run"], in: folder, environment: ["LC_ALL": "C", "LANG": "C"])
      expectText(result)
      let strange = result.output.filter { !$0.isASCII }
      #expect(strange.isEmpty)
      let lines = result.lines.drop { !$0.hasPrefix("sample 1 of") }.dropFirst().prefix(7)
      let widest = lines.map(\.count).max() ?? 0
      #expect(lines.count == 7 && widest <= 14)
      #expect(Set(lines.joined()).count > 3, "\(lines)")
    }
  }

  @Test("a signal saves the run and ends with its number")
  func interrupted() throws {
    try withFolder { folder in
      let command = try RunningCommand(
        ["--plain"] + Self.points, in: folder, input: "wait 100\n",
        environment: ["XDG_CONFIG_HOME": folder + "/config"])
      let end = Date.now + 30
      while !command.outputSoFar.contains("training, step"), Date.now < end { usleep(20_000) }
      kill(command.process.processIdentifier, SIGINT)
      let result = try command.finish()
      #expect(result.status == 130)
      #expect(result.output.contains("saved at step"))
    }
  }

  @Test("where the terminal is dumb, the program is plain by itself, and Ctrl-D ends it")
  func dumbTerminal() throws {
    guard Tmux.isInstalled else {
      Issue.record("tmux is missing, so the program was not tried in a terminal")
      return
    }
    try withFolder { folder in
      let terminal = try Tmux(in: folder)
      defer { terminal.kill() }
      try terminal.command(
        "TERM=dumb \"$WORKBENCH\" \(Self.points.joined(separator: " ")) | tee out")
      try terminal.wait("the screens need a terminal")
      try terminal.command("clear; TERM=dumb \"$WORKBENCH\" \(Self.points.joined(separator: " "))")
      try terminal.wait("plain mode", "of 1,000,000, loss")
      try terminal.command("status")
      try terminal.wait("learning rate")
      try terminal.press("C-d")
      try terminal.wait("saved at step", "ready>")
    }
  }
}
