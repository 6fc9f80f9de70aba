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
    commandName: "keys", abstract: "List the keys of recipes: meaning, values, defaults.",
    version: WorkbenchMain.title)

  enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
    case table
    case markdown
  }

  @Argument(help: ArgumentHelp("A section, or the name of a kind.", valueName: "section|kind"))
  var name: String?

  @Option(help: "How the keys are printed: a table, or as in recipes/README.md.")
  var format: OutputFormat = .table

  func run() throws {
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
        let rows = group.settings.map { info in
          ["  " + info.key, info.defaultText, "\(info.meaning): \(info.allowed)"]
        }
        return title + "\n" + TextTable.text(rows)
      }
    }
    return parts.joined(separator: "\n")
  }

  /// The tables of recipes/README.md.
  static func markdown(_ sections: [(RecipeSection, [SettingGroup])]) -> String {
    let parts = sections.map { section, groups in
      let tables = groups.filter { !$0.settings.isEmpty }.map { group in
        let rows = group.settings.map { info in
          "| `\(info.key)` | \(info.documentation) | \(info.defaultMarkdown) |\n"
        }
        let title = group.kind.map { "`\($0.key) = \"\($0.name)\"`: \($0.meaning)\n\n" } ?? ""
        return title + "| key | value | default |\n|---|---|---|\n" + rows.joined()
      }
      let meaning = section.meaning.isEmpty ? "" : section.meaning + "\n\n"
      return "### [\(section.name)]\n\n\(meaning)" + tables.joined(separator: "\n")
    }
    return parts.joined(separator: "\n")
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
        "`\(choice.name)`" + (choice.meaning.isEmpty ? "" : " (\(choice.meaning))")
      }
      return "\(meaning): \(words.joined(separator: ", "))"
    case .text, .texts: return meaning
    default: return "\(meaning); \(allowed)"
    }
  }
}
