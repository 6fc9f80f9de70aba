import Diffusion
import Foundation
import Testing

@testable import Workbench

@Suite("Commands that only look")
struct LookingCommandTests {
  @Test(
    "help is there for every command",
    arguments: [
      [], ["open"], ["train"], ["sample"], ["schedule"],
      ["plot"], ["plot", "schedule"], ["plot", "forward"], ["plot", "trajectory"],
      ["plot", "loss"], ["plot", "growth"], ["bench"], ["doctor"], ["data"], ["data", "show"],
      ["list"], ["networks"], ["networks", "list"], ["networks", "show"], ["export"], ["recipe"],
      ["recipe", "keys"],
    ])
  func help(_ command: [String]) throws {
    let result = try WorkbenchProgram.start(command + ["--help"]).finish()
    #expect(result.status == 0)
    #expect(result.output.contains("USAGE: workbench"))
    #expect(result.errors.isEmpty)
  }

  @Test("the version is there for every command", arguments: [[], ["train"], ["list"]])
  func version(_ command: [String]) throws {
    let result = try WorkbenchProgram.start(command + ["--version"]).finish()
    #expect(result.status == 0)
    #expect(result.output == "\(WorkbenchMain.title)\n")
  }

  @Test(
    "errors are one sentence on standard error, and 64 where something was typed wrong",
    arguments: [
      ([], 64, "the screens need a terminal"),
      (["trian"], 64, "did you mean train?"),
      (["train"], 64, "which recipe?"),
      (["train", "digts"], 64, "did you mean digits?"),
      (["train", "digits", "--set", "training.bacth=3"], 64, "did you mean batch?"),
      (["train", "digits", "--steps", "0"], 64, "--steps 0: training.steps is “0”; expected"),
      (["train", "digits", "--steps", "many"], 64, "many"),
      (["train", "digits", "--frobnicate"], 64, "--frobnicate"),
      (["train", "digits", "--threads", "0"], 64, "--threads 0: expected 1 to 1024"),
      (["train", "/no/such.toml"], 64, "/no/such.toml: there is no such recipe file"),
      (["train", "--resume", "/no/such/run"], 1, "/no/such/run: has no checkpoint"),
      (["sample", "/no/such/run", "--out", "a.png"], 1, "/no/such/run"),
      (["schedule", "quadratic"], 64, "scaled-linear"),
      (["schedule", "linear", "--set", "s=1"], 64, "schedule.s does not apply to"),
      (["schedule", "linear", "--timesteps", "1"], 64, "from 2 to 10000"),
      (["data", "show", "/no/such/file"], 1, "/no/such/file: is neither a file nor one of"),
      (
        ["list", "colours"], 64,
        "recipes, comparisons, networks, schedules, samplers, objectives, data, themes"
      ),
    ] as [([String], Int32, String)])
  func errors(_ arguments: [String], _ status: Int32, _ part: String) throws {
    let result = try WorkbenchProgram.start(arguments).finish()
    #expect(result.status == status)
    #expect(result.output.isEmpty)
    #expect(result.errors.hasPrefix("workbench: "))
    #expect(result.errors.contains(part), "\(result.errors)")
    #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
  }

  @Test("control characters of what was typed do not reach the terminal")
  func escapes() throws {
    let result = try WorkbenchProgram.run("data", "show", "\u{1B}]0;owned\u{7}")
    #expect(!result.errors.contains("\u{1B}"))
    #expect(result.errors.contains("\\u{1b}]0;owned"))
  }

