import Diffusion
import Testing

@testable import Workbench

@Suite("Recipes")
struct RecipeTests {
  private func parse(_ addition: String = "", _ options: String...) throws -> Recipe {
    try Recipe(
      RecipeErrorTests.base + addition, name: "r", path: "r.toml",
      overrides: options.map { try RecipeOverride(set: $0) })
  }

  @Test("two values are enough, the rest has defaults")
  func defaults() throws {
    let recipe = try parse()
    #expect(recipe.name == "r")
    #expect(recipe.network == .unet(UNetConfiguration()))
    #expect(recipe.schedule.family == .linear)
    #expect(recipe.schedule["beta_end"] == 0.02)
    #expect(recipe.duration == .steps(3000))
    #expect(recipe.gradientClip == nil)
    #expect(recipe.optimizer == Adam(.adamw, weightDecay: 0.01))
  }

  @Test("Adam decays no weights unless it is told to, AdamW does")
  func weightDecay() throws {
    #expect(try parse("[optimizer]\nkind = \"adam\"").optimizer.weightDecay == 0)
    #expect(try parse("[optimizer]\nkind = \"adamw\"").optimizer.weightDecay == 0.01)
  }

  @Test("whole numbers are good where any number is")
  func wholeNumbers() throws {
    #expect(try parse("[training]\ngradient_clip = 2").gradientClip == 2)
  }

  @Test(
    "what it writes reads back as the same",
    arguments: ["digits", "digits28", "swissroll", "sine"])
  func roundTrip(_ name: String) throws {
    var recipe = try Recipe.load(name)
    let same = try Recipe(recipe.text, name: "other", path: "r.toml")
    #expect(same == recipe)
    #expect(recipe.name == name)
    recipe.name = "with \"quotes\", \\ and \u{7}"
    recipe.gradientClip = 1e-7
    recipe.data.classes = name.hasPrefix("digits") ? ["3", "8"] : nil
    recipe.data.range = .unit
    #expect(try Recipe(recipe.text, name: "other", path: "r.toml") == recipe)
  }

  @Test("black and white become the ends of the range that a recipe declares")
  func ranges() throws {
    for (range, expected) in [(PictureRange.symmetric, -1...1), (.unit, Float(0)...1)] {
      let data = try parse("", "data.range=\(range.rawValue)").data
      let samples = try data.load()
      #expect(samples.range == expected)
      let values = (0..<20).flatMap { samples[$0] }
      #expect(values.min() == expected.lowerBound)
      #expect(values.allSatisfy { expected.contains($0) })
    }
  }

  @Test("every architecture reads back as written", arguments: NetworkKind.allCases)
  func networks(_ kind: NetworkKind) throws {
    let written = Self.changed[kind] ?? ""
    let text = """
      [data]
      source = "digits14"
      [network]
      kind = "\(kind.rawValue)"
      \(written)
      """
    let recipe = try Recipe(text, name: "r", path: "r.toml")
    #expect(recipe.network.kind == kind)
    #expect(try Recipe(recipe.text, name: "r", path: "r.toml") == recipe)
    #expect(recipe.network.values.map(\.0) == kind.keys)
    for line in written.split(separator: "\n") where kind != .unet2D {
      #expect(recipe.text.contains("\n\(line)\n"), "\(line)")
    }
  }

  /// Values other than the default.
  private static let changed: [NetworkKind: String] = [
    .unet: "channels = 16\nclasses = 10\nnoise = \"timestep\"",
    .residualCNN: "channels = 24\nblocks = 3",
    .mlp: "hidden = [3, 4]\nclasses = 2",
    .dense: "hidden = 7",
    .articleUNet: "channels = 16\nembedding = \"standard\"",
    .smallDiffusionUNet: "channels = 32\nattention = [7, 14]\ndropout = 0.0",
    .dit: "patch = 7\ndepth = 2\nclasses = 10",
    .unet2D:
      #"config = "{\"block_out_channels\":[32,64],\"down_block_types\":[\"DownBlock2D\",\"AttnDownBlock2D\"],\"up_block_types\":[\"AttnUpBlock2D\",\"UpBlock2D\"]}""#,
    .ncsn: "channels = 8\nnoise_levels = 3",
  ]

  @Test("classes are chosen by name or by number, and keep their numbers")
  func classes() throws {
    let text = { (classes: String) in
      "[data]\nsource = \"moons\"\nclasses = \(classes)\n[network]\nkind = \"mlp\""
    }
    for classes in ["[\"lower\"]", "[1]", "[\"1\"]"] {
      let recipe = try Recipe(text(classes), name: "r", path: "r.toml")
      #expect(recipe.data.classes == ["lower"], "\(classes)")
      let data = try recipe.data.load()
      #expect(data.count == 100)
      #expect(Set(data.labels ?? []) == [1])
    }
    // A name that looks like a number is a name first.
    #expect(try parse("", "data.classes=[3, 8]").data.classes == ["3", "8"])
  }

  @Test("every shipped recipe makes a network for its data and a schedule")
  func shipped() throws {
    let names = RecipeLibrary.entries().map(\.name)
    #expect(Set(names).isSuperset(of: ["digits", "digits28", "swissroll", "sine"]))
    for entry in RecipeLibrary.entries() where names.contains(entry.name) {
      #expect(!entry.summary.isEmpty, "\(entry.path) begins with no comment")
      let configuration = try Recipe.load(entry.path).configuration()
      let data = try configuration.data.load()
      let network = try configuration.network.make(for: data.shape)
      #expect(network.parameterCount > 0)
      #expect(try configuration.schedule.make().count == configuration.schedule.timesteps)
      #expect(configuration.training.steps > 0)
    }
  }

