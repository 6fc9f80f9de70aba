/// The values of a recipe by key, and for each where it was written; fills configurations with
/// them.
package struct RecipeReader: Sendable {
  private struct Entry {
    var value: SettingValue
    /// The option it comes from, or nil for the file.
    var option: RecipeOverride?
  }

  /// What the file is called in errors.
  let path: String
  private let toml: TOML
  private var entries: [RecipeKey: Entry] = [:]
  /// Whether what is filled has its values already, so that no key has to be said.
  fileprivate var isChange = false

  /// Reads a TOML text, puts the options in place, and refuses names that do not exist.
  package init(
    _ text: String, path: String, overrides: [RecipeOverride] = []
  ) throws(RecipeError) {
    self.path = path
    do throws(TOML.SyntaxError) {
      toml = try TOML(text)
    } catch {
      throw RecipeError("\(path):\(error.line)", error.description)
    }
    try checkNames()
    for entry in toml.entries {
      entries[RecipeKey(entry.section, entry.key)] = Entry(value: entry.value)
    }
    for override in overrides { try apply(override) }
  }

  /// Refuses names that no recipe has, the first in the text.
  private func checkNames() throws(RecipeError) {
    var problems: [(line: Int, problem: String)] = []
    for entry in toml.entries {
      let path = RecipeKey(entry.section, entry.key).path
      let isSection = entry.section == nil && RecipeSection.named(entry.key) != nil
      let problem =
        isSection
        ? "\(entry.key) is a section; expected [\(entry.key)] and its keys below it"
        : Self.unknown(RecipeKey(entry.section, entry.key))
      if let problem { problems.append((toml.line(of: path), problem)) }
    }
    for section in toml.emptySections {
      if let problem = Self.unknown(section: section) {
        problems.append((toml.line(of: [section]), problem))
      }
    }
    if let first = problems.min(by: { $0.line < $1.line }) {
      throw RecipeError("\(path):\(first.line)", first.problem)
    }
  }

  private mutating func apply(_ override: RecipeOverride) throws(RecipeError) {
    if let problem = Self.unknown(override.key) { throw RecipeError(override.option, problem) }
    if let section = override.key.section.flatMap(RecipeSection.named),
      let (chooser, dependent) = section.chooser, chooser == override.key.name,
      (entries[override.key]?.value ?? section.get(Recipe(name: "")).value(of: chooser))
        != override.value
    {
      // Another kind begins with its own defaults, but for what kinds share.
      for key in dependent where !section.shared.contains(key) {
        let place = RecipeKey(section.name, key)
        if entries[place]?.option == nil { entries[place] = nil }
      }
    }
    entries[override.key] = Entry(value: override.value, option: override)
  }

  /// Where a key was written, or nil where it was not.
  package func place(_ key: RecipeKey) -> String? {
    entries[key].map { entry in
      entry.option?.option
        ?? "\(path):\(toml.line(of: key.path))"
    }
  }

  /// Whether anything of a section was written.
  func has(section: String) -> Bool { entries.keys.contains { $0.section == section } }

  /// The value of a key before all sections.
  func text(_ name: String, _ expected: String) throws(RecipeError) -> String? {
    let key = RecipeKey(nil, name)
    guard let entry = entries[key] else { return nil }
    guard case .text(let text) = entry.value, !text.isEmpty else {
      throw problem(key, entry, "expected \(expected)")
    }
    return text
  }

  private func problem(_ key: RecipeKey, _ entry: Entry, _ rest: String) -> RecipeError {
    let got = entry.option.map { Wording.quoted($0.text) } ?? entry.value.mention
    return RecipeError(place(key) ?? path, "\(key) is \(got); \(rest)")
  }
}

// MARK: - Names

