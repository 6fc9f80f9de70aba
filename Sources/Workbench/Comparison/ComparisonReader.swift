import Diffusion

/// The values of a comparison's file by section, and for each where it was written.
struct ComparisonReader {
  let path: String
  private let toml: TOML
  /// The names of the entries, in the order of the file.
  let sections: [String]

  /// Reads a TOML text, and refuses names that do not exist.
  init(_ text: String, path: String) throws(RecipeError) {
    self.path = path
    do throws(TOML.SyntaxError) {
      toml = try TOML(text)
    } catch {
      throw RecipeError("\(path):\(error.line)", error.description)
    }
    let toml = toml
    let named = Set(toml.entries.compactMap(\.section)).union(toml.emptySections)
    sections = named.sorted { toml.line(of: [$0]) < toml.line(of: [$1]) }
    let own = ComparisonEntrySettings.table.map(\.info.key)
    let top = ComparisonSettings.table.map(\.info.key) + own
    for entry in toml.entries {
      let known = entry.section == nil ? top : own
      guard !known.contains(entry.key) else { continue }
      let nearest = Wording.nearest(to: entry.key, in: known).map { "; did you mean \($0)?" }
      throw RecipeError(
        place(entry.section, entry.key),
        "there is no key \(entry.key)\(nearest ?? ";") expected \(known.joined(separator: ", "))")
    }
    let both = toml.entries.filter { $0.section == nil && ["steps", "seconds"].contains($0.key) }
    if both.count == 2 {
      throw RecipeError(place(nil, "steps"), "has both steps and seconds; give only one")
    }
  }

  /// Where a key, or a section, was written.
  func place(_ section: String?, _ key: String?) -> String {
    "\(path):\(toml.line(of: [section, key].compactMap(\.self)))"
  }

  /// Puts the values that a section has of a configuration in place.
  func fill(_ part: inout some Configurable, section: String?) throws(RecipeError) {
    for entry in toml.entries where entry.section == section {
      guard let info = part.setting(entry.key) else { continue }
      do {
        try part.set(entry.key, to: entry.value)
      } catch {
        throw RecipeError(
          place(section, entry.key),
          "\(entry.key) is \(entry.value.mention); expected \(info.allowed)")
      }
    }
  }

  /// The replaced values of an entry, whose errors name their line.
  func overrides(
    _ entry: ComparisonEntrySettings, _ section: String?
  ) throws(RecipeError) -> [RecipeOverride] {
    var overrides: [RecipeOverride] = []
    for text in entry.overrides {
      overrides.append(try RecipeOverride(set: text, option: "\(place(section, "set")): set"))
    }
    return overrides
  }
}

/// A setting of a comparison from the command line.
struct ComparisonOption {
  let key: String
  /// What was typed.
  let text: String

  /// Puts it in place of what the file says.
  func apply(to settings: inout ComparisonSettings) throws(RecipeError) {
    guard let info = ComparisonSettings.table.first(where: { $0.info.key == key })?.info else {
      preconditionFailure("comparisons have no setting \(key)")
    }
    do {
      try settings.set(key, to: info.allowed.value(typed: text))
    } catch {
      throw RecipeError("--\(key.replacing("_", with: "-")) \(text)", "expected \(info.allowed)")
    }
  }
}
