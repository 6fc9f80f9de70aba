/// Little-endian fields of a block of bytes, one after the other; the block is part of a file.
struct ByteReader {
  let path: String
  /// What the block is, for sentences: "its pickle".
  let what: String
  private let bytes: [UInt8]
  /// The next byte to be read, counted from the start of the block.
  private(set) var place = 0

  init(_ bytes: [UInt8], of what: String, path: String) {
    self.path = path
    self.what = what
    self.bytes = bytes
  }

  /// The number of bytes left.
  var rest: Int { bytes.count - place }

  /// The next `count` bytes.
  mutating func take(_ count: Int) throws(FileError) -> ArraySlice<UInt8> {
    guard count >= 0, count <= rest else {
      throw FileError(
        path, .truncated,
        "ends within \(what): byte \(place) of it declares \(count) bytes, "
          + "but only \(rest) are left")
    }
    defer { place += count }
    return bytes[place..<place + count]
  }

  mutating func u8() throws(FileError) -> UInt8 { UInt8(try number(1)) }
  mutating func u32() throws(FileError) -> UInt32 { UInt32(try number(4)) }
  mutating func u64() throws(FileError) -> UInt64 { try number(8) }

  /// A count or a place of `width` bytes; one that no Int holds is as good as the largest.
  mutating func count(_ width: Int) throws(FileError) -> Int { Int(clamping: try number(width)) }

  private mutating func number(_ width: Int) throws(FileError) -> UInt64 {
    try take(width).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// The text before the next line feed, which is passed.
  mutating func line() throws(FileError) -> String {
    let all = bytes.dropFirst(place)
    guard let end = all.firstIndex(of: 0x0A) else { return try text(rest + 1) }
    let text = try text(end - place)
    place += 1
    return text
  }

  /// The next `count` bytes as UTF-8.
  mutating func text(_ count: Int) throws(FileError) -> String {
    let start = place
    guard let text = String(validating: try take(count), as: UTF8.self) else {
      throw FileError(path, .malformed, "has text at byte \(start) of \(what) that is not UTF-8")
    }
    return text
  }
}