extension RecipeReader {
  /// What is wrong with a name, or nil if there is such a key.
  private static func unknown(_ key: RecipeKey) -> String? {
    guard let name = key.section else {
      if key.name == "name" { return nil }
      let owner = RecipeSection.all.first { $0.keys.contains(key.name) }
      let hint = owner.map { "; it belongs below [\($0.name)]" } ?? sectionHint(key.name)
      return "there is no key \(key.name) before the first section\(hint)"
    }
    guard let section = RecipeSection.named(name) else { return unknown(section: name) }
    guard !section.keys.contains(key.name) else { return nil }
    let nearest = Wording.nearest(to: key.name, in: section.keys).map { "; did you mean \($0)?" }
    return "there is no key \(key)\(nearest ?? ";") "
      + "[\(name)] has \(section.keys.joined(separator: ", "))"
  }

  private static func unknown(section name: String) -> String? {
    RecipeSection.named(name) == nil ? "there is no section [\(name)]\(sectionHint(name))" : nil
  }

  private static func sectionHint(_ name: String) -> String {
    let names = RecipeSection.all.map(\.name)
    let nearest = Wording.nearest(to: name, in: names).map { "; did you mean [\($0)]?" }
    return "\(nearest ?? ";") the sections are \(names.joined(separator: ", "))"
  }
}

// MARK: - Filling

extension RecipeReader {
  /// Puts all values of a section in place, and refuses those that do not go with the rest.
  package func fill(_ part: inout some RecipePart, section: String) throws(RecipeError) {
    var written = entries.filter { $0.key.section == section }
    try chooseAlternatives(part.settings, section, &written)
    // The kind comes first: it decides which other settings there are. Then what sets others.
    var done: Set<String> = []
    func next() -> SettingInfo? {
      let left = part.settings.filter { !done.contains($0.key) }
      return done.isEmpty ? left.first : left.first { !$0.governs.isEmpty } ?? left.first
    }
    while let info = next() {
      done.insert(info.key)
      let key = RecipeKey(section, info.key)
      if let entry = written[key] {
        try set(info, entry, key, &part)
        // What stands in the file beside a preset gives way to one chosen by an option.
        if entry.option != nil {
          for other in info.governs.map({ RecipeKey(section, $0) })
          where written[other]?.option == nil {
            written[other] = nil
          }
        }
      } else if info.isRequired, !isChange {
        throw RecipeError(path, "\(key) is missing; expected \(info.allowed)")
      }
    }
    try refuseOthers(written.filter { !done.contains($0.key.name) }, part, section)
    if let conflict = part.conflict {
      let place = conflict.keys.lazy.compactMap { self.place(RecipeKey(section, $0)) }.first
      throw RecipeError(place ?? path, conflict.description)
    }
  }

  private func set(
    _ info: SettingInfo, _ entry: Entry, _ key: RecipeKey, _ part: inout some RecipePart
  ) throws(RecipeError) {
    var value = entry.value
    if case .text = info.allowed, let typed = entry.option?.text, !typed.isEmpty,
      !typed.hasPrefix("\"")
    {
      // What was typed as an option is a text even where it looks like a number.
      value = .text(typed)
    }
    do {
      try part.set(info.key, to: value)
    } catch {
      switch error {
      case .notAllowed: throw problem(key, entry, "expected \(info.allowed)")
      case .because(let sentence): throw RecipeError(place(key) ?? path, sentence)
      }
    }
  }

  /// Of two keys of which one replaces the other, an option goes before the file.
  private func chooseAlternatives(
    _ settings: [SettingInfo], _ section: String, _ written: inout [RecipeKey: Entry]
  ) throws(RecipeError) {
    for info in settings {
      guard let other = info.replaces.map({ RecipeKey(section, $0) }) else { continue }
      let key = RecipeKey(section, info.key)
      guard let first = written[other], let second = written[key], second.value != .flag(false)
      else { continue }
      guard (first.option == nil) != (second.option == nil) else {
        throw RecipeError(
          place(key) ?? path,
          "\(section) has both \(other.name) (\(place(other) ?? path)) and \(key.name) "
            + "(\(place(key) ?? path)); give only one")
      }
      written[first.option == nil ? other : key] = nil
    }
  }

