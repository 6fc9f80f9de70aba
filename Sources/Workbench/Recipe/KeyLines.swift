/// Finds the line of each key in a TOML text, which the parser does not tell.
///
/// The text is known to be valid, so that this only has to know where keys and values end.
struct KeyLines {
  private var lines: [[String]: Int] = [:]
  private let bytes: [UInt8]
  private var position = 0
  private var line = 1

  init(_ text: String) {
    bytes = Array(text.utf8)
    var section: [String] = []
    while let byte = peek() {
      switch byte {
      case UInt8(ascii: "#"): skipComment()
      case UInt8(ascii: "["):
        section = readPath(until: UInt8(ascii: "]"))
        note(section)
        skipValue()
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"):
        advance()
      default:
        let start = line
        let path = section + readPath(until: UInt8(ascii: "="))
        if lines[path] == nil { lines[path] = start }
        note(path.dropLast())
        skipValue()
      }
    }
  }

  /// The line of a key or a section, or of the nearest thing it stands in.
  subscript(path: [String]) -> Int {
    var path = path
    while !path.isEmpty {
      if let line = lines[path] { return line }
      path.removeLast()
    }
    return 1
  }

  private mutating func note(_ path: some Sequence<String>) {
    let path = Array(path)
    if lines[path] == nil { lines[path] = line }
  }

  private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func advance() {
    if peek() == UInt8(ascii: "\n") { line += 1 }
    position += 1
  }

  private mutating func skipComment() {
    while let byte = peek(), byte != UInt8(ascii: "\n") { advance() }
  }

  /// The parts of a dotted key up to `end`, which is left behind.
  private mutating func readPath(until end: UInt8) -> [String] {
    var parts: [String] = []
    var part: [UInt8] = []
    func finished() -> String { String(decoding: part, as: UTF8.self) }
    while let byte = peek(), byte != end, byte != UInt8(ascii: "\n") {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "'"):
        let start = position + 1
        skipString(byte)
        part += bytes[min(start, bytes.count)..<max(start, min(position - 1, bytes.count))]
      case UInt8(ascii: "."):
        parts.append(finished())
        part = []
        advance()
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "["): advance()
      default:
        part.append(byte)
        advance()
      }
    }
    if peek() == end { advance() }
    return parts + [finished()]
  }

  /// Goes to the end of the line on which a value ends.
  private mutating func skipValue() {
    var depth = 0
    while let byte = peek() {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "'"):
        skipString(byte)
        continue
      case UInt8(ascii: "#"):
        skipComment()
        continue
      case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "]"), UInt8(ascii: "}"): depth = max(0, depth - 1)
      case UInt8(ascii: "\n") where depth == 0: return
      default: break
      }
      advance()
    }
  }

  /// Goes behind a string, which begins here with `quote`; three of them allow line ends.
  private mutating func skipString(_ quote: UInt8) {
    let three = [quote, quote, quote]
    let isLong = bytes[position...].starts(with: three)
    for _ in 0..<(isLong ? 3 : 1) { advance() }
    while let byte = peek() {
      if byte == UInt8(ascii: "\\") && quote == UInt8(ascii: "\"") {
        advance()
      } else if byte == quote, !isLong || bytes[position...].starts(with: three) {
        // Up to two more quotation marks may belong to the text.
        if isLong { while position + 3 < bytes.count, bytes[position + 3] == quote { advance() } }
        for _ in 0..<(isLong ? 3 : 1) { advance() }
        return
      }
      advance()
    }
  }
}
