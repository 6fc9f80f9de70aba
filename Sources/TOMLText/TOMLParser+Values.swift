extension TOMLParser {
  /// A value within `depth` lists and tables.
  mutating func parseValue(depth: Int) throws(TOMLMistake) -> TOMLValue {
    guard depth < Self.mostLevels else { throw mistake("lists are nested too deeply") }
    switch peek() {
    case UInt8(ascii: "\""), UInt8(ascii: "'"): return .text(try parseString())
    case UInt8(ascii: "["): return .list(try parseList(depth: depth + 1))
    case UInt8(ascii: "{"): return .table(try parseInlineTable(depth: depth + 1))
    default: return try parseWord()
    }
  }

  private mutating func parseList(depth: Int) throws(TOMLMistake) -> [TOMLValue] {
    _ = take()
    var values: [TOMLValue] = []
    while true {
      try skipBlankLines()
      if take("]") { return values }
      values.append(try parseValue(depth: depth))
      try skipBlankLines()
      if take(",") { continue }
      guard take("]") else { throw mistake("expected a comma or ] in the list; \(next())") }
      return values
    }
  }

  private mutating func parseInlineTable(depth: Int) throws(TOMLMistake) -> TOMLTable {
    _ = take()
    let node = TOMLNode(.inline)
    skipSpaces()
    if take("}") { return node.table }
    while true {
      try parsePair(into: node, depth: depth)
      skipSpaces()
      if take(",") { continue }
      guard take("}") else { throw mistake("expected a comma or } in the table; \(next())") }
      return node.table
    }
  }

  // MARK: Words

  /// A number, true or false, or a date.
  private mutating func parseWord() throws(TOMLMistake) -> TOMLValue {
    let first = position
    takeWord()
    let date = bytes[first..<position]
    // A space may stand between a date and a time.
    if Self.matches(date, "dddd-dd-dd"), peek() == UInt8(ascii: " "),
      peek(1).map(Self.isDigit) == true
    {
      _ = take()
      takeWord()
    }
    let word = bytes[first..<position]
    let text = String(decoding: word, as: UTF8.self)
    switch text {
    case "": throw mistake("expected a value; \(next())")
    case "true": return .flag(true)
    case "false": return .flag(false)
    default: break
    }
    if let value = Self.number(text) { return value }
    if Self.isMoment(word) { return .moment(text) }
    let start = text.count > 40 ? "\(text.prefix(40))…" : text
    throw mistake("“\(start)” is not a value; text needs quotation marks")
  }

  private mutating func takeWord() {
    while let byte = peek(), !Self.endsWord(byte) { _ = take() }
  }

  private static func endsWord(_ byte: UInt8) -> Bool {
    byte <= 0x20 || byte == 0x7F || "#,]}=[{\"'".utf8.contains(byte)
  }

  static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  private static func number(_ text: String) -> TOMLValue? {
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where text.hasPrefix(prefix) {
      let digits = withoutUnderscores(text.dropFirst(2), isDigit: \.isHexDigit)
      guard let digits, digits.allSatisfy(\.isHexDigit) else { return nil }
      return Int(digits, radix: radix).map { .integer($0) }
    }
    let signless = text.first == "+" || text.first == "-" ? text.dropFirst() : text[...]
    let isNegative = text.first == "-"
    switch signless {
    case "inf": return .real(isNegative ? -.infinity : .infinity)
    case "nan": return .real(.nan)
    default: break
    }
    guard let plain = withoutUnderscores(signless, isDigit: \.isWholeNumber) else { return nil }
    let digits = plain.prefix { $0.isASCII && $0.isNumber }
    // No zeros in front, and digits on both sides of a dot.
    guard !digits.isEmpty, digits == "0" || digits.first != "0" else { return nil }
    var rest = plain.dropFirst(digits.count)
    if rest.isEmpty { return Int((isNegative ? "-" : "") + plain).map { .integer($0) } }
    if rest.first == "." {
      let fraction = rest.dropFirst().prefix { $0.isASCII && $0.isNumber }
      guard !fraction.isEmpty else { return nil }
      rest = rest.dropFirst(1 + fraction.count)
    }
    if rest.first == "e" || rest.first == "E" {
      rest = rest.dropFirst()
      if rest.first == "+" || rest.first == "-" { rest = rest.dropFirst() }
      let exponent = rest.prefix { $0.isASCII && $0.isNumber }
      guard !exponent.isEmpty else { return nil }
      rest = rest.dropFirst(exponent.count)
    }
    guard rest.isEmpty else { return nil }
    return Double((isNegative ? "-" : "") + plain).map { .real($0) }
  }

  /// The text without its underscores; nil where one does not stand between two digits.
  private static func withoutUnderscores(
    _ text: some StringProtocol, isDigit: (Character) -> Bool
  ) -> String? {
    let parts = text.split(separator: "_", omittingEmptySubsequences: false)
    for (left, right) in zip(parts, parts.dropFirst()) {
      guard let last = left.last, let first = right.first, isDigit(last), isDigit(first) else {
        return nil
      }
    }
    return text.isEmpty ? nil : parts.joined()
  }

  // MARK: Dates

  /// Whether a word is a date, a time, or both with or without an offset.
  private static func isMoment(_ word: ArraySlice<UInt8>) -> Bool {
    var rest = word
    if rest.count >= 10, matches(rest.prefix(10), "dddd-dd-dd") {
      guard isDay(rest.prefix(10)) else { return false }
      rest = rest.dropFirst(10)
      guard let separator = rest.first else { return true }
      guard "Tt ".utf8.contains(separator) else { return false }
      rest = rest.dropFirst()
      guard takeTime(&rest) else { return false }
      return rest.isEmpty || isOffset(rest)
    }
    return takeTime(&rest) && rest.isEmpty
  }

  private static func isDay(_ date: ArraySlice<UInt8>) -> Bool {
    let year = number(date.prefix(4))
    let (month, day) = (number(date.dropFirst(5).prefix(2)), number(date.suffix(2)))
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return (1...12).contains(month) && (1...days[month - 1]).contains(day)
  }

  private static func takeTime(_ rest: inout ArraySlice<UInt8>) -> Bool {
    let time = rest.prefix(8)
    guard time.count == 8, matches(time, "dd:dd:dd"), number(time.prefix(2)) < 24,
      number(time.dropFirst(3).prefix(2)) < 60, number(time.suffix(2)) < 60
    else { return false }
    rest = rest.dropFirst(8)
    guard rest.first == UInt8(ascii: ".") else { return true }
    let fraction = rest.dropFirst().prefix(while: isDigit)
    rest = rest.dropFirst(1 + fraction.count)
    return !fraction.isEmpty
  }

  private static func isOffset(_ rest: ArraySlice<UInt8>) -> Bool {
    if rest.count == 1 { return rest.first == UInt8(ascii: "Z") || rest.first == UInt8(ascii: "z") }
    guard let sign = rest.first, "+-".utf8.contains(sign), matches(rest.dropFirst(), "dd:dd") else {
      return false
    }
    return number(rest.dropFirst().prefix(2)) < 24 && number(rest.suffix(2)) < 60
  }

  /// Whether the bytes are those of a pattern, in which d stands for a digit.
  private static func matches(_ bytes: ArraySlice<UInt8>, _ pattern: StaticString) -> Bool {
    let pattern = UnsafeBufferPointer(start: pattern.utf8Start, count: pattern.utf8CodeUnitCount)
    return bytes.count == pattern.count
      && zip(bytes, pattern).allSatisfy { $1 == UInt8(ascii: "d") ? isDigit($0) : $0 == $1 }
  }

  /// The number that a few digits write.
  private static func number(_ digits: ArraySlice<UInt8>) -> Int {
    digits.reduce(0) { $0 * 10 + Int($1) - 0x30 }
  }
}
