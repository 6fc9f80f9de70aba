import Diffusion
import TOMLKit

/// The values of a recipe by key, and for each where it was written; hands out checked ones.
struct RecipeReader {
  private struct Entry {
    var value: RecipeValue
    var origin: RecipeOrigin
    /// What was typed, for options.
    var text: String?
  }

  /// What the file is called in errors.
  let path: String
  private var entries: [RecipeKey: Entry] = [:]
  /// Keys that were asked for.
  private var asked: [RecipeKey] = []

  /// Reads a TOML text, puts the options in place, and refuses names that do not exist.
  init(_ text: String, path: String, overrides: [RecipeOverride]) throws(RecipeError) {
    self.path = path
    if let place = text.utf8.firstIndex(of: 0) {
      let line = text.utf8[..<place].count { $0 == UInt8(ascii: "\n") } + 1
      throw RecipeError(.file(path, line: line), "a recipe is text, this has a NUL character")
    }
    let table: TOMLTable
    do {
      table = try TOMLTable(string: text)
    } catch let error as TOMLParseError {
      throw RecipeError(
        .file(path, line: error.source.begin.line), "is not valid TOML: \(error.description)")
    } catch {
      throw RecipeError(path, "is not valid TOML: \(error)")
    }
    try read(table, KeyLines(text))
    for override in overrides { try apply(override) }
  }

  private mutating func read(_ table: TOMLTable, _ lines: KeyLines) throws(RecipeError) {
    var found: [RecipeKey: Entry] = [:]
    var problems: [(line: Int, problem: String)] = []
    for (name, value) in table {
      let line = lines[[name]]
      if let section = value.table {
        for (key, value) in section {
          let line = lines[[name, key]]
          let place = RecipeKey(name, key)
          found[place] = Entry(value: RecipeValue(value), origin: .file(path, line: line))
          if let problem = Self.unknown(place) { problems.append((line, problem)) }
        }
        if section.isEmpty, let problem = Self.unknown(section: name) {
          problems.append((line, problem))
        }
      } else {
        let place = RecipeKey(nil, name)
        found[place] = Entry(value: RecipeValue(value), origin: .file(path, line: line))
        if RecipeSection(rawValue: name) != nil {
          problems.append((line, "\(name) is a section, expected [\(name)] and its keys below it"))
        } else if let problem = Self.unknown(place) {
          problems.append((line, problem))
        }
      }
    }
    if let first = problems.min(by: { $0.line < $1.line }) {
      throw RecipeError(.file(path, line: first.line), first.problem)
    }
    entries = found
  }

  private mutating func apply(_ override: RecipeOverride) throws(RecipeError) {
    let origin = RecipeOrigin.option(override.option)
    if let problem = Self.unknown(override.key) { throw RecipeError(origin, problem) }
    if let section = override.key.section.flatMap(RecipeSection.init),
      let choice = section.choice, choice.key == override.key.name,
      entries[override.key]?.value != override.value
    {
      // Another kind begins with its own defaults.
      for key in section.keys where !choice.common.contains(key) {
        let place = RecipeKey(section, key)
        if entries[place]?.origin.isOption == false { entries[place] = nil }
      }
    }
    entries[override.key] = Entry(value: override.value, origin: origin, text: override.text)
  }
}

// MARK: - Names

extension RecipeReader {
  /// What is wrong with a name, or nil if there is such a key.
  private static func unknown(_ key: RecipeKey) -> String? {
    guard let name = key.section else {
      if key.name == "name" { return nil }
      let owner = RecipeSection.allCases.first { $0.keys.contains(key.name) }
      let hint = owner.map { "; it belongs below [\($0.rawValue)]" } ?? sectionHint(key.name)
      return "there is no key \(key.name) before the first section\(hint)"
    }
    guard let section = RecipeSection(rawValue: name) else { return unknown(section: name) }
    guard !section.keys.contains(key.name) else { return nil }
    let nearest = Wording.nearest(to: key.name, in: section.keys).map { ", did you mean \($0)?" }
    return "there is no key \(key)\(nearest ?? ";") "
      + "[\(name)] has \(section.keys.joined(separator: ", "))"
  }

  private static func unknown(section name: String) -> String? {
    RecipeSection(rawValue: name) == nil ? "there is no section [\(name)]\(sectionHint(name))" : nil
  }

  private static func sectionHint(_ name: String) -> String {
    let names = RecipeSection.allCases.map(\.rawValue)
    let nearest = Wording.nearest(to: name, in: names).map { ", did you mean [\($0)]?" }
    return "\(nearest ?? ";") the sections are \(names.joined(separator: ", "))"
  }

  /// Refuses keys that exist, but that nothing in this recipe asked for.
  func finish() throws(RecipeError) {
    let left = entries.filter { !asked.contains($0.key) }
    guard let (key, entry) = left.min(by: { $0.key.description < $1.key.description }),
      let name = key.section, let section = RecipeSection(rawValue: name)
    else { return }
    let has = asked.filter { $0.section == name }.map(\.name).joined(separator: ", ")
    let choice = section.choice.flatMap { entries[RecipeKey(section, $0.key)]?.value.mention }
    throw RecipeError(
      entry.origin,
      "\(key) does not go with \(choice.map { "\(section.choice?.key ?? "") \($0)" } ?? "the rest")"
        + "; [\(name)] has \(has)")
  }
}

