internal import CZlib

/// gzip, through zlib, with a bound on what may come out.
public enum Gzip {
  /// No deflate stream inflates by more than this factor (zlib's own documentation: 1032).
  static let bestRatio = 1032

  /// The content of a gzip file, or the file itself where it is none.
  ///
  /// More than `limit` bytes are an error, and are never inflated.
  public static func contents(of path: String, limit: Int) throws(FileError) -> [UInt8] {
    try contents(ByteStream(path: path), limit)
  }

  /// The inflated bytes of a block of memory, or the block itself where it is no gzip.
  ///
  /// More than `limit` bytes are an error, and are never inflated; errors call the block `name`.
  public static func inflate(
    _ bytes: [UInt8], limit: Int, name: String
  ) throws(FileError) -> [UInt8] {
    try contents(ByteStream(name: name, bytes: bytes), limit)
  }

  private static func contents(_ stream: ByteStream, _ limit: Int) throws(FileError) -> [UInt8] {
    let bytes = try stream.read(upTo: limit)
    guard try stream.read(upTo: 1).isEmpty else {
      throw FileError(
        stream.name, .tooLarge,
        "holds more than the \(limit) bytes\(stream.ofWhat) that are accepted")
    }
    return bytes
  }

  /// The bytes, at most 1 GiB, as one gzip member; level 1 (fast) … 9 (small).
  public static func deflate(_ bytes: [UInt8], level: Int = 6) -> [UInt8] {
    precondition((1...9).contains(level), "gzip level expects 1…9, got \(level)")
    precondition(bytes.count <= 1 << 30, "gzip expects at most 1 GiB, got \(bytes.count) bytes")
    var stream = z_stream()
    let gzipWindow: Int32 = 15 + 16
    let started = deflateInit2_(
      &stream, Int32(level), Z_DEFLATED, gzipWindow, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    precondition(started == Z_OK, "zlib could not start, status \(started)")
    defer { deflateEnd(&stream) }
    var input = bytes
    return input.withUnsafeMutableBufferPointer { input in
      let room = Int(deflateBound(&stream, UInt(input.count)))
      stream.next_in = input.baseAddress
      stream.avail_in = UInt32(input.count)
      return [UInt8](unsafeUninitializedCapacity: room) { output, count in
        stream.next_out = output.baseAddress
        stream.avail_out = UInt32(room)
        let status = CZlib.deflate(&stream, Z_FINISH)
        precondition(status == Z_STREAM_END, "zlib had \(room) bytes of room, status \(status)")
        count = room - Int(stream.avail_out)
      }
    }
  }
}
