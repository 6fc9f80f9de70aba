import Testing

@testable import Diffusion

@Suite("Settings that fit what is learned")
struct FittingSettingsTests {
  private func recipe(
    _ source: String, _ network: any Architecture, _ schedule: any ScheduleFamily,
    _ objective: any Objective, _ sampler: any Sampler
  ) -> Recipe {
    Recipe(
      name: "x", data: DataConfiguration(source: source), network: NetworkConfiguration(network),
      schedule: ScheduleConfiguration(schedule), objective: ObjectiveConfiguration(objective),
      preview: PreviewConfiguration(SamplingConfiguration(sampler)))
  }

  private var images: Recipe {
    recipe("digits14", UNetConfiguration(), CosineSchedule(), DenoisingObjective(), DDIM())
  }

  private var text: Recipe {
    recipe(
      "words", TextTransformerConfiguration(), MaskingSchedule(), MaskingObjective(),
      FirstHitting())
  }

  private func words(_ recipe: Recipe, _ section: String, _ key: String) throws -> [String] {
    let info = try #require(recipe.setting(RecipeKey(section, key)))
    guard case .word(let choices) = info.allowed else { return [] }
    return choices.map(\.name)
  }

  @Test("of networks, schedules, objectives and samplers only those for the samples are offered")
  func kinds() throws {
    let choosers = [
      ("network", "kind"), ("schedule", "family"), ("objective", "kind"), ("preview", "sampler"),
    ]
    let ofText = try choosers.map { try words(text, $0.0, $0.1) }
    #expect(ofText[...2] == [["transformer"], ["masking"], ["masking"]])
    #expect(ofText[3] == ["first-hitting", "masked-ancestral", "confidence"])
    for ((section, key), forText) in zip(choosers, ofText) {
      let others = try words(images, section, key)
      #expect(!others.isEmpty && Set(others).isDisjoint(with: forText), "\(section).\(key)")
    }
  }

  @Test("keys of text are not offered for images, nor those of images for text")
  func keys() {
    func keys(_ recipe: Recipe) -> Set<String> {
      Set(
        RecipeSection.all.flatMap { section in
          section.values(in: recipe).map { "\(section.name).\($0.info.key)" }
        })
    }
    let (ofImages, ofText) = (keys(images), keys(text))
    let textOnly: Set = ["preview.prompt", "preview.temperature"]
    let neverText: Set = [
      "data.range", "data.classes", "preview.clip", "preview.class", "preview.guidance",
      "preview.threshold", "training.label_dropout", "evaluation.interval",
    ]
    #expect(textOnly.isSubset(of: ofText) && textOnly.isDisjoint(with: ofImages))
    #expect(neverText.isSubset(of: ofImages) && neverText.isDisjoint(with: ofText))
    // Built-in text is already cut into samples.
    for key in ["data.tokens", "data.window", "data.lines", "data.sound", "data.rate"] {
      #expect(!ofImages.contains(key) && !ofText.contains(key), "\(key)")
    }
  }

  @Test("keys step through what fits, and back to it from what does not")
  func stepping() throws {
    let sampler = RecipeKey("preview", "sampler")
    var recipe = text
    var seen: [SettingValue?] = []
    for _ in 0..<3 {
      recipe.step(sampler, by: 1)
      seen.append(recipe.value(of: sampler))
    }
    #expect(
      seen == [.text("masked-ancestral"), .text("confidence"), .text("first-hitting")])
    recipe.step(RecipeKey("schedule", "family"), by: 1)
    #expect(recipe.schedule.name == "masking")
    // Another source: the network of text fits no longer.
    recipe = text
    try recipe.set(RecipeKey("data", "source"), to: .text("digits14"))
    #expect(!recipe.isForText)
    recipe.step(RecipeKey("network", "kind"), by: 1)
    #expect(recipe.network.name == "unet")
    recipe.step(sampler, by: -1)
    #expect(!recipe.preview.sampling.sampler.isForText)
  }

  @Test("how text is cut is a setting of files that may be text alone")
  func files() throws {
    try withTemporaryFolder { folder in try files(in: folder) }
  }

  private func files(in folder: String) throws {
    let prose = "\(folder)/prose.txt"
    try AtomicFile.replace(prose, with: Array("To be, or not to be: that is the question.".utf8))
    var data = DataConfiguration(source: prose)
    #expect(data.isText == true && data.setting("window") != nil)
    try data.set("window", to: .integer(8))
    try data.set("tokens", to: .text("bytes"))
    let loaded = try data.load()
    #expect(loaded.shape == Shape(1, 1, 8, 1) && loaded.text?.unit == .bytes)
    let recipe = Recipe(name: "x", data: data)
    #expect(try Recipe(recipe.text, name: "x", path: "x.toml").data == data)
    data.source = "digits14"
    #expect(data.isText == false && data.setting("window") == nil)
    // What is not there yet may be anything; its network decides.
    #expect(DataConfiguration(source: "\(folder)/none").isText == nil)
    let missing = self.recipe(
      "\(folder)/none", TextTransformerConfiguration(), MaskingSchedule(), MaskingObjective(),
      FirstHitting())
    #expect(missing.isForText && missing.setting(RecipeKey("data", "window")) != nil)
    var image = missing
    image.network = NetworkConfiguration(UNetConfiguration())
    #expect(!image.isForText && image.setting(RecipeKey("data", "window")) == nil)
  }
}