// MARK: - Checked values

extension RecipeReader {
  /// Where the key was written, or nil where it was not.
  func origin(_ key: RecipeKey) -> RecipeOrigin? { entries[key]?.origin }

  func has(_ key: RecipeKey) -> Bool { entries[key] != nil }

  /// Forgets a key of the file that an option has replaced.
  mutating func drop(_ key: RecipeKey) { entries[key] = nil }

  private func problem(
    _ key: RecipeKey, _ entry: Entry, expected: String
  ) -> RecipeError {
    let got = entry.text.map { Wording.quoted($0) } ?? entry.value.mention
    return RecipeError(entry.origin, "\(key) is \(got), expected \(expected)")
  }

  private mutating func take(_ key: RecipeKey) -> Entry? {
    if !asked.contains(key) { asked.append(key) }
    return entries[key]
  }

  mutating func integer(
    _ key: RecipeKey, _ range: ClosedRange<Int>, default value: Int
  ) throws(RecipeError) -> Int {
    guard let entry = take(key) else { return value }
    guard case .integer(let number) = entry.value, range.contains(number) else {
      throw problem(
        key, entry, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// A number for which `isAllowed` holds; `allowed` says the same in words.
  mutating func number(
    _ key: RecipeKey, _ allowed: String, default value: Double, where isAllowed: (Double) -> Bool
  ) throws(RecipeError) -> Double {
    guard let entry = take(key) else { return value }
    let number: Double? =
      switch entry.value {
      case .integer(let number): Double(number)
      case .number(let number): number
      default: nil
      }
    guard let number, isAllowed(number) else {
      throw problem(key, entry, expected: "a number \(allowed)")
    }
    return number
  }

  mutating func number(
    _ key: RecipeKey, _ range: ClosedRange<Double>, default value: Double
  ) throws(RecipeError) -> Double {
    try number(
      key, "from \(short(range.lowerBound)) to \(short(range.upperBound))", default: value
    ) { range.contains($0) }
  }

  mutating func flag(_ key: RecipeKey, default value: Bool) throws(RecipeError) -> Bool {
    guard let entry = take(key) else { return value }
    guard case .flag(let flag) = entry.value else {
      throw problem(key, entry, expected: "true or false")
    }
    return flag
  }

  /// One of the words of an enumeration.
  mutating func word<Word: RawRepresentable<String> & CaseIterable>(
    _ key: RecipeKey, default value: Word, of words: [Word] = Array(Word.allCases)
  ) throws(RecipeError) -> Word {
    guard let entry = take(key) else { return value }
    let names = words.map(\.rawValue)
    guard case .text(let text) = entry.value, names.contains(text), let word = Word(rawValue: text)
    else {
      throw problem(key, entry, expected: "one of \(names.joined(separator: ", "))")
    }
    return word
  }

  /// A text, or nil where there is none.
  mutating func text(_ key: RecipeKey, _ meaning: String) throws(RecipeError) -> String? {
    guard let entry = take(key) else { return nil }
    // What was typed as an option is a text even where it looks like a number.
    if case .text(let text) = entry.value, !text.isEmpty { return text }
    if let text = entry.text, !text.isEmpty, !text.hasPrefix("\"") { return text }
    throw problem(key, entry, expected: meaning)
  }

  /// A list of texts; whole numbers count as texts.
  mutating func texts(_ key: RecipeKey, _ meaning: String) throws(RecipeError) -> [String]? {
    guard let entry = take(key) else { return nil }
    guard case .list(let values) = entry.value, !values.isEmpty else {
      throw problem(key, entry, expected: meaning)
    }
    var texts: [String] = []
    for value in values {
      switch value {
      case .text(let text): texts.append(text)
      case .integer(let number): texts.append(String(number))
      default: throw problem(key, entry, expected: meaning)
      }
    }
    return texts
  }

  /// A list of whole numbers, one to `most` of them.
  mutating func integers(
    _ key: RecipeKey, _ range: ClosedRange<Int>, most: Int, default value: [Int]
  ) throws(RecipeError) -> [Int] {
    guard let entry = take(key) else { return value }
    let expected =
      "a list of 1 to \(most) whole numbers from \(range.lowerBound) to \(range.upperBound)"
    guard case .list(let values) = entry.value, (1...most).contains(values.count) else {
      throw problem(key, entry, expected: expected)
    }
    var numbers: [Int] = []
    for value in values {
      guard case .integer(let number) = value, range.contains(number) else {
        throw problem(key, entry, expected: expected)
      }
      numbers.append(number)
    }
    return numbers
  }

  /// Whole numbers without the fraction.
  private func short(_ value: Double) -> String {
    Int(exactly: value).map(String.init) ?? "\(value)"
  }
}
