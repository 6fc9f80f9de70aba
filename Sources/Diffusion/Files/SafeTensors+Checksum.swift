internal import CZlib

extension SafeTensors {
  /// The CRC-32 of all bytes of a file, which stands in its metadata in eight digits; as if they were
  /// zeros it counts itself.
  struct Checksum {
    static let field = "checksum"
    static let placeholder = "00000000"
    /// What stands before the digits, as the writer puts it.
    private static let mark = Array("\"\(field)\":\"".utf8)

    private var sum = crc32(0, nil, 0)

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
      var rest = bytes
      while let start = rest.baseAddress, !rest.isEmpty {
        let count = min(rest.count, 1 << 30)
        sum = crc32(sum, start.assumingMemoryBound(to: UInt8.self), UInt32(count))
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      }
    }

    private var digits: String {
      let text = String(sum, radix: 16)
      return String(repeating: "0", count: 8 - text.count) + text
    }

    /// The header of a file with this checksum in place of the zeros.
    func written(into header: [UInt8]) -> [UInt8] {
      guard let place = Self.place(in: header) else { return header }
      var header = header
      header.replaceSubrange(place, with: digits.utf8)
      return header
    }

    /// Where the digits are: behind the first mark, before any text of others.
    private static func place(in header: [UInt8]) -> Range<Int>? {
      let last = min(256, header.count) - mark.count - placeholder.utf8.count
      let start = (0..<max(0, last)).first { header[$0...].starts(with: mark) }
      return start.map { $0 + mark.count..<$0 + mark.count + placeholder.utf8.count }
    }

    /// Compares a file with the checksum in its metadata, if there is one.
    static func check(_ file: FileReader, _ metadata: [String: String]) throws(FileError) {
      guard let expected = metadata[field] else { return }
      let damaged = FileError(
        file.path, .corrupt,
        "is damaged: its bytes do not have the checksum \(Wording.quoted(expected))")
      var sum = Checksum()
      var start = 0
      while start < file.size {
        var bytes = try file.bytes(start..<min(start + 1 << 22, file.size), of: "its content")
        if start == 0 {
          guard let place = place(in: bytes) else { throw damaged }
          bytes.replaceSubrange(place, with: placeholder.utf8)
        }
        bytes.withUnsafeBytes { sum.add($0) }
        start += bytes.count
      }
      guard sum.digits == expected else { throw damaged }
    }
  }

  /// Compares all bytes with the checksum in the metadata, where there is one.
  func checkSum() throws(FileError) { try Checksum.check(file, metadata) }
}
