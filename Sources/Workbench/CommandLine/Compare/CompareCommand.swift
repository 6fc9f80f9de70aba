import ArgumentParser
import Diffusion
import Figures
import TUI

/// Compares recipes and runs.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Train and compare recipes, runs, or the entries of a comparison.",
    discussion: """
      Give one comparison (see workbench list comparisons), two or more recipes or runs, or one recipe \
      with --vary. Recipes are trained in runs/compare-NAME; running the same command again resumes an \
      interrupted comparison.
      """,
    version: WorkbenchMain.title)

  @Argument(help: "A comparison's name or file, or recipes and run folders.")
  var names: [String]

  @Option(
    help: ArgumentHelp(
      "Compare values of one key of a recipe, separated by commas.",
      valueName: "section.key=value,value,…"))
  var vary: String?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("Override a value of every recipe.", valueName: "section.key=value"))
  var values: [String] = []

  @OptionGroup var settings: ComparisonOptions

  @Option(help: "The comparison's folder; by default runs/compare-NAME.")
  var dir: String?

  @OptionGroup var threads: ThreadOption

  @Option(help: "The output format: a table as text, or everything as json.")
  var format: ReportFormat = .text

  @Option(
    help: ArgumentHelp(
      "The figure to write, .png or .svg; by default comparison.png in the comparison's folder.",
      valueName: "file"))
  var out: String?

  func validate() throws {
    if let out, FigureFormat(path: out) == nil { throw FigureFormat.unknown(out) }
  }

  func run() throws {
    threads.apply()
    let plan = try ComparisonPlan(comparison(), in: dir)
    let outcome = try ComparisonRunner(plan, printsProgress: format == .text).run()
    let path = out ?? "\(plan.folder)/comparison.png"
    try figure(outcome, plan).write(to: path)
    switch format {
    case .text:
      try Console.write(
        "\n\(ComparisonTable.text(outcome.result))Figure: \(Wording.escaped(path))\n")
    case .json: try Console.json(JSONLines.line(outcome.result))
    }
  }

  private func figure(_ outcome: ComparisonRunner.Outcome, _ plan: ComparisonPlan) -> Figure {
    let format = plan.training.format
    guard let scores = outcome.result.denoising else {
      return ComparisonFigure.figure(outcome.result, samples: outcome.samples, format)
    }
    return ComparisonFigure.denoising(
      scores, outcome.examples, named: outcome.result.comparison, format)
  }

  /// What the arguments describe.
  private func comparison() throws -> Comparison {
    let overrides = try values.map { try RecipeOverride(set: $0) }
    let options = settings.given
    if let vary {
      guard names.count == 1, let mark = vary.firstIndex(of: "=") else {
        throw ValidationError(
          "--vary \(Wording.escaped(vary)): expected one recipe and section.key=value,value, such as "
            + "schedule.family=linear,cosine")
      }
      let values = Self.values(in: vary[vary.index(after: mark)...])
      return try Comparison(
        varying: String(vary[..<mark]), values: values, of: names[0], options: options,
        overrides: overrides)
    }
    guard names.count == 1 else {
      return try Comparison(of: names, options: options, overrides: overrides)
    }
    guard !ResourceFolders.isFolder(names[0]) else {
      throw ValidationError(
        "\(Wording.escaped(names[0])) is a single run; name another to compare it with")
    }
    let isRecipe =
      !RecipeLibrary.entries(.comparison).contains { $0.name == names[0] }
      && RecipeLibrary.entries().contains { $0.name == names[0] }
    guard !isRecipe else {
      throw ValidationError(
        "\(names[0]) is a single recipe; name another to compare it with, or give --vary"
      )
    }
    let path = try RecipeLibrary.find(names[0], .comparison)
    return try Comparison(
      RecipeLibrary.read(path), name: RecipeLibrary.name(ofFile: path), path: path,
      options: options, overrides: overrides)
  }

  /// The parts between commas that are not inside brackets.
  static func values(in text: Substring) -> [String] {
    var (parts, depth) = ([""], 0)
    for character in text {
      if "[{".contains(character) { depth += 1 }
      if "]}".contains(character) { depth -= 1 }
      if character == ",", depth == 0 {
        parts.append("")
      } else {
        parts[parts.count - 1].append(character)
      }
    }
    return parts
  }
}

/// The settings of a comparison as options; their names, help and ranges are the settings'.
struct ComparisonOptions: ParsableArguments {
  @Option(comparison: "task") var task: ComparisonOption?
  @Option(comparison: "seconds") var seconds: ComparisonOption?
  @Option(comparison: "steps") var steps: ComparisonOption?
  @Option(comparison: "seeds") var seeds: ComparisonOption?
  @Option(comparison: "samples") var samples: ComparisonOption?
  @Option(comparison: "seed") var seed: ComparisonOption?
  @Option(comparison: "sampling_steps") var samplingSteps: ComparisonOption?
  @Option(comparison: "loss") var loss: ComparisonOption?
  @Option(comparison: "noise") var noise: ComparisonOption?
  @Option(comparison: "metric") var metric: ComparisonOption?
  @Option(comparison: "quality") var quality: ComparisonOption?

  func validate() throws {
    if seconds != nil, steps != nil {
      throw ValidationError("--seconds and --steps cannot be combined; give only one")
    }
  }

  /// Those that were given.
  var given: [ComparisonOption] {
    [task, seconds, steps, seeds, samples, seed, samplingSteps, loss, noise, metric, quality]
      .compactMap(\.self)
  }
}

extension Option where Value == ComparisonOption? {
  /// An option that sets a setting of a comparison.
  fileprivate init(comparison key: String) {
    let info = ComparisonSettings.table.first { $0.info.key == key }?.info
    self.init(
      name: .customLong(key.replacing("_", with: "-")), parsing: .unconditional,
      help: info.map { ArgumentHelp("\($0.sentence)", valueName: $0.valueName) }
    ) { ComparisonOption(key: key, text: $0) }
  }
}