  @Test("the description of recipes names every key")
  func description() throws {
    let readme = try #require(
      ResourceFolders.existing("recipes").lazy
        .compactMap { try? RecipeLibrary.read("\($0)/README.md") }.first)
    for section in RecipeSection.allCases {
      #expect(readme.contains("### [\(section.rawValue)]"))
      for key in section.keys { #expect(readme.contains("`\(key)`"), "\(section).\(key)") }
    }
  }
}

@Suite("Options that replace what a recipe says")
struct RecipeOverrideTests {
  private func parse(_ addition: String, _ options: String...) throws -> Recipe {
    try Recipe(
      RecipeErrorTests.base + addition, name: "r", path: "r.toml",
      overrides: options.map { try RecipeOverride(set: $0) })
  }

  @Test("text needs no quotation marks, and may have them")
  func bareWords() throws {
    #expect(try parse("", "data.source=dino").data.source == "dino")
    #expect(try parse("", "data.source=\"dino\"").data.source == "dino")
    #expect(try parse("", " schedule.family = log-linear ").schedule.family == .logLinear)
  }

  @Test("lists are written as in TOML, and class names may be numbers")
  func lists() throws {
    #expect(try parse("", "data.classes=[3, 8]").data.classes == ["3", "8"])
    let network = try parse("", "network.multipliers=[1,2,4]").network
    #expect(network == .unet(UNetConfiguration(multipliers: [1, 2, 4])))
  }

  @Test("the last option of several for one key counts")
  func lastWins() throws {
    #expect(try parse("", "training.batch=3", "training.batch=4").batchSize == 4)
  }

  @Test("another kind of network begins with its own defaults")
  func otherNetwork() throws {
    let recipe = try parse("channels = 64\nmultipliers = [1, 2]", "network.kind=mlp")
    #expect(recipe.network.kind == .mlp)
  }

  @Test("another schedule begins with its own defaults, but keeps the number of levels")
  func otherSchedule() throws {
    let text = "[schedule]\nfamily = \"linear\"\nbeta_start = 0.3\nbeta_end = 0.4\ntimesteps = 50"
    let schedule = try parse(text, "schedule.family=scaled-linear").schedule
    #expect(schedule["beta_start"] == 8.5e-4)
    #expect(schedule.timesteps == 50)
    #expect(try parse(text, "schedule.family=linear").schedule["beta_start"] == 0.3)
  }

  @Test("steps replace epochs, and epochs steps")
  func duration() throws {
    #expect(try parse("[training]\nsteps = 3", "training.epochs=2").duration == .epochs(2))
    #expect(try parse("[training]\nepochs = 3", "training.steps=2").duration == .steps(2))
  }
}

@Suite("Epochs")
struct TrainingDurationTests {
  @Test("an epoch has as many steps as it takes to see every sample")
  func epochs() {
    #expect(TrainingDuration.epochs(1).steps(sampleCount: 100, batchSize: 50) == 2)
    #expect(TrainingDuration.epochs(1).steps(sampleCount: 101, batchSize: 50) == 3)
    #expect(TrainingDuration.epochs(20).steps(sampleCount: 1000, batchSize: 32) == 625)
    #expect(TrainingDuration.epochs(1).steps(sampleCount: 3, batchSize: 500) == 1)
  }

  @Test("a recipe with epochs becomes a run with steps when its data is known")
  func configuration() throws {
    let recipe = try Recipe(
      "[data]\nsource = \"moons\"\n[network]\nkind = \"mlp\"\n[training]\nepochs = 3\nbatch = 64",
      name: "r", path: "r.toml")
    #expect(try recipe.configuration().training.steps == 10)
    #expect(try recipe.configuration().recipeText.contains("epochs = 3"))
  }
}

@Suite("Lines of keys")
struct KeyLinesTests {
  @Test("are found behind comments, lists and strings of several lines, and in quotes")
  func lines() {
    let lines = KeyLines(
      """
      # a comment = 1
      name = "a # b"
      [data] # behind
      classes = [ # list
        "x = 1", ']',
      ]
      long = \"\"\"
      [training]
      batch = "
      \"\"\"
      "quo.ted" = 'a'
      [ "net work" ]
      a.b = { c = 1 }
      [[list]]
      d = 1
      """)
    #expect(lines[["name"]] == 2)
    #expect(lines[["data"]] == 3)
    #expect(lines[["data", "classes"]] == 4)
    #expect(lines[["data", "long"]] == 7)
    #expect(lines[["data", "quo.ted"]] == 11)
    #expect(lines[["net work", "a", "b", "c"]] == 13)
    #expect(lines[["list", "d"]] == 15)
    #expect(lines[["training", "batch"]] == 1)
  }
}

@Suite("Words near to others")
struct WordingTests {
  @Test("letters swapped, added, left out or wrong count one each")
  func distance() {
    #expect(Wording.distance("batch", "bacth") == 1)
    #expect(Wording.distance("batch", "batc") == 1)
    #expect(Wording.distance("batch", "bbatch") == 1)
    #expect(Wording.distance("batch", "match") == 1)
    #expect(Wording.distance("", "abc") == 3)
  }

  @Test("a name that is far from all has no neighbour")
  func nearest() {
    #expect(Wording.nearest(to: "sead", in: ["steps", "seed"]) == "seed")
    #expect(Wording.nearest(to: "q", in: ["steps", "seed"]) == nil)
  }
}
