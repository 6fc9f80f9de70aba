import ArgumentParser
import Diffusion
import Platform
import TUI

/// Measures the speed of training.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measure the speed of a recipe's training.",
    discussion: """
      Nothing is saved. GFLOP/s count the multiplications and additions of matrix products, \
      convolutions and attention, as if no algorithm saved any. The speed of matrix products alone, as in \
      workbench doctor, is shown beside them. With --profile the fastest step is shown layer by layer.
      """,
    version: WorkbenchMain.title)

  @Argument(help: "A recipe's name or file (see workbench list recipes).")
  var recipe: String = OpenCommand.standardRecipe

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "Override a value of the recipe; see workbench recipe keys.", valueName: "section.key=value"))
  var values: [String] = []

  @Flag(help: "Show where the time of a step goes, by kind of layer and layer by layer.")
  var profile = false

  @Option(parsing: .unconditional, help: "Seconds of training to measure.")
  var seconds = 5

  @Option(help: "How the numbers are printed.")
  var format: Format = .table

  @OptionGroup var threads: ThreadOption

  enum Format: String, CaseIterable, ExpressibleByArgument { case table, json }

  func validate() throws {
    try check("--seconds", seconds, in: 1...3600)
  }

  func run() throws {
    threads.apply()
    try BLAS.load()
    let recipe = try Recipe.load(recipe, overrides: values.map { try RecipeOverride(set: $0) })
    let speed = try StepSpeed(recipe, seconds: Double(seconds))
    switch format {
    case .table: try Console.write(speed.text(withProfile: profile))
    case .json: try Console.json(speed.json(withProfile: profile))
    }
  }
}
