import Diffusion
import Testing

@testable import Workbench

@Suite("Comparisons")
struct ComparisonTests {
  private func read(_ text: String) throws -> Comparison {
    try Comparison(text, name: "x", path: "x.toml", options: [], overrides: [])
  }

  @Test("a file's sections are the entries, in its order, each with what all of them begin with")
  func file() throws {
    let comparison = try read(
      """
      recipe = "swissroll"
      steps = 7
      set = ["training.batch=5"]

      [zeta]
      set = ["network.hidden=[8]"]

      [alpha]
      recipe = "sine"
      weights = "raw"

      [mid]
      """)
    #expect(comparison.entries.map(\.name) == ["zeta", "alpha", "mid"])
    #expect(comparison.entries.map(\.recipe.data.source) == ["swissroll", "sine", "swissroll"])
    #expect(comparison.entries.map(\.recipe.training.batchSize) == [5, 5, 5])
    #expect(comparison.entries.map(\.weights) == [.averaged, .raw, .averaged])
    #expect(comparison.settings.budget == .steps(7))
    let hidden = comparison.entries.map {
      $0.recipe.value(of: RecipeKey("network", "hidden"))
    }
    #expect(hidden[0] == .list([.integer(8)]) && hidden[2] != hidden[0])
  }

  @Test(
    "errors name the line",
    arguments: [
      ("steps = 0\n[a]\nrecipe = \"sine\"", "x.toml:1: steps is 0; expected a whole number from 1"),
      ("step = 5\n[a]\nrecipe = \"sine\"", "x.toml:1: there is no key step; did you mean steps?"),
      ("[a]\nrecipe = \"sine\"\n\n[b]", "x.toml:4: [b] has no recipe"),
      ("[a]\nrecipe = \"sine\"\nsamples = 5", "x.toml:3: there is no key samples"),
      (
        "[a]\nrecipe = \"sine\"\nset = [\"training.bach=5\"]",
        "x.toml:3: set training.bach=5: there is no key"
      ),
      ("[a]\nrecipe = 5", "x.toml:2: recipe is 5; expected a recipe's name"),
      ("steps = 5\nseconds = 5\n[a]\nrecipe = \"sine\"", "x.toml:1: has both steps and seconds"),
      ("steps = 5", "x.toml: has no entries"),
      ("[a\n", "x.toml:1: is not valid TOML"),
    ])
  func errors(_ text: String, _ sentence: String) {
    #expect {
      try read(text)
    } throws: {
      "\($0)".hasPrefix(sentence)
    }
  }

  @Test("every shipped comparison can be carried out, and says how long it takes")
  func shipped() throws {
    let entries = RecipeLibrary.entries(.comparison)
    #expect(
      Set(entries.map(\.name)).isSuperset(
        of: ["networks", "schedules", "predictions", "weights", "samplers", "denoising"]))
    for entry in entries {
      let comparison = try Comparison(
        RecipeLibrary.read(entry.path), name: entry.name, path: entry.path, options: [],
        overrides: [])
      #expect(throws: Never.self) { try ComparisonPlan(comparison) }
      #expect(entry.summary.contains("minutes on two cores"))
    }
  }

  @Test("entries that differ in how they are sampled share a run; seeds have their own")
  func plan() throws {
    var comparison = try read(
      """
      recipe = "swissroll"
      [a]
      set = ["preview.steps=5"]
      [b]
      weights = "raw"
      [c]
      set = ["network.hidden=[8]"]
      """)
    let plan = try ComparisonPlan(comparison)
    #expect(plan.trainings.map(\.folder.path) == ["runs/compare-x/a", "runs/compare-x/c"])
    #expect(plan.runs.map { $0.map(\.name) } == [["a"], ["a"], ["c"]])
    comparison.settings.seeds = 2
    let seeds = try ComparisonPlan(comparison, in: "place")
    #expect(seeds.runs.map { $0.map(\.path) }[2] == ["place/c", "place/c-seed-1"])
    #expect(seeds.trainings.map(\.recipe.training.seed) == [0, 1, 0, 1])
    #expect(seeds.trainings.allSatisfy { $0.recipe.data.validation == 0.1 })
  }

  @Test("names that paths cannot have do not share a folder")
  func folders() throws {
    let comparison = try Comparison(
      varying: "network.hidden", values: ["[8]", "{8}", "(8)"].map { _ in "[8]" } + ["[8, 8]"],
      of: "swissroll", options: [], overrides: [])
    let plan = try ComparisonPlan(comparison)
    #expect(Set(plan.trainings.map(\.folder.path)).count == plan.trainings.count)
    #expect(ComparisonPlan.slug("../a b/c") == "-a-b-c")
  }

  @Test("values between commas keep their brackets")
  func values() {
    #expect(CompareCommand.values(in: "a,b") == ["a", "b"])
    #expect(CompareCommand.values(in: "[1,2],[3]") == ["[1,2]", "[3]"])
  }

  @Test("the time to a loss lies on the line between two measurements")
  func time() {
    let curve = [(10.0, 4.0), (20, 2), (30, 1)].map {
      ComparisonReport.Point(step: 0, seconds: $0.0, loss: $0.1)
    }
    #expect(ComparisonReport.time(in: curve, to: 3) == 15)
    #expect(ComparisonReport.time(in: curve, to: 1) == 30)
    #expect(ComparisonReport.time(in: curve, to: 5) == 10)
    #expect(ComparisonReport.time(in: curve, to: 0.5) == nil)
  }
}
