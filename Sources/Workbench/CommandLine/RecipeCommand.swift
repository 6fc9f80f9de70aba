import ArgumentParser
import Diffusion

/// Looks at recipes.
struct RecipeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recipe", abstract: "Describe the recipe format.", version: WorkbenchMain.title,
    subcommands: [RecipeKeysCommand.self])
}

/// Lists the keys of recipes with their meanings.
struct RecipeKeysCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys",
    abstract: "List the keys of recipes with their meanings, values and defaults.",
    version: WorkbenchMain.title)

  enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
    case table
    case markdown
  }

  @Argument(
    help: ArgumentHelp(
      "A section, a kind such as unet, or comparison for the keys of comparisons.",
      valueName: "section|kind|comparison"))
  var name: String?

  @Option(help: "How the keys are printed: a table, or as in recipes/README.md.")
  var format: OutputFormat = .table

  func run() throws {
    guard name != Self.comparison else {
      return try Console.write(
        format == .table ? Self.comparisonTable : Self.comparisonMarkdown)
    }
    let sections = RecipeSection.all.compactMap { section -> (RecipeSection, [SettingGroup])? in
      guard let name, name != section.name else { return (section, section.groups) }
      let chosen = section.groups.filter { $0.kind?.name == name }
      return chosen.isEmpty ? nil : (section, chosen)
    }
    guard !sections.isEmpty else {
      let known =
        RecipeSection.all.map(\.name)
        + RecipeSection.all.flatMap { $0.groups.compactMap { $0.kind?.name } }
      let nearest = name.flatMap { Wording.nearest(to: $0, in: known) }
      throw ValidationError(
        "\(name ?? ""): there is no such section or kind"
          + (nearest.map { "; did you mean \($0)?" }
            ?? "; they are \(known.joined(separator: ", "))"))
    }
    switch format {
    case .table: try Console.write(Self.table(sections))
    case .markdown: try Console.write(Self.markdown(sections))
    }
  }

  private static func table(_ sections: [(RecipeSection, [SettingGroup])]) -> String {
    let parts = sections.flatMap { section, groups in
      groups.filter { !$0.settings.isEmpty }.map { group in
        let title = "[\(section.name)]" + (group.kind.map { " \($0.key) = \"\($0.name)\"" } ?? "")
        return table(title, group.settings)
      }
    }
    return parts.joined(separator: "\n")
  }

  private static func table(_ title: String, _ settings: [SettingInfo]) -> String {
    let rows = settings.map { info in
      ["  " + info.key, info.defaultText, "\(info.meaning): \(info.allowed)"]
    }
    return title + "\n" + TextTable.text(rows)
  }

  /// The tables of recipes/README.md.
  static func markdown(_ sections: [(RecipeSection, [SettingGroup])]) -> String {
    let parts = sections.map { section, groups in
      let tables = groups.filter { !$0.settings.isEmpty }.map { group in
        let title = group.kind.map { "`\($0.key) = \"\($0.name)\"`: \($0.meaning)\n\n" } ?? ""
        return title + markdown(group.settings)
      }
      let meaning = section.meaning.isEmpty ? "" : section.meaning + "\n\n"
      return "### [\(section.name)]\n\n\(meaning)" + tables.joined(separator: "\n")
    }
    return parts.joined(separator: "\n")
  }

  private static func markdown(_ settings: [SettingInfo]) -> String {
    let rows = settings.map { info in
      "| `\(info.key)` | \(info.documentation) | \(info.defaultMarkdown) |\n"
    }
    return "| key | value | default |\n|---|---|---|\n" + rows.joined()
  }

  // MARK: - Comparisons

  private static let comparison = "comparison"
  /// Where keys of comparisons may be, and which.
  private static var comparisonKeys: [(place: String, settings: [SettingInfo])] {
    [
      ("before the first section", ComparisonSettings().settings),
      (
        "before the first section, or in the section of an entry",
        ComparisonEntrySettings().settings
      ),
    ]
  }

  private static var comparisonTable: String {
    comparisonKeys.map { table($0.place, $0.settings) }.joined(separator: "\n")
  }

  /// The tables of docs/comparing.md.
  static var comparisonMarkdown: String {
    comparisonKeys.map { "Keys \($0.place):\n\n" + markdown($0.settings) }.joined(separator: "\n")
  }
}

extension SettingInfo {
  fileprivate var defaultText: String { defaultValue?.description ?? absent ?? "–" }

  fileprivate var defaultMarkdown: String {
    defaultValue.map { "`\($0)`" } ?? absent ?? "–"
  }

  /// What it means and what it may be.
  fileprivate var documentation: String {
    switch allowed {
    case .word(let choices):
      let words = choices.map { choice in
        let meaning =
          choice.meaning.hasSuffix(".") ? String(choice.meaning.dropLast()) : choice.meaning
        return "`\(choice.name)`" + (meaning.isEmpty ? "" : " (\(meaning))")
      }
      return "\(meaning): \(words.joined(separator: ", "))"
    case .text, .texts: return meaning
    default: return "\(meaning); \(allowed)"
    }
  }
}
