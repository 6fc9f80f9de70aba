import ArgumentParser
import Diffusion
import Figures
import TUI

/// Plots how data turns into noise.
struct PlotForwardCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "forward", abstract: "Plot how data turns into noise, step by step.",
    discussion: """
      Step 0 is the data; step k is at noise level t = k − 1. Each step adds noise to the one \
      before, so the panels show one trajectory.
      """,
    version: WorkbenchMain.title)

  @Argument(help: "A data set, as in workbench data show, or a recipe.")
  var data: String

  @Option(help: "The kind of schedule; by default the recipe's, or cosine.")
  var schedule: String?

  @OptionGroup var parameters: ScheduleOptions

  @Option(help: "How many steps to show, evenly spaced.")
  var frames: Int?

  @Option(
    help: ArgumentHelp("The steps to show instead, such as 0,100,1000.", valueName: "steps"))
  var at: String?

  @Option(help: "How many samples to show.")
  var count: Int?

  @Option(help: "The seed of the noise.")
  var seed: UInt64 = 0

  @Flag(help: "Show a histogram of the values, with the normal density.")
  var histogram = false

  @OptionGroup var plot: PlotOptions

  func validate() throws {
    try check("--frames", frames, in: 2...100)
    try check("--count", count, in: 1...10_000)
  }

  func run() throws { try plot.show(figure()) }

  func figure() throws -> Figure {
    let (dataset, configuration) = try subject()
    try TrajectoryFigure.refuseText(dataset.format)
    let schedule = try configuration.make()
    let steps = try steps(
      of: schedule, showing: frames ?? TrajectoryFigure.frames(of: dataset.kind))
    let count = min(count ?? TrajectoryFigure.samples(of: dataset.kind), dataset.count)
    let shape = dataset.shape.with(batch: count)
    let x = Tensor(shape)
    // From all over the set, whose neighbours are often alike.
    dataset.fill(x, indices: (0..<count).map { $0 * dataset.count / count })
    var noise = NoiseSource(seed: seed, samples: 0..<count)
    var level = NoiseLevel.clean
    var figure = TrajectoryFigure(format: dataset.format)
    for step in steps {
      let next = step == 0 ? NoiseLevel.clean : schedule[step - 1]
      if next != level { x.addNoise(from: level, to: next, &noise) }
      level = next
      figure.add(
        x.values, level, label: "Step \(Numbers.grouped(step))",
        progress: 1 - Double(step) / Double(schedule.count))
    }
    return figure.figure(
      "Forward Diffusion Process · \(Wording.escaped(dataset.name)), \(configuration.name)",
      histogram: histogram)
  }

  /// The data and the schedule that are meant; a recipe has both.
  private func subject() throws -> (Dataset, ScheduleConfiguration) {
    let isRecipe = data.hasSuffix(".toml") || RecipeLibrary.entries().contains { $0.name == data }
    let overrides = schedule == nil ? try parameters.overrides() : []
    let recipe = isRecipe ? try Recipe.load(data, overrides: overrides) : nil
    let own = schedule == nil ? recipe?.schedule : nil
    return (
      try recipe?.data.load() ?? DataCatalog.open(data),
      try own ?? parameters.configuration(of: schedule ?? CosineSchedule.name)
    )
  }

  /// The steps to show, rising.
  private func steps(of schedule: Schedule, showing count: Int) throws -> [Int] {
    guard let at else {
      return evenPlaces(min(count, schedule.count + 1), through: schedule.count)
    }
    let steps = at.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? -1 }
    guard (1...100).contains(steps.count), steps.allSatisfy({ (0...schedule.count).contains($0) }),
      zip(steps, steps.dropFirst()).allSatisfy({ $0 < $1 })
    else {
      throw ValidationError(
        "--at \(Wording.escaped(at)): expected rising steps from 0 to \(schedule.count), such as "
          + "0,\(schedule.count / 2),\(schedule.count)")
    }
    return steps
  }
}
