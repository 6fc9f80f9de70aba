internal import TOMLKit

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
  private let text: String

  package init(_ text: String) throws(SyntaxError) {
    if let place = text.utf8.firstIndex(of: 0) {
      let line = text.utf8[..<place].count { $0 == UInt8(ascii: "\n") } + 1
      throw SyntaxError(line: line, description: "a recipe is text, this has a NUL character")
    }
    self.text = text
    let table: TOMLTable
    do {
      table = try TOMLTable(string: text)
    } catch let error as TOMLParseError {
      throw SyntaxError(
        line: error.source.begin.line, description: "is not valid TOML: \(error.description)")
    } catch {
      throw SyntaxError(line: 1, description: "is not valid TOML: \(error)")
    }
    var entries: [Entry] = []
    var emptySections: [String] = []
    for (name, value) in table {
      guard let section = value.table else {
        entries.append(Entry(section: nil, key: name, value: SettingValue(value)))
        continue
      }
      if section.isEmpty { emptySections.append(name) }
      for (key, value) in section {
        entries.append(Entry(section: name, key: key, value: SettingValue(value)))
      }
    }
    self.entries = entries
    self.emptySections = emptySections
  }

  /// One value, as written after `=`: a TOML value, or bare words, which are text.
  package static func value(_ argument: String) -> SettingValue {
    guard !argument.contains(where: \.isNewline),
      let table = try? TOMLTable(string: "value = \(argument)"), table.count == 1,
      let value = table["value"]
    else { return .text(argument) }
    return SettingValue(value)
  }
}

// MARK: - Lines

extension TOML {
  /// The line, from 1, on which a section or a key of it begins.
  ///
  /// The parser does not tell, so the shortest beginning of the text that has it is looked for.
  package func line(of path: [String]) -> Int {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    /// Whether the first `count` lines have it; nil where they end within a value.
    func has(_ count: Int) -> Bool? {
      guard let table = try? TOMLTable(string: lines[..<count].joined(separator: "\n")) else {
        return nil
      }
      return Self.has(path, in: table)
    }
    var (without, with) = (0, lines.count)
    while with - without > 1 {
      let middle = (without + with) / 2
      let nearest = (without + 1...middle).reversed() + Array(middle + 1..<with)
      // A single value of several lines fills what is left where none of them can be read.
      guard let count = nearest.first(where: { has($0) != nil }) else { break }
      if has(count) == true { with = count } else { without = count }
    }
    return without + 1
  }

  private static func has(_ path: [String], in table: TOMLTable) -> Bool {
    guard let value = table[path[0]] else { return false }
    guard path.count > 1 else { return true }
    return value.table.map { has(Array(path.dropFirst()), in: $0) } ?? false
  }
}

extension SettingValue {
  fileprivate init(_ value: any TOMLValueConvertible) {
    switch value.type {
    case .string: self = .text(value.string ?? "")
    case .int: self = .integer(value.int ?? 0)
    case .double: self = .real(value.double ?? .nan)
    case .bool: self = .flag(value.bool ?? false)
    case .array: self = .list(value.array.map { $0.map { SettingValue($0) } } ?? [])
    case .table: self = .other("a table")
    case .date, .time, .dateTime: self = .other("a date or time")
    }
  }
}
