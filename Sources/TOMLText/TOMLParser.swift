/// Reads TOML byte by byte; every reading is checked against the end of the text.
struct TOMLParser {
  /// More than anybody nests lists and tables, or dots in a key: deeper texts are refused, so that none
  /// fills the stack.
  static let mostLevels = 64

  let bytes: [UInt8]
  var position = 0
  /// The line of `position`.
  private(set) var line = 1
  private let root = TOMLNode(.header)

  init(_ text: String) {
    let all = Array(text.utf8)
    bytes = all
    position = all.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
  }

  mutating func parse() throws(TOMLMistake) -> TOMLTable {
    var current = root
    while true {
      try skipBlankLines()
      guard let next = peek() else { return root.table }
      if next == UInt8(ascii: "[") {
        current = try parseHeader()
      } else {
        try parsePair(into: current)
      }
      try expectEndOfLine()
    }
  }

  // MARK: Bytes

  func mistake(_ text: String) -> TOMLMistake { TOMLMistake(line: line, description: text) }

  func peek(_ ahead: Int = 0) -> UInt8? {
    position + ahead < bytes.count ? bytes[position + ahead] : nil
  }

  mutating func take() -> UInt8? {
    guard let byte = peek() else { return nil }
    position += 1
    if byte == UInt8(ascii: "\n") { line += 1 }
    return byte
  }

  mutating func take(_ text: StaticString) -> Bool {
    let wanted = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    guard bytes[position...].starts(with: wanted) else { return false }
    for _ in wanted { _ = take() }
    return true
  }

  /// What comes next, for sentences.
  func next() -> String {
    guard let byte = peek() else { return "the text ends" }
    if isLineEnd { return "the line ends" }
    // The whole character, not its first byte; the text is valid UTF-8.
    var end = position + 1
    while end < bytes.count, bytes[end] & 0xC0 == 0x80 { end += 1 }
    let isVisible = byte >= 0x20 && byte != 0x7F
    return isVisible
      ? "it has “\(String(decoding: bytes[position..<end], as: UTF8.self))”"
      : "it has a control character"
  }

  var isLineEnd: Bool {
    peek() == UInt8(ascii: "\n") || peek() == UInt8(ascii: "\r") && peek(1) == UInt8(ascii: "\n")
  }

  mutating func skipSpaces() {
    while let byte = peek(), byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") { _ = take() }
  }

  mutating func skipComment() throws(TOMLMistake) {
    guard peek() == UInt8(ascii: "#") else { return }
    while let byte = peek(), !isLineEnd {
      guard !Self.isControl(byte) else { throw mistake("a comment has a control character") }
      _ = take()
    }
  }

  /// Skips spaces, comments and ends of lines.
  mutating func skipBlankLines() throws(TOMLMistake) {
    while true {
      skipSpaces()
      try skipComment()
      guard isLineEnd else { return }
      if !take("\r\n") { _ = take() }
    }
  }

  private mutating func expectEndOfLine() throws(TOMLMistake) {
    skipSpaces()
    try skipComment()
    guard peek() == nil || isLineEnd else {
      throw mistake("expected the end of the line; \(next())")
    }
  }

  /// Whether a byte is a control character other than a tab.
  static func isControl(_ byte: UInt8) -> Bool { byte < 0x20 && byte != 0x09 || byte == 0x7F }

  // MARK: Keys

  /// A key, whose parts dots join.
  mutating func parseKey() throws(TOMLMistake) -> [String] {
    var parts: [String] = []
    repeat {
      guard parts.count < Self.mostLevels else { throw mistake("a key has too many parts") }
      skipSpaces()
      parts.append(try parseSimpleKey())
      skipSpaces()
    } while take(".")
    return parts
  }

  private mutating func parseSimpleKey() throws(TOMLMistake) -> String {
    if peek() == UInt8(ascii: "\"") || peek() == UInt8(ascii: "'") {
      guard !bytes[position...].starts(with: [UInt8](repeating: bytes[position], count: 3)) else {
        throw mistake("a key has three quotation marks; expected one")
      }
      return try parseString()
    }
    let start = position
    while let byte = peek(), Self.isBare(byte) { _ = take() }
    guard position > start else { throw mistake("expected a key; \(next())") }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private static func isBare(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }

  // MARK: Tables

  private mutating func parseHeader() throws(TOMLMistake) -> TOMLNode {
    let line = line
    _ = take()
    let isList = take("[")
    let path = try parseKey()
    guard isList ? take("]]") : take("]") else {
      throw mistake("expected \(isList ? "]]" : "]") after the table's name; \(next())")
    }
    var node = root
    for key in path.dropLast() {
      switch node.places[key]?.content {
      case nil:
        let new = TOMLNode(.implicit)
        node.put(.table(new), at: key, line: line)
        node = new
      case .table(let inner) where inner.origin != .inline: node = inner
      case .tables(let tables): node = tables[tables.count - 1]
      default: throw mistake("\(key) is a value, so nothing can be added to it")
      }
    }
    let key = path[path.count - 1]
    let new = TOMLNode(.header)
    switch (node.places[key]?.content, isList) {
    case (nil, false): node.put(.table(new), at: key, line: line)
    case (nil, true): node.put(.tables([new]), at: key, line: line)
    case (.tables(let tables), true): node.put(.tables(tables + [new]), at: key, line: line)
    case (.table(let table), false) where table.origin == .implicit:
      table.origin = .header
      return table
    default: throw mistake("\(path.joined(separator: ".")) is already defined")
    }
    return new
  }

  /// A key with its value.
  mutating func parsePair(into table: TOMLNode, depth: Int = 0) throws(TOMLMistake) {
    let line = line
    let path = try parseKey()
    guard take("=") else { throw mistake("expected = after the key; \(next())") }
    skipSpaces()
    let start = position
    let value = try parseValue(depth: depth)
    let end = position
    var node = table
    for key in path.dropLast() {
      switch node.places[key]?.content {
      case nil:
        let new = TOMLNode(.dotted)
        node.put(.table(new), at: key, line: line)
        node = new
      case .table(let inner) where inner.origin == .dotted: node = inner
      default: throw TOMLMistake(line: line, description: "\(key) is already defined")
      }
    }
    let key = path[path.count - 1]
    guard node.places[key] == nil else {
      throw TOMLMistake(
        line: line, description: "\(path.joined(separator: ".")) is already defined")
    }
    node.put(.value(value), at: key, line: line, bytes: start..<end)
  }
}
