package import TOMLText

/// A TOML text of sections with keys, and the line of each.
package struct TOML: Sendable {
  /// A key with its value; `section` is nil before the first section.
  package struct Entry: Sendable {
    package let section: String?
    package let key: String
    package let value: SettingValue
  }

  /// Why a text is no TOML.
  package struct SyntaxError: Error {
    package let line: Int
    package let description: String
  }

  package let entries: [Entry]
  /// The sections that have no keys.
  package let emptySections: [String]
  private let table: TOMLTable

  package init(_ text: String) throws(SyntaxError) {
    if let place = text.utf8.firstIndex(of: 0) {
      let line = text.utf8[..<place].count { $0 == UInt8(ascii: "\n") } + 1
      throw SyntaxError(line: line, description: "has a NUL character; expected text")
    }
    do {
      table = try TOMLTable(parsing: text)
    } catch {
      throw SyntaxError(
        line: error.line, description: "is not valid TOML: \(error.description)")
    }
    var entries: [Entry] = []
    var emptySections: [String] = []
    for entry in table.entries {
      guard let section = entry.value.table else {
        entries.append(Entry(section: nil, key: entry.key, value: SettingValue(entry.value)))
        continue
      }
      if section.entries.isEmpty { emptySections.append(entry.key) }
      for inner in section.entries {
        entries.append(
          Entry(section: entry.key, key: inner.key, value: SettingValue(inner.value)))
      }
    }
    self.entries = entries
    self.emptySections = emptySections
  }

  /// One value, as written after `=`: a TOML value, or bare words, which are text.
  package static func value(_ argument: String) -> SettingValue {
    guard !argument.contains(where: \.isNewline),
      let table = try? TOMLTable(parsing: "value = \(argument)"), table.entries.count == 1,
      let value = table["value"]
    else { return .text(argument) }
    return SettingValue(value)
  }

  /// The line, from 1, on which a section or a key of it begins; of what is not there, the line of what
  /// would have it, or 1.
  package func line(of path: [String]) -> Int {
    var (line, inner) = (1, Optional(table))
    for key in path {
      guard let entry = inner?.entry(key) else { break }
      // Of a list of tables the last, as that is where a text goes on.
      (line, inner) = (entry.line, entry.value.table ?? entry.value.list?.last?.table)
    }
    return line
  }
}

extension SettingValue {
  /// A value of a text.
  package init(_ value: TOMLValue) {
    switch value {
    case .text(let text): self = .text(text)
    case .integer(let number): self = .integer(number)
    case .real(let number): self = .real(number)
    case .flag(let flag): self = .flag(flag)
    case .list(let values): self = .list(values.map { SettingValue($0) })
    case .table: self = .other("a table")
    case .moment: self = .other("a date or time")
    }
  }
}
