/// A value in a TOML text.
package indirect enum TOMLValue: Sendable, Hashable {
  case text(String)
  case integer(Int)
  case real(Double)
  case flag(Bool)
  /// A date, a time or both, as written.
  case moment(String)
  case list([TOMLValue])
  case table(TOMLTable)
}

extension TOMLValue {
  /// The value where it is a text.
  package var text: String? { if case .text(let text) = self { text } else { nil } }
  /// The value where it is true or false.
  package var flag: Bool? { if case .flag(let flag) = self { flag } else { nil } }
  /// The values where it is a list.
  package var list: [TOMLValue]? { if case .list(let list) = self { list } else { nil } }
  /// The entries where it is a table.
  package var table: TOMLTable? { if case .table(let table) = self { table } else { nil } }
}

/// Keys with their values, in the order of the text.
package struct TOMLTable: Sendable, Hashable {
  /// A key, its value, and the line on which the key was written first, from 1.
  package struct Entry: Sendable, Hashable {
    package var key: String
    package var value: TOMLValue
    package var line: Int
    /// The bytes of the text that are the value; nil for a table with a header or by dots.
    package var place: Range<Int>?

    /// Entries are the same wherever in their lines they are.
    package static func == (a: Self, b: Self) -> Bool {
      a.key == b.key && a.value == b.value && a.line == b.line
    }

    package func hash(into hasher: inout Hasher) {
      hasher.combine(key)
      hasher.combine(value)
    }
  }

  package private(set) var entries: [Entry] = []

  init(_ entries: [Entry]) { self.entries = entries }

  /// The entry of a key.
  package func entry(_ key: String) -> Entry? { entries.first { $0.key == key } }

  /// The value of a key.
  package subscript(key: String) -> TOMLValue? { entry(key)?.value }
}

/// Why a text is no TOML.
package struct TOMLMistake: Error, Sendable, Equatable, CustomStringConvertible {
  /// The line, from 1.
  package let line: Int
  /// The rest of a sentence, such as "expected a value".
  package let description: String
}

extension TOMLTable {
  /// Reads a TOML 1.0 text.
  ///
  /// No text ends the program: what is wrong with one is thrown.
  ///
  /// Source: <https://toml.io/en/v1.0.0>.
  package init(parsing text: String) throws(TOMLMistake) {
    var parser = TOMLParser(text)
    self = try parser.parse()
  }
}
