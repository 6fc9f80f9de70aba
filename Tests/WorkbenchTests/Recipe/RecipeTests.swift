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

  @Test("a change of one key leaves those alone that a recipe has to have")
  func changes() throws {
    var recipe = Recipe.tiny()
    let source = recipe.data.source
    try recipe.apply("data.validation_interval = 7")
    #expect(recipe.data.validationInterval == 7 && recipe.data.source == source)
  }

  @Test("two values are enough, the rest has defaults")
  func defaults() throws {
    let recipe = try parse()
    #expect(recipe.name == "r")
    #expect(recipe.network == NetworkConfiguration(UNetConfiguration()))
    #expect(recipe.schedule.name == "linear")
    #expect(recipe.schedule.value(of: "beta_end") == .real(0.02))
    #expect(recipe.training.duration == .steps(3000))
    #expect(recipe.training.maximumGradientNorm == 0)
    #expect(recipe.training.optimizer.adam == Adam(.adamw))
  }

  @Test("Adam decays no weights unless it is told to, AdamW does")
  func weightDecay() throws {
    for (kind, standard, other) in [("adam", 0.0, 0.01), ("adamw", 0.01, 0)] {
      func losses(_ line: String) throws -> [Double] {
        let recipe = try Recipe(
          """
          [data]
          source = "swissroll"
          [network]
          kind = "mlp"
          hidden = [4]
          [training]
          batch = 4
          steps = 5
          [optimizer]
          kind = "\(kind)"
          learning_rate = 0.1
          \(line)
          """, name: "r", path: "r.toml")
        return try RunTrainer(recipe).trainer.map(\.loss)
      }
      let unsaid = try losses("")
      #expect(unsaid.count == 5)
      #expect(try losses("weight_decay = \(standard)") == unsaid)
      #expect(try losses("weight_decay = \(other)") != unsaid)
    }
  }

  @Test("whole numbers are good where any number is")
  func wholeNumbers() throws {
    #expect(try parse("[training]\ngradient_clip = 2").training.maximumGradientNorm == 2)
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
    recipe.training.maximumGradientNorm = 1e-7
    recipe.data.classes = name.hasPrefix("digits") ? ["3", "8"] : nil
    recipe.data.range = .unit
    #expect(try Recipe(recipe.text, name: "other", path: "r.toml") == recipe)
  }

  @Test("black and white become the ends of the range that a recipe declares")
  func ranges() throws {
    for (range, expected) in [
      (DataConfiguration.PixelRange.symmetric, -1...1), (.unit, Float(0)...1),
    ] {
      let data = try parse("", "data.range=\(range.rawValue)").data
      let samples = try data.load()
      #expect(samples.range == expected)
      let values = (0..<20).flatMap { samples[$0] }
      #expect(values.min() == expected.lowerBound)
      #expect(values.allSatisfy { expected.contains($0) })
    }
  }

  @Test("every architecture reads back as written", arguments: Architectures.names)
  func networks(_ kind: String) throws {
    let written = Self.changed[kind] ?? ""
    let text = """
      [data]
      source = "digits14"
      [network]
      kind = "\(kind)"
      \(written)
      """
    let recipe = try Recipe(text, name: "r", path: "r.toml")
    #expect(recipe.network.name == kind)
    #expect(try Recipe(recipe.text, name: "r", path: "r.toml") == recipe)
    for line in written.split(separator: "\n") where kind != "unet2d" {
      #expect(recipe.text.contains("\n\(line)\n"), "\(line)")
    }
  }

  /// Values other than the default.
  private static let changed: [String: String] = [
    "unet": "channels = 16\nclasses = 10\nnoise = \"timestep\"",
    "residual-cnn": "channels = 24\nblocks = 3",
    "mlp": "hidden = [3, 4]\nclasses = 2",
    "dense": "hidden = 7",
    "article-unet": "channels = 16\nembedding = \"standard\"",
    "smalldiffusion-unet": "channels = 32\nattention = [7, 14]\ndropout = 0.0",
    "dit": "patch = 7\ndepth = 2\nclasses = 10",
    "unet2d":
      #"config = "{\"block_out_channels\":[32,64],\"down_block_types\":[\"DownBlock2D\",\"AttnDownBlock2D\"],\"up_block_types\":[\"AttnUpBlock2D\",\"UpBlock2D\"]}""#,
    "ncsn": "channels = 8\nnoise_levels = 3",
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
      // Some wait for a file of the user's.
      let own =
        switch entry.name {
        case "shakespeare": ["data.source=words"]
        case "spoken-digits": ["data.source=drums", "network.classes=8"]
        default: [String]()
        }
      let recipe = try Recipe.load(
        entry.path, overrides: own.map { try RecipeOverride(set: $0) })
      let data = try recipe.data.load()
      let network = try recipe.network.make(for: data.format)
      #expect(network.parameterCount > 0)
      let schedule = try recipe.schedule.make()
      #expect(schedule.count == recipe.schedule.timesteps)
      try network.check(schedule, predicting: recipe.objective.parameterization)
    }
  }

  @Test("the descriptions of recipes and comparisons have every key as the program knows it")
  func description() throws {
    let recipes = RecipeKeysCommand.markdown(RecipeSection.all.map { ($0, $0.groups) })
    for (folder, page, tables) in [
      ("recipes", "README.md", recipes),
      ("docs", "comparing.md", RecipeKeysCommand.comparisonMarkdown),
    ] {
      let text = try #require(
        ResourceFolders.existing(folder).lazy
          .compactMap { try? RecipeLibrary.read("\($0)/\(page)") }.first)
      let start = try #require(
        text.firstRange(of: "<!-- keys: made by scripts/update-docs -->\n\n"))
      let end = try #require(text.firstRange(of: "\n<!-- end of keys -->"))
      #expect(text[start.upperBound..<end.lowerBound] == tables, "scripts/update-docs mends it")
    }
  }

  @Test("a recipe of before with the settings of two samplers opens, with those of its own")
  func otherSamplersSettings() throws {
    let text = "[preview]\nsampler = \"ddpm\"\neta = 0.5\nvariance = \"fixed-large\""
    #expect(try parse(text).preview.sampling.sampler.value as? DDPM == DDPM(variance: .fixedLarge))
    // Another sampler from the command line begins with its own defaults.
    let ddim = try parse(text, "preview.sampler=ddim").preview.sampling.sampler.value
    #expect(ddim as? DDIM == DDIM(eta: 0))
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
    #expect(try parse("", " schedule.family = log-linear ").schedule.name == "log-linear")
  }

  @Test("lists are written as in TOML, and class names may be numbers")
  func lists() throws {
    #expect(try parse("", "data.classes=[3, 8]").data.classes == ["3", "8"])
    let network = try parse("", "network.multipliers=[1,2,4]").network
    #expect(network == NetworkConfiguration(UNetConfiguration(multipliers: [1, 2, 4])))
  }

  @Test("the last option of several for one key counts")
  func lastWins() throws {
    #expect(try parse("", "training.batch=3", "training.batch=4").training.batchSize == 4)
  }

  @Test("another kind of network begins with its own defaults")
  func otherNetwork() throws {
    let recipe = try parse("channels = 64\nmultipliers = [1, 2]", "network.kind=mlp")
    #expect(recipe.network.name == "mlp")
  }

  @Test("another schedule begins with its own defaults, but keeps the number of levels")
  func otherSchedule() throws {
    let text = "[schedule]\nfamily = \"linear\"\nbeta_start = 0.3\nbeta_end = 0.4\ntimesteps = 50"
    let schedule = try parse(text, "schedule.family=scaled-linear").schedule
    #expect(schedule.value(of: "beta_start") == .real(8.5e-4))
    #expect(schedule.timesteps == 50)
    let same = try parse(text, "schedule.family=linear").schedule
    #expect(same.value(of: "beta_start") == .real(0.3))
    let silent = text.replacing("family = \"linear\"\n", with: "")
    let standard = try parse(silent, "schedule.family=linear").schedule
    #expect(standard.value(of: "beta_start") == .real(0.3))
  }

  @Test("steps replace epochs, and epochs steps")
  func duration() throws {
    #expect(try parse("[training]\nsteps = 3", "training.epochs=2").training.duration == .epochs(2))
    #expect(try parse("[training]\nepochs = 3", "training.steps=2").training.duration == .steps(2))
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
    #expect(try RunTrainer(recipe).trainer.totalSteps == 10)
    #expect(recipe.text.contains("epochs = 3"))
  }
}

@Suite("Lines of keys")
struct LineTests {
  @Test("are found behind comments, lists and strings of several lines, and in quotes")
  func lines() throws {
    let toml = try TOML(
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
    #expect(toml.line(of: ["name"]) == 2)
    #expect(toml.line(of: ["data"]) == 3)
    #expect(toml.line(of: ["data", "classes"]) == 4)
    #expect(toml.line(of: ["data", "long"]) == 7)
    #expect(toml.line(of: ["data", "quo.ted"]) == 11)
    #expect(toml.line(of: ["net work", "a", "b", "c"]) == 13)
    #expect(toml.line(of: ["list", "d"]) == 15)
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
