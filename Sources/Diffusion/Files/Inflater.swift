internal import CZlib

/// Inflates a compressed source piece by piece, as far as it is asked to.
final class Inflater {
  /// What is around the compressed bytes.
  enum Format: String {
    case gzip
    /// Nothing, as in a zip file.
    case deflate

    /// zlib's number for a window of 32 KB in this format.
    fileprivate var window: Int32 { self == .gzip ? 15 + 16 : -15 }
  }

  private let name: String
  private let format: Format
  private let source: ByteStream.Source
  private var position = 0
  private var ended = false
  private let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
  // zlib keeps the address of its stream, so the stream may not move.
  private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)

  init(_ name: String, _ source: ByteStream.Source, _ format: Format) throws(FileError) {
    self.name = name
    self.format = format
    self.source = source
    stream.initialize(to: z_stream())
    let status = inflateInit2_(
      stream, format.window, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else {
      throw FileError(name, .unreadable, "zlib could not start, status \(status)")
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
    input.deallocate()
  }

  /// Fills the buffer with inflated bytes; fewer only where the last member has ended.
  func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    precondition(buffer.count <= Int(Int32.max), "\(buffer.count) bytes at once is too much")
    stream.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = UInt32(buffer.count)
    while stream.pointee.avail_out > 0 {
      if stream.pointee.avail_in == 0 {
        let hasMore = try refill()
        if hasMore { continue }
        if ended { break }
        throw FileError(
          name, .truncated, "ends at byte \(position) within \(format) data, expected more of it")
      }
      try ended ? startNextMember() : inflateSome()
    }
    return buffer.count - Int(stream.pointee.avail_out)
  }

  private func refill() throws(FileError) -> Bool {
    let count = try source.read(at: position, into: input)
    position += count
    stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_in = UInt32(count)
    return count > 0
  }

  private func inflateSome() throws(FileError) {
    switch inflate(stream, Z_NO_FLUSH) {
    case Z_OK, Z_BUF_ERROR:
      break
    case Z_STREAM_END:
      ended = true
    case Z_MEM_ERROR:
      throw FileError(name, .unreadable, "cannot be inflated: out of memory")
    case let status:
      let reason = stream.pointee.msg.map { String(cString: $0) } ?? "status \(status)"
      throw FileError(
        name, .corrupt, "has damaged \(format) data before byte \(consumed + 1): \(reason)")
    }
  }

  /// A gzip file may be several members one after the other; anything else is refused.
  private func startNextMember() throws(FileError) {
    guard format == .gzip, stream.pointee.next_in.pointee == 0x1F else {
      throw FileError(
        name, .trailing, "goes on after its \(format) data, expected its end at byte \(consumed)")
    }
    inflateReset(stream)
    ended = false
  }

  private var consumed: Int { position - Int(stream.pointee.avail_in) }
}