  @Test("a schedule as csv has every level with every digit")
  func csv() throws {
    let result = try WorkbenchProgram.run(
      "schedule", "linear", "--timesteps", "50", "--set", "beta_end=0.03", "--format", "csv")
    let schedule = Schedule.linear(timesteps: 50, betaEnd: 0.03)
    #expect(result.status == 0)
    #expect(result.lines.first == "t,beta,alpha_bar,sigma,snr")
    try #require(result.lines.count == 51)
    for (t, line) in result.lines.dropFirst().enumerated() {
      let numbers = line.split(separator: ",").map { Double($0) }
      #expect(
        numbers == [
          Double(t), schedule.betas[t], schedule.alphaBars[t], schedule.sigmas[t],
          schedule.snrs[t],
        ])
    }
  }

  @Test("a schedule whose last level holds signal warns beside its numbers")
  func signalAtTheEnd() throws {
    let result = try WorkbenchProgram.start(["schedule", "linear", "--timesteps", "50"]).finish()
    #expect(result.status == 0 && !result.output.isEmpty)
    #expect(result.errors.contains("the terminal SNR is 1.8 dB"), "\(result.errors)")
    let noise = try WorkbenchProgram.start(["schedule", "linear"]).finish()
    #expect(noise.errors.isEmpty, "\(noise.errors)")
  }

  @Test("a schedule as json is a list of objects")
  func json() throws {
    let result = try WorkbenchProgram.run(
      "schedule", "log-linear", "--timesteps", "3", "--format", "json")
    let rows = try #require(
      try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [[String: Double]])
    #expect(rows.map { $0["t"] } == [0, 1, 2])
    #expect(rows.allSatisfy { Set($0.keys) == ["t", "beta", "alpha_bar", "sigma", "snr"] })
    for sigma in Schedule.logLinear(timesteps: 3).sigmas {
      #expect(result.output.contains("\"sigma\":\(sigma),"))
    }
  }

  @Test("a schedule as a table is aligned")
  func table() throws {
    let result = try WorkbenchProgram.run("schedule", "cosine", "--timesteps", "12")
    #expect(result.lines.count == 13)
    #expect(Set(result.lines.map(\.count)).count == 1)
  }

  @Test(
    "lists name what there is",
    arguments: [
      ("recipes", ["digits", "digits28", "sine", "swissroll"]),
      ("networks", ["unet", "mlp", "dense"]),
      ("schedules", Schedules.names),
      ("samplers", Samplers.names), ("objectives", Objectives.names),
      ("themes", ["dark", "light", "colorblind", "mono"]),
      ("data", DataCatalog.all.map(\.name)),
    ])
  func lists(_ subject: String, _ names: [String]) throws {
    let result = try WorkbenchProgram.run("list", subject)
    #expect(result.status == 0)
    let found = result.lines.compactMap { $0.split(separator: " ").first.map(String.init) }
    #expect(Set(found).isSuperset(of: names))
  }

  @Test("samplers are listed with their network evaluations")
  func evaluations() throws {
    let result = try WorkbenchProgram.run("list", "samplers")
    for (name, count) in [("ddim", "20"), ("heun", "39"), ("plms", "21"), ("langevin", "2,001")] {
      let line = try #require(result.lines.first { $0.hasPrefix("\(name) ") })
      #expect(line.hasSuffix(" \(count) evaluations in 20 steps."), "\(line)")
    }
    #expect(result.lines.allSatisfy { $0.hasSuffix(" evaluations in 20 steps.") })
  }

  @Test("recipes are found beside the program, wherever it is started")
  func elsewhere() throws {
    let result = try WorkbenchProgram.run("list", "recipes", in: "/")
    #expect(result.output.contains("digits28"))
  }

  @Test("a data set is described and shown, without colours where there is no terminal")
  func data() throws {
    let result = try WorkbenchProgram.run("data", "show", "digits14")
    #expect(result.status == 0)
    #expect(result.output.contains("5,000 images of 14×14, grey"))
    #expect(result.output.contains("−1 to 1 declared, −1 to 1 found"))
    #expect(result.output.contains("10 classes"))
    #expect(result.output.contains("  7  500  "))
    #expect(result.output.contains("%"))
    #expect(!result.output.contains("\u{1B}"))
  }

  @Test("points and signals can be shown as well", arguments: ["dino", "sine"])
  func plots(_ name: String) throws {
    let result = try WorkbenchProgram.run("data", "show", name)
    #expect(result.status == 0)
    #expect(result.output.contains("+"))
  }

  @Test("text and sound are shown in the form that options ask for; others are refused")
  func forms() throws {
    try withFolder { folder in
      try Data("to be\nor not\n".utf8).write(to: URL(filePath: "\(folder)/a.txt"))
      let lines = try WorkbenchProgram.run(
        "data", "show", "a.txt", "--lines", "true", "--window", "8", in: folder)
      #expect(lines.status == 0 && lines.output.contains("2 texts of 8 characters"))
      let bytes = try WorkbenchProgram.run(
        "data", "show", "a.txt", "--tokens", "bytes", "--window", "4", in: folder)
      #expect(bytes.status == 0 && bytes.output.contains("texts of 4 bytes"))
    }
    let mel = try WorkbenchProgram.run(
      "data", "show", "drums", "--sound", "log-mel", "--bands", "16", "--rate", "4000", "--length",
      "2048")
    #expect(mel.status == 0 && mel.output.contains("log-mel spectrograms of 16 bands"))
    #expect(mel.output.contains("2048 values at 4000 Hz"))
    let refused = try WorkbenchProgram.run("data", "show", "digits14", "--window", "8")
    #expect(refused.status == 64)
    #expect(
      refused.errors.contains("--window 8: data.window does not apply to source “digits14”"))
  }

  @Test("data can be written as an image")
  func image() throws {
    try withFolder { folder in
      let result = try WorkbenchProgram.run(
        "data", "show", "digits28", "--count", "9", "--out", "grid.png", in: folder)
      #expect(result.status == 0)
      let image = try PNG.read("\(folder)/grid.png")
      // Three rows of three, each point two wide, two between.
      #expect(image.width == 2 + 3 * (2 * 28 + 2))
      #expect(image.height == image.width)
    }
  }
}
