/// The members of a tar archive, plain or gzip, one after the other.
///
/// The format is POSIX's ustar with the long names of pax and of GNU tar; of other kinds of entries than files,
/// nothing is taken. Source: POSIX.1-2017, `pax`.
struct TarFile {
  /// A file in the archive.
  struct Member {
    /// Its path in the archive.
    let name: String
    let bytes: [UInt8]
  }

  private static let blockSize = 512
  /// The most bytes accepted in one member: 1 GiB.
  private static let mostBytes = 1 << 30

  private let path: String
  /// The next bytes, so many or as many as there are.
  private let readUpTo: (Int) throws(FileError) -> [UInt8]
  /// Bytes read so far.
  private var offset = 0

  /// Opens the archive at a path.
  init(_ path: String) throws(FileError) {
    let stream = try ByteStream(path: path)
    self.path = path
    readUpTo = { (count) throws(FileError) in try stream.read(upTo: count) }
  }

  /// An archive in memory, which errors call `name`.
  init(_ bytes: [UInt8], name: String) {
    var rest = bytes[...]
    path = name
    readUpTo = { (count) throws(FileError) in
      defer { rest = rest.dropFirst(count) }
      return Array(rest.prefix(count))
    }
  }

  /// Whether a file is called as archives are.
  static func hasUsualName(_ path: String) -> Bool {
    let name = path.lowercased()
    return [".tar", ".tar.gz", ".tgz"].contains { name.hasSuffix($0) }
  }

  /// The next file whose name `isWanted`, or nil at the end; the content of others is passed over.
  mutating func next(where isWanted: (String) -> Bool) throws(FileError) -> Member? {
    var longName: String?
    while true {
      let place = offset
      let header = try read(upTo: Self.blockSize)
      if header.isEmpty || header.allSatisfy({ $0 == 0 }) { return nil }
      guard header.count == Self.blockSize, Self.hasRightSum(header) else {
        throw FileError(
          path, place == 0 ? .unrecognized : .corrupt,
          "\(place == 0 ? "is no tar archive" : "is a damaged tar archive") (byte \(place))")
      }
      let size = Self.number(header[124..<136])
      guard let size, size <= Self.mostBytes else {
        throw FileError(
          path, .tooLarge,
          "has a member of \(size.map { "\($0)" } ?? "an unreadable number of") bytes (byte "
            + "\(place)); expected at most \(Self.mostBytes)")
      }
      let type = header[156]
      let ownName = longName ?? Self.name(header)
      let isFile = [0, UInt8(ascii: "0"), UInt8(ascii: "7")].contains(type)
      // A long name belongs to the entry that follows, after other headers of the same entry.
      if !["L", "K", "x", "g"].contains(where: { UInt8(ascii: $0) == type }) { longName = nil }
      if isFile, isWanted(ownName) {
        let bytes = try content(size, of: Wording.escaped(ownName))
        return Member(name: ownName, bytes: bytes)
      }
      switch type {
      case UInt8(ascii: "L"):
        longName = Self.text(try content(size, of: "a long name")[...])
      case UInt8(ascii: "x"):
        longName = Self.paxPath(try content(size, of: "a pax header")) ?? longName
      default: try skip(size, of: Wording.escaped(ownName))
      }
    }
  }

  private static func padded(_ size: Int) -> Int {
    (size + blockSize - 1) / blockSize * blockSize
  }

  /// The bytes of a member; those that fill its last block are passed.
  private mutating func content(_ size: Int, of what: String) throws(FileError) -> [UInt8] {
    let start = offset
    let bytes = try read(upTo: size)
    guard bytes.count == size else {
      throw FileError(
        path, .truncated,
        "ends at byte \(offset) of the archive within \(what); expected \(size) bytes from byte "
          + "\(start) on")
    }
    _ = try read(upTo: Self.padded(size) - size)
    return bytes
  }

  private mutating func read(upTo count: Int) throws(FileError) -> [UInt8] {
    let bytes = try readUpTo(count)
    offset += bytes.count
    return bytes
  }

  private mutating func skip(_ size: Int, of what: String) throws(FileError) {
    var left = size
    while left > 0 {
      // Whole blocks, so that only the last piece is padded.
      let piece = min(left, 1 << 20)
      _ = try content(piece, of: what)
      left -= piece
    }
  }

  private static func text(_ bytes: ArraySlice<UInt8>) -> String {
    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }

  private static func name(_ header: [UInt8]) -> String {
    let name = text(header[0..<100])
    let isPOSIX = header[257..<262].elementsEqual("ustar".utf8)
    let prefix = isPOSIX ? text(header[345..<500]) : ""
    return prefix.isEmpty ? name : prefix + "/" + name
  }

  /// A number in octal digits, or in base 256 where the first bit says so.
  private static func number(_ field: ArraySlice<UInt8>) -> Int? {
    if let first = field.first, first & 0x80 != 0 {
      return field.dropFirst().reduce(Optional(Int(first & 0x7F))) { value, byte in
        value.flatMap { $0 < 1 << 50 ? $0 << 8 | Int(byte) : nil }
      }
    }
    let digits = text(field).filter { $0 != " " }
    guard digits.allSatisfy({ ("0"..."7").contains($0) }) else { return nil }
    return digits.isEmpty ? 0 : Int(digits, radix: 8)
  }

  /// The sum of all bytes, those of the sum itself taken as spaces.
  private static func hasRightSum(_ header: [UInt8]) -> Bool {
    let sum = header.enumerated().reduce(0) {
      $0 + ((148..<156).contains($1.offset) ? 0x20 : Int($1.element))
    }
    return number(header[148..<156]) == sum
  }

  /// The value of `path` among records of a length, a key, `=`, a value and a line feed.
  private static func paxPath(_ bytes: [UInt8]) -> String? {
    String(decoding: bytes, as: UTF8.self).split(separator: "\n").lazy.compactMap { record in
      let fields = record.split(separator: " ", maxSplits: 1)
      return fields.count == 2 && fields[1].hasPrefix("path=")
        ? String(fields[1].dropFirst(5)) : nil
    }.first
  }
}
