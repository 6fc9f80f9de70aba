extension TOMLParser {
  /// A text in quotation marks, one or three on each side.
  mutating func parseString() throws(TOMLMistake) -> String {
    guard let quote = take() else { throw mistake("expected text; \(next())") }
    let isBasic = quote == UInt8(ascii: "\"")
    let isLong = peek() == quote && peek(1) == quote
    if isLong {
      (_, _) = (take(), take())
      // A line end right behind the quotation marks does not count.
      if !take("\r\n") { _ = take("\n") }
    }
    var text: [UInt8] = []
    while true {
      guard let byte = peek(), isLong || !isLineEnd else {
        throw mistake("text has no closing quotation mark")
      }
      if byte == quote {
        if !isLong {
          _ = take()
          return String(decoding: text, as: UTF8.self)
        }
        if let extra = closingQuotes(quote) {
          for _ in 0..<extra + 3 { _ = take() }
          text += [UInt8](repeating: quote, count: extra)
          return String(decoding: text, as: UTF8.self)
        }
      }
      if byte == UInt8(ascii: "\\"), isBasic {
        try parseEscape(isLong: isLong, into: &text)
        continue
      }
      guard !Self.isControl(byte) || isLineEnd else {
        throw mistake("text has a control character; expected an escape such as \\u001B")
      }
      // Also \r\n as a whole.
      if byte == UInt8(ascii: "\r"), let first = take() { text.append(first) }
      if let next = take() { text.append(next) }
    }
  }

  /// How many quotation marks belong to a long text whose end may be here, nil where it goes on: the last
  /// three of up to five close it.
  private func closingQuotes(_ quote: UInt8) -> Int? {
    var count = 0
    while count < 5, peek(count) == quote { count += 1 }
    return count >= 3 ? count - 3 : nil
  }

  private mutating func parseEscape(isLong: Bool, into text: inout [UInt8]) throws(TOMLMistake) {
    _ = take()
    if isLong, skipsLineEnd() { return }
    switch take() {
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "\""): text.append(0x22)
    case UInt8(ascii: "\\"): text.append(0x5C)
    case UInt8(ascii: "u"): text += String(try parseScalar(digits: 4)).utf8
    case UInt8(ascii: "U"): text += String(try parseScalar(digits: 8)).utf8
    default: throw mistake("text has an unknown escape; write a backslash as \\\\")
    }
  }

  private mutating func parseScalar(digits: Int) throws(TOMLMistake) -> Character {
    var value: UInt32 = 0
    for _ in 0..<digits {
      guard let byte = peek(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw mistake("text has an escape with too few digits; expected \(digits)")
      }
      _ = take()
      value = value << 4 | UInt32(digit)
    }
    guard let scalar = Unicode.Scalar(value) else {
      throw mistake("text has an escape that is not a character")
    }
    return Character(scalar)
  }

  /// Skips a line's end behind a backslash, and all space up to the next character; returns whether there
  /// is one.
  private mutating func skipsLineEnd() -> Bool {
    let start = self
    skipSpaces()
    guard isLineEnd else {
      self = start
      return false
    }
    while isLineEnd || peek() == UInt8(ascii: " ") || peek() == UInt8(ascii: "\t") { _ = take() }
    return true
  }
}
