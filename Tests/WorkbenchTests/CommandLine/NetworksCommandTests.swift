import Diffusion
import Foundation
import TUI
import Testing

@testable import Workbench

@Suite("The networks command")
struct NetworksCommandTests {
  private static let diffusers = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/diffusers-tiny").path

  private func show(_ arguments: String...) throws -> CommandResult {
    try WorkbenchProgram.start(["networks", "show"] + arguments).finish()
  }

  @Test("every architecture is listed with its standard parameters")
  func list() throws {
    let result = try WorkbenchProgram.run("networks", "list")
    #expect(result.status == 0)
    let names = result.lines.compactMap { $0.split(separator: " ").first.map(String.init) }
    #expect(names == Architectures.names)
    for (name, count) in [
      ("article-unet", "33,078,526"), ("dense", "25,828"), ("smalldiffusion-unet", "4,424,833"),
    ] {
      #expect(result.lines.contains { $0.hasPrefix("\(name) ") && $0.contains(" \(count) ") })
    }
  }

  @Test("every architecture can be shown, in 80 columns", arguments: Architectures.names)
  func everyKind(_ kind: String) throws {
    let options = kind == "unet2d" ? ["--set", "config=\(Self.diffusers)/unet/config.json"] : []
    let result = try WorkbenchProgram.start(["networks", "show", kind] + options).finish()
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.hasPrefix("\(kind), for "))
    #expect(result.lines.allSatisfy { $0.count <= 80 })
    #expect(result.output.contains("\ntrainable "))
    #expect(result.output.contains("\nmultiplications "))
  }

  @Test("a network of text keeps its alphabet at another length")
  func text() throws {
    try withFolder { folder in
      try Data("to be or not to be".utf8).write(to: URL(filePath: "\(folder)/a.txt"))
      try Data(
        """
        [data]
        source = "a.txt"
        window = 8
        [network]
        kind = "transformer"
        width = 16
        depth = 1
        """.utf8
      ).write(to: URL(filePath: "\(folder)/short.toml"))
      func shown(_ options: String...) throws -> CommandResult {
        try WorkbenchProgram.start(["networks", "show", "short.toml"] + options, in: folder)
          .finish()
      }
      // Seven different characters, and the mask.
      func embedding(_ result: CommandResult) -> Substring? {
        result.output.split(separator: "\n").first { $0.contains("TokenEmbedding") }
      }
      let (own, longer) = (try shown(), try shown("--sample", "1x32"))
      #expect(own.status == 0 && longer.status == 0, "\(longer.errors)")
      #expect(embedding(own)?.contains(" 128") == true, "8 × 16")
      #expect(embedding(longer)?.contains(" 128") == true)
      #expect(longer.output.contains("32"))
    }
  }

  @Test("a layer's line has its output, its parameters and its share")
  func table() throws {
    let result = try show("dense")
    #expect(
      result.output == """
        dense, for 100×1

        layer    tensors  output  parameters   share
        Reshape              100
        Linear   net.0       128      12,928  50.0 %
        ReLU                 128
        Linear   net.2       100      12,900  50.0 %
        Reshape            100×1

        trainable        25,828
        multiplications  25,600 per sample, plus additions

        """)
  }

  @Test("frozen numbers and statistics are counted apart")
  func untrained() throws {
    let result = try show("article-unet", "--set", "channels=16")
    #expect(result.lines[1].contains("parameters") && result.lines[1].contains("untrained"))
    #expect(result.lines.contains { $0.hasPrefix("frozen ") && $0.hasSuffix(" 100,000") })
    #expect(result.lines.contains { $0.hasPrefix("statistics ") })
  }

  @Test("a recipe's network is shown for the recipe's data, with overrides")
  func recipe() throws {
    let result = try show("digits", "--set", "network.channels=16", "--set", "blocks=1")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.hasPrefix("unet, for 14×14×1\n"))
    let overrides = try ["network.channels=16", "network.blocks=1"].map {
      try RecipeOverride(set: $0)
    }
    let recipe = try Recipe.load("digits", overrides: overrides)
    let network = try recipe.network.make(for: Shape(1, 14, 14, 1))
    #expect(result.output.contains(" \(Numbers.grouped(network.parameterCount))\n"))
  }

  @Test("a run's folder and its checkpoint are shown as they were trained")
  func run() throws {
    try withFolder { folder in
      let trained = try WorkbenchProgram.run(
        "train", "swissroll", "--steps", "1", "--set", "network.hidden=[5, 6]", "--run-dir",
        "\(folder)/run")
      #expect(trained.status == 0, "\(trained.errors)")
      let expected = try show("mlp", "--set", "hidden=[5, 6]")
      #expect(expected.output.contains("net.2"))
      for source in ["\(folder)/run", "\(folder)/run/checkpoint.safetensors"] {
        let result = try show(source)
        #expect(result.output == expected.output, "\(result.errors)")
      }
    }
  }

  @Test(
    "samples are given channels first",
    arguments: [
      ("3x32x20", "32×20×3"), ("2×22", "22×2"), ("7", "7"),
    ])
  func samples(_ option: String, _ title: String) throws {
    let result = try show("unet", "--sample", option, "--set", "channels=8")
    #expect(result.output.hasPrefix("unet, for \(title)\n"), "\(result.errors)")
  }

  @Test("as JSON, layers add up to the network")
  func json() throws {
    let result = try show("dit", "--set", "depth=1", "--format", "json")
    let json = try JSON(parsing: result.output)
    let layers = try #require(json["layers"]?.array)
    for key in ["trainable", "frozen", "statistics", "multiplications"] {
      #expect(layers.compactMap { $0[key]?.integer }.reduce(0, +) == json[key]?.integer)
    }
    #expect(json["frozen"]?.integer == 14 * 14 * 192)
    #expect(layers.contains { $0["layer"]?.string == "Attention 6 heads" })
    #expect(layers.last?["output"]?.array?.compactMap(\.integer) == [28, 28, 1])
  }

  @Test(
    "what cannot be shown is refused in a sentence",
    arguments: [
      (
        ["show", "digts"], 64,
        "digts: there is no such network, recipe or run; did you mean digits?"
      ),
      (["show", "nosuch.toml"], 64, "there is no such recipe file"),
      (["show", "/"], 1, "/: this folder has no recipe.toml, model_index.json"),
      (["show", "unet2d"], 64, "network.config is missing"),
      (["show", "dit", "--sample", "1x9x9"], 1, "expected square images whose size is a multiple"),
      (
        ["show", "unet", "--sample", "3x0x8"], 64,
        "--sample 3x0x8: expected a shape such as 3x32x32"
      ),
      (["show", "unet", "--sample", "1x2x3x4"], 64, "--sample 1x2x3x4: expected"),
      (["show", "unet", "--set", "training.batch=3"], 64, "expected a key of [network]"),
      (["show", "unet", "--set", "chanels=3"], 64, "did you mean channels?"),
      (
        ["show", "dense", "--sample", "1x1000x1000", "--set", "hidden=8192"], 1,
        "has 16,385,008,192 parameters; expected at most"
      ),
    ] as [([String], Int32, String)])
  func errors(_ arguments: [String], _ status: Int32, _ part: String) throws {
    let result = try WorkbenchProgram.start(["networks"] + arguments).finish()
    #expect(result.status == status)
    #expect(result.output.isEmpty)
    #expect(result.errors.contains(part), "\(result.errors)")
    #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
  }

  @Test("long names lose the middles of their longest parts, numbers stay")
  func shortening() {
    func short(_ width: Int) -> String {
      NetworkTable.shortened("blocks.10.norm1.modulation.proj.1", to: width, at: ".")
    }
    #expect(short(33) == "blocks.10.norm1.modulation.proj.1")
    #expect(short(32) == "blocks.10.norm1.modulat…n.proj.1")
    #expect(short(26) == "blocks.10.norm1.m…n.proj.1")
    for width in 1...33 { #expect(short(width).count == width) }
    #expect(NetworkTable.shortened("ConvTranspose2d 2×2 /2", to: 16, at: " ") == "ConvTra…d 2×2 /2")
  }

  @Test("a narrow terminal shortens names, a wide one shows them whole")
  func widths() throws {
    let summary = Network.smallDiffusionUNet(
      Shape(1, 8, 8, 1),
      SmallDiffusionUNetConfiguration(channels: 32, multipliers: [1, 2], attention: [4])
    ).summary()
    let table = NetworkTable(summary)
    for columns in [60, 80, 120] {
      let lines = table.text(columns: columns).split(separator: "\n")
      #expect(lines.allSatisfy { $0.count <= columns })
      #expect(lines.count == summary.rows.count + 4)
    }
    let wide = table.text(columns: 120)
    #expect(summary.rows.allSatisfy { $0.name.isEmpty || wide.contains($0.name) })
    #expect(!wide.contains("…"))
    #expect(table.text(columns: 60).contains("…"))
  }
}
