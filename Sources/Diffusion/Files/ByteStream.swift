/// The content of a file or of a block of memory from front to back, inflated where it is gzip.
///
/// Whether it is gzip is decided by its first bytes, never by its name.
final class ByteStream {
  enum Source {
    case file(FileReader)
    /// A part of a file.
    case part(FileReader, Range<Int>)
    case memory([UInt8])
  }

  let name: String
  /// The number of bytes of the source, before inflating.
  let sourceSize: Int
  /// How many bytes of the content were read so far.
  private(set) var offset = 0
  private let source: Source
  private var inflater: Inflater?

  /// A file.
  convenience init(path: String) throws(FileError) {
    let file = try FileReader(path)
    try self.init(name: path, source: .file(file), size: file.size)
  }

  /// A block of memory that errors call `name`.
  convenience init(name: String, bytes: [UInt8]) throws(FileError) {
    try self.init(name: name, source: .memory(bytes), size: bytes.count)
  }

  /// Deflated bytes without a header of their own, `place` in a file; errors call them `name`.
  init(name: String, deflated place: Range<Int>, of file: FileReader) throws(FileError) {
    self.name = name
    source = .part(file, place)
    sourceSize = place.count
    inflater = try Inflater(name, source, .deflate)
  }

  private init(name: String, source: Source, size: Int) throws(FileError) {
    self.name = name
    self.source = source
    sourceSize = size
    var magic: (UInt8, UInt8) = (0, 0)
    let found = try withBytes(of: &magic) { buffer throws(FileError) in
      try source.read(at: 0, into: buffer)
    }
    if found == 2, magic == (0x1F, 0x8B) { inflater = try Inflater(name, source, .gzip) }
  }

  /// Whether the source is inflated.
  var isCompressed: Bool { inflater != nil }

  /// The most bytes that can be left: exact for a plain source, deflate's best ratio for gzip.
  var mostBytesLeft: Int {
    isCompressed ? sourceSize * Gzip.bestRatio - offset : sourceSize - offset
  }

  /// The next bytes, `count` of them or as many as there are.
  ///
  /// Memory grows with the bytes that arrive: a large `count` alone allocates nothing.
  func read(upTo count: Int) throws(FileError) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      let start = bytes.count
      let piece = min(count - start, max(start, 1 << 16))
      bytes.append(contentsOf: repeatElement(0, count: piece))
      let got = try bytes.withUnsafeMutableBufferPointer { buffer throws(FileError) in
        try fill(
          UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[start...]))
      }
      if got < piece {
        bytes.removeLast(piece - got)
        break
      }
    }
    return bytes
  }

  /// The next `count` bytes; `field` names them where the content ends before.
  func read(_ count: Int, field: String) throws(FileError) -> [UInt8] {
    let start = offset
    let bytes = try read(upTo: count)
    guard bytes.count == count else {
      throw FileError(
        name, .truncated,
        "ends at byte \(start + bytes.count)\(ofWhat) within \(field), "
          + "expected \(count) bytes from byte \(start) on")
    }
    return bytes
  }

  /// Checks that nothing follows, and with it the checksum of gzip.
  func expectEnd(after what: String) throws(FileError) {
    let end = offset
    guard try read(upTo: 1).isEmpty else {
      throw FileError(
        name, .trailing, "goes on after \(what), expected its end at byte \(end)\(ofWhat)")
    }
  }

  /// Says for byte positions that they count inflated bytes.
  var ofWhat: String { isCompressed ? " of the inflated content" : "" }

  private func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    let got =
      if let inflater { try inflater.fill(buffer) } else {
        try source.read(at: offset, into: buffer)
      }
    offset += got
    return got
  }
}

extension ByteStream.Source {
  func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    switch self {
    case .file(let file):
      return try file.read(at: offset, into: buffer)
    case .part(let file, let place):
      let rest = place.dropFirst(offset)
      return try file.read(
        at: rest.startIndex,
        into: UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(rest.count)))
    case .memory(let bytes):
      let count = min(buffer.count, max(0, bytes.count - offset))
      bytes.withUnsafeBytes { all in
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: all[offset..<offset + count]))
      }
      return count
    }
  }
}

/// `withUnsafeMutableBytes(of:)` with a typed error.
func withBytes<Value, Result>(
  of value: inout Value,
  _ body: (UnsafeMutableRawBufferPointer) throws(FileError) -> Result
) throws(FileError) -> Result {
  try withUnsafeMutablePointer(to: &value) { pointer throws(FileError) in
    try body(UnsafeMutableRawBufferPointer(start: pointer, count: MemoryLayout<Value>.size))
  }
}
