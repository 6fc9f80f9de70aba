import CZlib

/// Bytes compressed by zlib, without any of the code under test.
struct Packed {
  /// The deflated bytes, without a header.
  let deflated: [UInt8]
  let checksum: [UInt8]
  private let count: Int

  init(_ bytes: [UInt8], level: Int32 = 6) {
    var size = compressBound(UInt(bytes.count))
    var packed = [UInt8](repeating: 0, count: Int(size))
    compress2(&packed, &size, bytes, UInt(bytes.count), level)
    // zlib's own format has two bytes before and a checksum of another kind behind.
    deflated = Array(packed[2..<Int(size) - 4])
    checksum = Self.number(Int(crc32(0, bytes, UInt32(bytes.count))))
    count = bytes.count
  }

  /// One gzip member.
  var gzip: [UInt8] {
    [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255] + deflated + checksum + Self.number(count)
  }

  private static func number(_ value: Int) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}

/// Bytes as one gzip member.
func gzip(_ bytes: [UInt8], level: Int32 = 6) -> [UInt8] { Packed(bytes, level: level).gzip }
