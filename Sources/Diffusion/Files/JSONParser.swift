/// What is wrong with a JSON text, and where.
package struct JSONSyntaxError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The byte at which it was noticed, from 0.
  package let offset: Int
  package let problem: String

  package var description: String { "byte \(offset): \(problem)" }
}

extension JSON {
  /// The value of a text in UTF-8, by the letter of the standard (RFC 8259).
  ///
  /// Names that occur twice in an object, lone surrogates, numbers beyond a double, more than 64
  /// levels and more than two million values are refused.
  package init(parsing text: [UInt8]) throws(JSONSyntaxError) {
    guard String(validating: text, as: UTF8.self) != nil else {
      throw JSONSyntaxError(offset: 0, problem: "the text is not UTF-8")
    }
    self = try text.withUnsafeBufferPointer { bytes throws(JSONSyntaxError) in
      var parser = JSONParser(bytes: bytes)
      return try parser.parseDocument()
    }
  }

  package init(parsing text: String) throws(JSONSyntaxError) {
    try self.init(parsing: Array(text.utf8))
  }
}

/// A reader of one JSON text; the bytes are known to be UTF-8.
private struct JSONParser {
  private static let deepest = 64
  private static let mostValues = 2_000_000

  private let bytes: UnsafeBufferPointer<UInt8>
  private var place = 0
  private var values = 0

  init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  mutating func parseDocument() throws(JSONSyntaxError) -> JSON {
    let value = try parseValue(depth: 0)
    skipSpace()
    guard place == bytes.count else { throw problem("expected the end of the text") }
    return value
  }

  private mutating func parseValue(depth: Int) throws(JSONSyntaxError) -> JSON {
    values += 1
    guard values <= Self.mostValues else { throw problem("more than \(Self.mostValues) values") }
    guard depth <= Self.deepest else { throw problem("more than \(Self.deepest) levels") }
    skipSpace()
    switch peek {
    case UInt8(ascii: "{"): return try parseObject(depth)
    case UInt8(ascii: "["): return try parseArray(depth)
    case UInt8(ascii: "\""): return .string(try parseString())
    case UInt8(ascii: "t"): return try parseWord("true", .bool(true))
    case UInt8(ascii: "f"): return try parseWord("false", .bool(false))
    case UInt8(ascii: "n"): return try parseWord("null", .null)
    // Python writes what has no words in JSON.
    case UInt8(ascii: "I"): return try parseWord("Infinity", .number(.infinity))
    case UInt8(ascii: "-") where place + 1 < bytes.count && bytes[place + 1] == UInt8(ascii: "I"):
      return try parseWord("-Infinity", .number(-.infinity))
    default: return try parseNumber()
    }
  }

  private mutating func parseObject(_ depth: Int) throws(JSONSyntaxError) -> JSON {
    var members: [JSON.Member] = []
    var names: Set<String> = []
    place += 1
    if skip("}") { return .object([]) }
    repeat {
      skipSpace()
      let start = place
      guard peek == UInt8(ascii: "\"") else { throw problem("expected a name in quotes") }
      let name = try parseString()
      guard names.insert(name).inserted else {
        place = start
        throw problem("the name \(Wording.quoted(name)) occurs twice")
      }
      guard skip(":") else { throw problem("expected a colon") }
      members.append(JSON.Member(name, try parseValue(depth: depth + 1)))
    } while skip(",")
    guard skip("}") else { throw problem("expected a comma or }") }
    return .object(members)
  }

  private mutating func parseArray(_ depth: Int) throws(JSONSyntaxError) -> JSON {
    var elements: [JSON] = []
    place += 1
    if skip("]") { return .array([]) }
    repeat { elements.append(try parseValue(depth: depth + 1)) } while skip(",")
    guard skip("]") else { throw problem("expected a comma or ]") }
    return .array(elements)
  }

  private mutating func parseWord(_ word: StaticString, _ value: JSON) throws(JSONSyntaxError)
    -> JSON
  {
    let end = place + word.utf8CodeUnitCount
    guard end <= bytes.count,
      (0..<word.utf8CodeUnitCount).allSatisfy({ bytes[place + $0] == word.utf8Start[$0] })
    else { throw problem("expected \(word)") }
    place = end
    return value
  }

  private mutating func parseNumber() throws(JSONSyntaxError) -> JSON {
    let start = place
    if peek == UInt8(ascii: "-") { place += 1 }
    let first = peek
    let digits = skipDigits()
    guard digits == 1 || digits > 1 && first != UInt8(ascii: "0") else {
      throw problem(digits == 0 ? "expected a value" : "a number starts with 0")
    }
    var isWhole = true
    if peek == UInt8(ascii: ".") {
      isWhole = false
      place += 1
      guard skipDigits() > 0 else { throw problem("expected digits after the point") }
    }
    if let mark = peek, mark | 0x20 == UInt8(ascii: "e") {
      isWhole = false
      place += 1
      if peek == UInt8(ascii: "-") || peek == UInt8(ascii: "+") { place += 1 }
      guard skipDigits() > 0 else { throw problem("expected digits in the exponent") }
    }
    let text = String(decoding: bytes[start..<place], as: UTF8.self)
    if isWhole, let value = Int(text) { return .integer(value) }
    guard let value = Double(text), value.isFinite else {
      throw problem("the number \(Wording.quoted(text)) is too large")
    }
    return .number(value)
  }

  private mutating func skipDigits() -> Int {
    let start = place
    while let byte = peek, UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte { place += 1 }
    return place - start
  }

  private var peek: UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func skipSpace() {
    while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      place += 1
    }
  }

  /// Goes past `character` if it is next.
  private mutating func skip(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard peek == UInt8(ascii: character) else { return false }
    place += 1
    return true
  }

  private func problem(_ problem: String) -> JSONSyntaxError {
    JSONSyntaxError(offset: place, problem: problem)
  }
}

extension JSONParser {
  private mutating func parseString() throws(JSONSyntaxError) -> String {
    place += 1
    var text = ""
    var start = place
    while let byte = peek {
      switch byte {
      case UInt8(ascii: "\""):
        text += String(decoding: bytes[start..<place], as: UTF8.self)
        place += 1
        return text
      case UInt8(ascii: "\\"):
        text += String(decoding: bytes[start..<place], as: UTF8.self)
        place += 1
        text.unicodeScalars.append(try parseEscape())
        start = place
      case 0..<0x20:
        throw problem("a control character in a string")
      default:
        place += 1
      }
    }
    throw problem("the text ends within a string")
  }

  private mutating func parseEscape() throws(JSONSyntaxError) -> Unicode.Scalar {
    guard let byte = peek else { throw problem("the text ends within a string") }
    place += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try parseUnicode()
    default: throw problem("an unknown escape in a string")
    }
  }

  private mutating func parseUnicode() throws(JSONSyntaxError) -> Unicode.Scalar {
    let first = try parseHex()
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard first < 0xDC00, peek == UInt8(ascii: "\\"), place + 1 < bytes.count,
      bytes[place + 1] == UInt8(ascii: "u")
    else { throw problem("a lone surrogate in a string") }
    place += 2
    let second = try parseHex()
    guard 0xDC00...0xDFFF ~= second,
      let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    else { throw problem("a lone surrogate in a string") }
    return scalar
  }

  private mutating func parseHex() throws(JSONSyntaxError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue,
        byte < 0x80
      else { throw problem("expected four hexadecimal digits") }
      value = value << 4 | UInt32(digit)
      place += 1
    }
    return value
  }
}
