import ArgumentParser
import Diffusion
import Platform
import TUI

/// Measures the speed of training.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure the speed of a recipe's training, or how cost scales.",
    discussion: """
      No run is saved. GFLOP/s count the multiplications and additions of matrix products, \
      convolutions and attention, as if no algorithm saved any. The speed of matrix products alone, as in \
      workbench doctor, is shown beside them. With --profile the fastest step is shown layer by layer.

      With --growth the network of the recipe \(GrowthMeasurement.recipe) is measured with growing \
      batches and images, a small network with growing data, and the chart of the loss with a growing number \
      of steps; workbench plot growth draws what --json has written.
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

  @Flag(help: "Measure how cost scales instead; takes a minute or two.")
  var growth = false

  @Flag(help: "With --growth: measure only small sizes, briefly.")
  var quick = false

  @Option(
    parsing: .unconditional,
    help: "Seconds to measure: of training, by default 5, or of each --growth size, by default 1."
  )
  var seconds: Int?

  @Option(help: "How the numbers are printed.")
  var format: Format = .table

  @Option(help: ArgumentHelp("Also write the numbers to this file, as JSON.", valueName: "file"))
  var json: String?

  @OptionGroup var threads: ThreadOption

  enum Format: String, CaseIterable, ExpressibleByArgument { case table, json }

  func validate() throws {
    try check("--seconds", seconds, in: 1...3600)
    if json?.isEmpty == true {
      throw ValidationError("--json: expected a path; this one is empty")
    }
    guard growth else {
      if quick { throw ValidationError("--quick: only applies with --growth") }
      return
    }
    if profile || !values.isEmpty || recipe != GrowthMeasurement.recipe {
      throw ValidationError(
        "--growth measures the recipe \(GrowthMeasurement.recipe) as it is; leave out other recipes, --set "
          + "and --profile")
    }
    if quick, seconds != nil {
      throw ValidationError(
        "--quick and --seconds cannot be combined: --quick sets the time itself")
    }
  }

  func run() throws {
    threads.apply()
    try BLAS.load()
    if growth { return try measureGrowth() }
    let recipe = try Recipe.load(recipe, overrides: values.map { try RecipeOverride(set: $0) })
    let speed = try StepSpeed(recipe, seconds: Double(seconds ?? 5))
    let numbers = speed.json(withProfile: profile)
    switch format {
    case .table: try Console.write(speed.text(withProfile: profile))
    case .json: try Console.json(numbers)
    }
    try keep(numbers)
  }

  /// Prints each size as soon as it is measured, or all of them as JSON.
  private func measureGrowth() throws {
    let measurement = try GrowthMeasurement(
      quick ? .few : .all, seconds: quick ? 0.05 : Double(seconds ?? 1)
    ) { point in
      if format == .table { try Console.line(point.text) }
    }
    let numbers = JSONLines.line(try measurement.run())
    if format == .json { try Console.json(numbers) }
    try keep(numbers)
  }

  private func keep(_ numbers: String) throws {
    if let json { try AtomicFile.replace(json, with: Array("\(numbers)\n".utf8)) }
  }
}
