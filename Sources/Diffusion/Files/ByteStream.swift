internal import CZlib
internal import Platform

/// The content of a file from front to back, inflated where it is gzip, by zlib's own reader.
///
/// Whether it is gzip is decided by its first bytes, never by its name. What follows the last
/// member of a gzip file and is none itself is left out, as `gzip` does.
final class ByteStream {
  /// No deflate stream inflates by more than this factor (zlib's own documentation: 1032).
  private static let bestRatio = 1032
  /// Content that is this many times its file holds next to nothing, and is refused where it is large.
  private static let largestRatio = 250
  /// Up to so many bytes it does not matter: 16 MiB.
  private static let harmless = 1 << 24

  let path: String
  /// Whether the file is inflated.
  let isCompressed: Bool
  /// How many bytes of the content were read so far.
  private(set) var offset = 0
  /// The number of bytes of the file, before inflating.
  private let fileSize: Int
  private let reader: gzFile
  /// Whether it is known not to inflate beyond reason.
  private var isMeasured = false

  init(path: String) throws(FileError) {
    let file = try FileReader(path)
    let descriptor = try file.duplicate()
    guard let reader = gzdopen(descriptor, "r") else {
      close(descriptor)
      throw FileError(path, .unreadable, "cannot be read: out of memory")
    }
    self.path = path
    self.reader = reader
    fileSize = file.size
    isCompressed = gzdirect(reader) == 0
  }

  deinit { gzclose_r(reader) }

  /// The most bytes that can be left: exact for a plain file, deflate's best ratio for gzip.
  var mostBytesLeft: Int { (isCompressed ? fileSize * Self.bestRatio : fileSize) - offset }

  /// The next bytes, `count` of them or as many as there are.
  ///
  /// Memory grows with the bytes that arrive: a large `count` alone allocates nothing.
  func read(upTo count: Int) throws(FileError) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      let start = bytes.count
      // zlib counts what it reads at once in 31 bits.
      let piece = min(count - start, max(start, 1 << 16), 1 << 30)
      bytes.append(contentsOf: repeatElement(0, count: piece))
      let got = try bytes.withUnsafeMutableBufferPointer { buffer throws(FileError) in
        try fill(UnsafeMutableBufferPointer(rebasing: buffer[start...]))
      }
      if got < piece {
        bytes.removeLast(piece - got)
        break
      }
    }
    return bytes
  }

  /// All of the content that is left; more than `limit` bytes are an error, and are never inflated.
  func readAll(limit: Int) throws(FileError) -> [UInt8] {
    let bytes = try read(upTo: limit)
    guard try read(upTo: 1).isEmpty else {
      throw FileError(
        path, .tooLarge, "holds more than the \(limit) bytes\(ofWhat) that are accepted")
    }
    return bytes
  }

  /// The next `count` bytes; `field` names them where the content ends before.
  func read(_ count: Int, field: String) throws(FileError) -> [UInt8] {
    let start = offset
    let bytes = try read(upTo: count)
    guard bytes.count == count else {
      throw FileError(
        path, .truncated,
        "ends at byte \(start + bytes.count)\(ofWhat) within \(field); "
          + "expected \(count) bytes from byte \(start) on")
    }
    return bytes
  }

  /// Checks that nothing follows, and with it the checksum of gzip.
  func expectEnd(after what: String) throws(FileError) {
    let end = offset
    guard try read(upTo: 1).isEmpty else {
      throw FileError(
        path, .trailing, "continues after \(what); expected its end at byte \(end)\(ofWhat)")
    }
  }

  /// Says for byte positions that they count inflated bytes.
  private var ofWhat: String { isCompressed ? " of the inflated content" : "" }

  private func fill(_ buffer: UnsafeMutableBufferPointer<UInt8>) throws(FileError) -> Int {
    let got = Int(gzread(reader, buffer.baseAddress, UInt32(buffer.count)))
    // A file that was cut gives what it has; only the error says that more was due.
    if got < buffer.count { try check() }
    offset += got
    try refuseBomb()
    return got
  }

  /// Refuses what would fill the memory from next to nothing: at the first suspicion the whole content is
  /// measured, keeping none of it.
  private func refuseBomb() throws(FileError) {
    guard isCompressed, !isMeasured, offset > max(Self.harmless, fileSize * Self.largestRatio / 10)
    else { return }
    isMeasured = true
    let most = max(Self.harmless, fileSize * Self.largestRatio)
    let other = try ByteStream(path: path)
    other.isMeasured = true
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    try bytes.withUnsafeMutableBufferPointer { buffer throws(FileError) in
      while other.offset <= most, try other.fill(buffer) == buffer.count {}
    }
    guard other.offset <= most else {
      throw FileError(
        path, .tooLarge,
        "inflates from \(fileSize) bytes to more than \(most), which no data does; expected at most "
          + "\(Self.largestRatio) times its size")
    }
  }

  /// Throws what zlib found wrong, if it did.
  private func check() throws(FileError) {
    var code = Z_OK
    let message = gzerror(reader, &code).map { String(cString: $0) } ?? ""
    // zlib puts its own name for the file before the reason: "<fd:3>: incorrect data check".
    let reason = message.split(separator: ": ", maxSplits: 1).last ?? "unknown"
    switch code {
    case Z_OK: return
    case Z_BUF_ERROR:
      throw FileError(
        path, .truncated, "ends at byte \(fileSize) within gzip data; expected more bytes")
    case Z_DATA_ERROR:
      throw FileError(path, .corrupt, "has damaged gzip data: \(reason)")
    default:
      throw FileError(path, .unreadable, "cannot be read: \(reason)")
    }
  }
}