  /// Refuses keys that exist, but not for the kind that was chosen.
  private func refuseOthers<Part: RecipePart>(
    _ left: [RecipeKey: Entry], _ part: Part, _ section: String
  ) throws(RecipeError) {
    let decider = Part.decider.map { RecipeKey(section, $0) }
    // What an option chooses instead leaves the rest of the file standing.
    let isTolerant =
      part.toleratesOtherKinds || decider.map { entries[$0]?.option != nil } ?? false
    let refused = left.filter { !isTolerant || $0.value.option != nil }
    guard let key = refused.keys.min(by: { $0.name < $1.name }) else { return }
    let has = part.settings.map(\.key).joined(separator: ", ")
    let chooser = Part.groups.compactMap { $0.kind?.key }.first
    let chosen = [chooser, Part.decider].compactMap(\.self).lazy.compactMap { key in
      part.value(of: key).map { "\(key) \($0.mention)" }
    }.first
    throw RecipeError(
      place(key) ?? path,
      "\(key) does not apply to \(chosen ?? "the rest"); [\(section)] has \(has)")
  }
}

// MARK: - Whole recipes

extension Recipe {
  /// Reads a recipe in TOML.
  ///
  /// It is called `name` unless it says so itself; errors call the file `path`; `overrides` go
  /// before what the text says. With `checkingData` the data has to be there, and to have the
  /// classes that are chosen.
  package init(
    _ text: String, name: String, path: String, overrides: [RecipeOverride] = [],
    checkingData: Bool = true
  ) throws(RecipeError) {
    let reader = try RecipeReader(text, path: path, overrides: overrides)
    self.init(name: try reader.text("name", "a name") ?? name)
    for section in RecipeSection.all {
      try section.fill(&self, reader)
      if checkingData, section.name == "data" { try data.check(reader) }
    }
  }

  /// Replaces what a text of some lines says, and leaves the rest as it is.
  package mutating func apply(_ lines: String) throws(RecipeError) {
    try apply(RecipeReader(lines, path: "a change"))
  }

  /// Replaces the values of `overrides`, and leaves the rest as it is.
  package mutating func apply(_ overrides: [RecipeOverride]) throws(RecipeError) {
    try apply(RecipeReader("", path: "the options", overrides: overrides))
  }

  private mutating func apply(_ reader: RecipeReader) throws(RecipeError) {
    var reader = reader
    reader.isChange = true
    for section in RecipeSection.all where reader.has(section: section.name) {
      try section.fill(&self, reader)
    }
  }
}

extension DataConfiguration {
  /// Refuses data that is not there and classes that it does not have; classes may be numbers, and
  /// get their names.
  ///
  /// They are looked up here, where the line is known, although the data is then read twice.
  fileprivate mutating func check(_ reader: RecipeReader) throws(RecipeError) {
    let (sourceKey, key) = (RecipeKey("data", "source"), RecipeKey("data", "classes"))
    let sourcePlace = reader.place(sourceKey) ?? reader.path
    guard DataCatalog.exists(source) else {
      let names = DataCatalog.all.map(\.name).joined(separator: ", ")
      throw RecipeError(
        sourcePlace,
        "\(sourceKey) is \(Wording.quoted(source)), but there is no such file; expected a file or "
          + "one of \(names)")
    }
    guard let chosen = classes else { return }
    let place = reader.place(key) ?? reader.path
    let known: [String]
    do {
      known = try open().classNames
    } catch {
      throw RecipeError(sourcePlace, "\(error)")
    }
    guard !known.isEmpty else {
      throw RecipeError(place, "\(key) chooses classes, but \(source) has none")
    }
    var names: [String] = []
    for name in chosen {
      if known.contains(name) {
        names.append(name)
      } else if let number = Int(name), known.indices.contains(number) {
        names.append(known[number])
      } else {
        let nearest = Wording.nearest(to: name, in: known).map { "; did you mean \($0)?" }
        throw RecipeError(
          place,
          "\(key) has \(Wording.quoted(name))\(nearest ?? ";") the classes of \(source) are "
            + "\(listed(known)), or their numbers from 0")
      }
    }
    classes = names
  }

  /// The names with commas between, the first 24 of them.
  private func listed(_ names: [String]) -> String {
    let rest = names.count - 24
    return names.prefix(24).joined(separator: ", ") + (rest > 0 ? ", … and \(rest) more" : "")
  }
}
