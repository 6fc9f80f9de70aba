extension TorchPickle {
  /// More values than any model has.
  private static let mostValues = 4_000_000

  /// Carries out one instruction after the other; returns the value that is left.
  mutating func run() throws(FileError) -> Value {
    while true {
      let place = reader.place
      let code = try reader.u8()
      if code == UInt8(ascii: ".") {
        let root = try pop()
        guard stack.isEmpty, marks.isEmpty, reader.rest == 0 else {
          throw malformed("stops at byte \(place), before its end")
        }
        return root
      }
      try carryOut(code, at: place)
    }
  }

  private mutating func carryOut(_ code: UInt8, at place: Int) throws(FileError) {
    switch code {
    case 0x80: try checkVersion(reader.u8())
    case 0x95: _ = try reader.u64()  // the length of a frame, for readers of streams
    case UInt8(ascii: "("): marks.append(stack.count)
    case UInt8(ascii: "N"), 0x88, 0x89, UInt8(ascii: "K"), UInt8(ascii: "M"), UInt8(ascii: "J"),
      UInt8(ascii: "G"), 0x8A, 0x8B:
      try push(number(code))
    case UInt8(ascii: "X"), 0x8C, 0x8D, UInt8(ascii: "U"), UInt8(ascii: "T"):
      try push(.text(text(code)))
    case UInt8(ascii: "C"), UInt8(ascii: "B"), 0x8E:
      try skipBytes(code)
      try push(.bytes)
    case UInt8(ascii: "]"): try push(.list(keep([])))
    case UInt8(ascii: ")"): try push(.tuple(keep([])))
    case UInt8(ascii: "}"): try push(.dictionary(keepDictionary()))
    case UInt8(ascii: "t"), 0x85, 0x86, 0x87: try makeTuple(code)
    case UInt8(ascii: "a"), UInt8(ascii: "e"): try append(code)
    case UInt8(ascii: "s"), UInt8(ascii: "u"): try setItems(code)
    case UInt8(ascii: "q"): memo[try reader.count(1)] = try top()
    case UInt8(ascii: "r"): memo[try reader.count(4)] = try top()
    case 0x94: memo[memo.count] = try top()
    case UInt8(ascii: "h"): try recall(reader.count(1))
    case UInt8(ascii: "j"): try recall(reader.count(4))
    case UInt8(ascii: "c"):
      let module = try reader.line()
      try push(.global(global(module, reader.line())))
    case 0x93:
      guard case .text(let name) = try pop(), case .text(let module) = try pop() else {
        throw malformed("names a class by something other than text")
      }
      try push(.global(global(module, name)))
    case UInt8(ascii: "R"): try reduce()
    case UInt8(ascii: "b"): try build()
    case UInt8(ascii: "Q"): try push(.storage(storage(pop())))
    default:
      throw FileError(
        reader.path, .unsupported,
        "holds a Python object built by instruction \(code) at byte \(place) of its "
          + "pickle; only tensors in plain containers are read")
    }
  }

  private func checkVersion(_ version: UInt8) throws(FileError) {
    guard (2...5).contains(version) else {
      throw FileError(
        reader.path, .unsupported, "holds a pickle of protocol \(version); expected 2 to 5")
    }
  }
}

// MARK: - The stack

extension TorchPickle {
  func malformed(_ problem: String) -> FileError {
    FileError(reader.path, .malformed, "holds a pickle that \(problem)")
  }

  mutating func push(_ value: Value) throws(FileError) {
    pushes += 1
    guard pushes <= Self.mostValues else {
      throw FileError(
        reader.path, .tooLarge, "holds a pickle of more than \(Self.mostValues) values")
    }
    stack.append(value)
  }

  /// The value on top, which must lie above the last mark.
  func top() throws(FileError) -> Value {
    guard let value = stack.last, stack.count > marks.last ?? 0 else {
      throw malformed("takes a value at byte \(reader.place) where there is none")
    }
    return value
  }

  mutating func pop() throws(FileError) -> Value {
    let value = try top()
    stack.removeLast()
    return value
  }

  /// Takes everything above the last mark, and the mark.
  private mutating func popToMark() throws(FileError) -> [Value] {
    guard let mark = marks.popLast() else {
      throw malformed("returns at byte \(reader.place) to a mark that it never set")
    }
    let values = Array(stack[mark...])
    stack.removeSubrange(mark...)
    return values
  }

  private mutating func recall(_ place: Int) throws(FileError) {
    guard let value = memo[place] else {
      throw malformed("recalls value \(place), which it never stored")
    }
    try push(value)
  }

  mutating func keep(_ values: [Value]) -> Int {
    sequences.append(values)
    return sequences.count - 1
  }

  mutating func keepDictionary() -> Int {
    dictionaries.append([])
    return dictionaries.count - 1
  }
}

// MARK: - Numbers, text and containers

extension TorchPickle {
  private mutating func number(_ code: UInt8) throws(FileError) -> Value {
    switch code {
    case 0x88: return .bool(true)
    case 0x89: return .bool(false)
    case UInt8(ascii: "K"): return .integer(try reader.count(1))
    case UInt8(ascii: "M"): return .integer(try reader.count(2))
    case UInt8(ascii: "J"): return .integer(Int(Int32(bitPattern: try reader.u32())))
    case UInt8(ascii: "G"):
      return .number(Double(bitPattern: try reader.u64().byteSwapped))
    case 0x8A: return try long(reader.count(1))
    case 0x8B: return try long(reader.count(4))
    default: return .none
    }
  }

  /// A whole number of any length; beyond 64 bits, as those of random states are, only roughly.
  private mutating func long(_ count: Int) throws(FileError) -> Value {
    let bytes = try reader.take(count)
    guard let last = bytes.last else { return .integer(0) }
    guard bytes.count <= 8 else { return .number(last < 0x80 ? .infinity : -.infinity) }
    return .integer(bytes.reversed().reduce(last < 0x80 ? 0 : -1) { $0 << 8 | Int($1) })
  }

  private mutating func text(_ code: UInt8) throws(FileError) -> String {
    let isShort = code == 0x8C || code == UInt8(ascii: "U")
    return try reader.text(reader.count(isShort ? 1 : code == 0x8D ? 8 : 4))
  }

  private mutating func skipBytes(_ code: UInt8) throws(FileError) {
    let width = code == UInt8(ascii: "C") ? 1 : code == 0x8E ? 8 : 4
    _ = try reader.take(reader.count(width))
  }

  private mutating func makeTuple(_ code: UInt8) throws(FileError) {
    var values: [Value] = []
    if code == UInt8(ascii: "t") {
      values = try popToMark()
    } else {
      for _ in 0..<code - 0x84 { values.append(try pop()) }
      values.reverse()
    }
    try push(.tuple(keep(values)))
  }

  private mutating func append(_ code: UInt8) throws(FileError) {
    let values = code == UInt8(ascii: "e") ? try popToMark() : [try pop()]
    guard case .list(let place) = try top() else {
      throw malformed("appends to something other than a list")
    }
    sequences[place] += values
  }

  private mutating func setItems(_ code: UInt8) throws(FileError) {
    var values: [Value]
    if code == UInt8(ascii: "u") {
      values = try popToMark()
    } else {
      let value = try pop()
      values = [try pop(), value]
    }
    guard case .dictionary(let place) = try top(), values.count.isMultiple(of: 2) else {
      throw malformed("sets items of something other than a dictionary, or without values")
    }
    for i in stride(from: 0, to: values.count, by: 2) {
      dictionaries[place].append((values[i], values[i + 1]))
    }
  }
}
