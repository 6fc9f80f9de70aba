internal import CZlib

extension ZipArchive {
  /// Fills `buffer` from byte `start` of a stored entry on, which must have that many.
  func read(
    _ entry: Entry, from start: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws(FileError) {
    precondition(
      !entry.isDeflated && buffer.count <= entry.size - start,
      "\(entry.name) has \(entry.size) bytes, not \(buffer.count) from \(start) on")
    let place = entry.place.lowerBound + start
    let got = try file.read(at: place, into: buffer)
    guard got == buffer.count else {
      throw FileError(
        file.path, .truncated,
        "ends at byte \(place + got) within \(FileError.quoted(entry.name)), "
          + "whose bytes end at \(entry.place.upperBound)")
    }
  }

  /// All bytes of an entry, at most `limit`.
  func bytes(_ entry: Entry, limit: Int) throws(FileError) -> [UInt8] {
    let quoted = FileError.quoted(entry.name)
    guard entry.size <= limit else {
      throw FileError(
        file.path, .tooLarge, "holds \(quoted) of \(entry.size) bytes, expected at most \(limit)")
    }
    if !entry.isDeflated { return try file.bytes(entry.place, of: quoted) }
    let stream = try ByteStream(name: file.path, deflated: entry.place, of: file)
    let bytes = try stream.read(entry.size, field: quoted)
    try stream.expectEnd(after: quoted)
    let checksum = bytes.withUnsafeBufferPointer { crc32_z(0, $0.baseAddress, $0.count) }
    guard UInt32(truncatingIfNeeded: checksum) == entry.checksum else {
      throw FileError(file.path, .corrupt, "has a wrong checksum for \(quoted)")
    }
    return bytes
  }
}
