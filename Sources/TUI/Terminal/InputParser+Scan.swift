extension InputParser {
  /// What one run of bytes means.
  enum Report: Hashable {
    case key(Key)
    /// The code holds button, modifiers and motion as xterm defines them; places count from 1.
    case mouse(code: Int, column: Int, row: Int, isRelease: Bool)
    case pasteStart
    case pasteEnd
    /// The answer to the question for the background.
    case background(Color)
    /// What the terminal can do, which it says after the answers to all earlier questions.
    case abilities
    /// Understood as a whole, but nothing that the program reacts to.
    case unknown
  }

  enum Scan: Equatable {
    case report(length: Int, Report)
    /// More bytes have to come.
    case incomplete
  }

  /// No sequence that terminals send for a key is longer.
  private static let longest = 64

  /// Reads one sequence at the start of `bytes`.
  static func scan(_ bytes: ArraySlice<UInt8>, isComplete: Bool) -> Scan {
    let bytes = Array(bytes)
    guard let first = bytes.first else { return .incomplete }
    switch first {
    case 0x1B: return scanEscape(bytes, isComplete: isComplete)
    case 0x80...: return scanCharacter(bytes, isComplete: isComplete)
    default: return .report(length: 1, .key(key(byte: first)))
    }
  }

  /// A byte below 0x80: a character, or what the Control key makes of one.
  private static func key(byte: UInt8) -> Key {
    switch byte {
    case 0x0D, 0x0A: .enter
    case 0x09: .tab
    case 0x08, 0x7F: .backspace
    case 0x00: .control(" ")
    case 0x01...0x1A: .control(Character(Unicode.Scalar(byte + 0x60)))
    case 0x1B: .escape
    case 0x1C...0x1F: .control(Character(Unicode.Scalar(byte + 0x40)))
    default: .character(Character(Unicode.Scalar(byte)))
    }
  }

  private static func scanCharacter(_ bytes: [UInt8], isComplete: Bool) -> Scan {
    let length =
      switch bytes[0] {
      case 0xC2...0xDF: 2
      case 0xE0...0xEF: 3
      case 0xF0...0xF4: 4
      default: 1
      }
    let present = bytes.prefix(length)
    if let wrong = present.dropFirst().firstIndex(where: { $0 & 0xC0 != 0x80 }) {
      return .report(length: wrong, .unknown)
    }
    guard present.count == length else {
      return isComplete ? .report(length: present.count, .unknown) : .incomplete
    }
    let text = String(decoding: present, as: UTF8.self)
    guard length > 1, let scalar = text.unicodeScalars.first, scalar != "\u{FFFD}",
      scalar.value >= 0xA0
    else { return .report(length: length, .unknown) }
    return .report(length: length, .key(.character(Character(scalar))))
  }

  private static func scanEscape(_ bytes: [UInt8], isComplete: Bool) -> Scan {
    guard bytes.count > 1 else {
      return isComplete ? .report(length: 1, .key(.escape)) : .incomplete
    }
    switch bytes[1] {
    case 0x5B: return scanControl(bytes, isComplete: isComplete)
    case 0x4F: return scanApplication(bytes, isComplete: isComplete)
    case 0x50, 0x58, 0x5D...0x5F: return scanString(bytes, isComplete: isComplete)
    case 0x1B:
      // Two escapes: the key itself, then whatever the second one starts.
      return .report(length: 1, .key(.escape))
    default:
      // Alt sends Escape before the character; no key here has such a twin.
      switch scan(bytes[1...], isComplete: isComplete) {
      case .incomplete: return .incomplete
      case .report(let length, _): return .report(length: length + 1, .unknown)
      }
    }
  }

  /// `ESC O x`: arrows and the first function keys in application mode.
  private static func scanApplication(_ bytes: [UInt8], isComplete: Bool) -> Scan {
    guard bytes.count > 2 else {
      return isComplete ? .report(length: 2, .unknown) : .incomplete
    }
    if bytes[2] == 0x4D { return .report(length: 3, .key(.enter)) }
    guard let key = keys[bytes[2]] else { return .report(length: 3, .unknown) }
    return .report(length: 3, .key(key))
  }

  /// Answers and titles, `ESC ] … BEL` or `ESC P … ESC \`: swallowed whole.
  private static func scanString(_ bytes: [UInt8], isComplete: Bool) -> Scan {
    for index in bytes.indices.dropFirst(2) {
      if bytes[index] == 0x07 { return .report(length: index + 1, answer(bytes[1..<index])) }
      if bytes[index] == 0x5C && bytes[index - 1] == 0x1B {
        return .report(length: index + 1, answer(bytes[1..<index - 1]))
      }
    }
    guard isComplete || bytes.count > 4096 else { return .incomplete }
    return .report(length: bytes.count, .unknown)
  }

  /// What a string says, without its beginning and its end: of `]11;rgb:…` the colour.
  private static func answer(_ bytes: ArraySlice<UInt8>) -> Report {
    let text = String(decoding: bytes, as: UTF8.self)
    guard text.hasPrefix("]11;") else { return .unknown }
    return Color(answer: text.dropFirst(4)).map(Report.background) ?? .unknown
  }

  /// `ESC [ parameters final`.
  private static func scanControl(_ bytes: [UInt8], isComplete: Bool) -> Scan {
    let body = bytes.dropFirst(2)
    if body.first == 0x4D { return scanOldMouse(bytes, isComplete: isComplete) }
    // The console of Linux sends F1 … F5 as ESC [ [ A … E.
    if body.first == 0x5B {
      guard bytes.count > 3 else {
        return isComplete ? .report(length: 3, .unknown) : .incomplete
      }
      guard (0x41...0x45).contains(bytes[3]) else { return .report(length: 4, .unknown) }
      return .report(length: 4, .key(.function(Int(bytes[3]) - 0x40)))
    }
    for index in body.indices {
      switch bytes[index] {
      case 0x20...0x3F:
        if index > longest { return .report(length: index, .unknown) }
      case 0x40...0x7E:
        let report = control(parameters: bytes[2..<index], final: bytes[index])
        return .report(length: index + 1, report)
      default:
        // Something else began before this sequence ended.
        return .report(length: index, .unknown)
      }
    }
    return isComplete ? .report(length: bytes.count, .unknown) : .incomplete
  }

  /// `ESC [ M` and three bytes, from terminals that do not know the newer reports.
  private static func scanOldMouse(_ bytes: [UInt8], isComplete: Bool) -> Scan {
    guard bytes.count >= 6 else {
      return isComplete ? .report(length: bytes.count, .unknown) : .incomplete
    }
    guard bytes[3] >= 32, bytes[4] >= 32, bytes[5] >= 32 else {
      return .report(length: 6, .unknown)
    }
    let code = Int(bytes[3]) - 32
    let mouse = Report.mouse(
      code: code, column: Int(bytes[4]) - 32, row: Int(bytes[5]) - 32,
      isRelease: code & 3 == 3)
    return .report(length: 6, mouse)
  }

  private static func control(parameters: ArraySlice<UInt8>, final: UInt8) -> Report {
    let isMouse = parameters.first == 0x3C
    if parameters.first == 0x3F, final == 0x63 { return .abilities }
    // Marks other than `<` and colons come with answers to questions that were not asked.
    let digits = isMouse ? parameters.dropFirst() : parameters
    guard digits.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x3B }) else { return .unknown }
    let values = digits.split(separator: 0x3B, omittingEmptySubsequences: false).map {
      $0.count > 5 ? 0 : $0.reduce(0) { $0 * 10 + Int($1) - 0x30 }
    }
    if isMouse {
      guard values.count == 3, final == 0x4D || final == 0x6D else { return .unknown }
      return .mouse(
        code: values[0], column: values[1], row: values[2], isRelease: final == 0x6D)
    }
    if final == 0x5A { return .key(.backTab) }
    let isShifted = values.count > 1 && values[1] > 1 && (values[1] - 1) & 1 == 1
    if final == 0x7E {
      switch values.first {
      case 200: return .pasteStart
      case 201: return .pasteEnd
      default: break
      }
      return values.first.flatMap { numbered[$0] }.map(Report.key) ?? .unknown
    }
    // With a larger number it is an answer, such as where the cursor is.
    guard values.first ?? 0 <= 1, let key = keys[final] else { return .unknown }
    return .key(isShifted ? shifted[key] ?? key : key)
  }

  /// By the last byte of `ESC [ …` and `ESC O …`; the lower-case ones are how rxvt shifts arrows.
  private static let keys: [UInt8: Key] = [
    0x41: .up, 0x42: .down, 0x43: .right, 0x44: .left, 0x46: .end, 0x48: .home,
    0x50: .function(1), 0x51: .function(2), 0x52: .function(3), 0x53: .function(4),
    0x61: .shiftUp, 0x62: .shiftDown, 0x63: .shiftRight, 0x64: .shiftLeft,
  ]

  private static let shifted: [Key: Key] = [
    .up: .shiftUp, .down: .shiftDown, .right: .shiftRight, .left: .shiftLeft,
  ]

  /// By the number of `ESC [ number ~`.
  private static let numbered: [Int: Key] = [
    1: .home, 2: .insert, 3: .delete, 4: .end, 5: .pageUp, 6: .pageDown, 7: .home, 8: .end,
    11: .function(1), 12: .function(2), 13: .function(3), 14: .function(4), 15: .function(5),
    17: .function(6), 18: .function(7), 19: .function(8), 20: .function(9), 21: .function(10),
    23: .function(11), 24: .function(12),
  ]
}
