import ArgumentParser
import Diffusion
import TUI

/// Lists what there is to choose from.
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract:
      "List recipes, comparisons, networks, schedules, samplers, objectives, data sets, themes, keys or runs.",
    version: WorkbenchMain.title)

  enum Subject: String, CaseIterable, ExpressibleByArgument {
    case recipes
    case comparisons
    case networks
    case schedules
    case samplers
    case objectives
    case data
    case themes
    case keys
    case runs
  }

  @Argument(help: "What to list.")
  var subject: Subject

  func run() throws {
    let rows = rows()
    guard !rows.isEmpty else { throw CommandError("no \(subject.rawValue) found") }
    try Console.write(TextTable.text(rows))
  }

  /// A name and one line about it.
  private func rows() -> [[String]] {
    switch subject {
    case .recipes: Self.rows(.recipe)
    case .comparisons: Self.rows(.comparison)
    case .networks: Architectures.choices.map { [$0.name, $0.meaning] }
    case .schedules: Schedules.choices.map { [$0.name, $0.meaning] }
    case .samplers: Samplers.all.map { Self.row($0) }
    case .objectives: Objectives.choices.map { [$0.name, $0.meaning] }
    case .data: DataCatalog.all.map { [$0.name, $0.summary] }
    case .runs: RunSummary.all(in: RunFolder.standardParent).map { Self.row($0) }
    case .themes:
      [
        [
          UserSettings.automatic,
          "The dark or the light theme, to match the terminal's background.",
        ]
      ]
        + ThemeFile.entries(in: ResourceFolders.existing("themes")).map {
          [Wording.escaped($0.name), Wording.escaped($0.summary)]
        }
    case .keys:
      KeyMap.commands.map { [$0.name, $0.keys.map(\.name).joined(separator: " "), $0.help] }
    }
  }

  private static func rows(_ kind: RecipeLibrary.Kind) -> [[String]] {
    RecipeLibrary.entries(kind).map { [Wording.escaped($0.name), $0.summary] }
  }

  /// A sampler: its name, what it is, and its number of network evaluations.
  private static func row(_ sampler: any Sampler) -> [String] {
    let (kind, steps) = (type(of: sampler), 20)
    return [
      kind.name,
      "\(kind.meaning) \(Numbers.grouped(sampler.evaluations(steps: steps))) evaluations in "
        + "\(steps) steps.",
    ]
  }

  /// A run: its name, how far it is, its loss, when it was written; or what is wrong with it.
  private static func row(_ run: RunSummary) -> [String] {
    let name = Wording.escaped(run.name)
    if let problem = run.problem { return [name, "damaged", Wording.escaped(problem)] }
    let steps = [run.step, run.totalSteps].map { $0.map(String.init) ?? "–" }
    return [
      name, "step \(steps.joined(separator: "/"))",
      "loss \(run.loss.map { Numbers.fixed($0, 4) } ?? "–")", run.lastModified,
    ]
  }
}
