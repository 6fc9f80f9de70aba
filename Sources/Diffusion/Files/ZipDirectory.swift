/// Finds the directory of a zip file, which stands at its end.
struct ZipDirectory {
  private let file: FileReader

  init(_ file: FileReader) { self.file = file }

  /// Where the directory lies and how many entries it has.
  func find() throws(FileError) -> (place: Range<Int>, count: Int) {
    let end = try endRecord()
    var reader = ByteReader(
      try file.bytes(end..<end + 22, of: Self.what), of: Self.what, path: file.path)
    _ = try reader.take(10)  // signature, disks, the entries on this disk
    var count = try reader.count(2)
    var size = try reader.count(4)
    var start = try reader.count(4)
    if let wide = try wideRecord(before: end) { (count, size, start) = wide }
    guard start <= end, size <= end - start, count <= size / 46 else {
      throw FileError(
        file.path, .malformed,
        "announces a directory of \(count) entries and \(size) bytes at byte \(start), "
          + "expected it before byte \(end)")
    }
    return (start..<start + size, count)
  }

  private static let what = "the end of its directory"

  /// The place of the record at the very end, behind which only a comment may stand.
  private func endRecord() throws(FileError) -> Int {
    let start = max(0, file.size - 22 - Int(UInt16.max))
    let bytes = try file.bytes(start..<file.size, of: Self.what)
    for place in stride(from: bytes.count - 22, through: 0, by: -1)
    where bytes[place] == 0x50 && bytes[place + 1] == 0x4B && bytes[place + 2] == 5
      && bytes[place + 3] == 6
    {
      let comment = Int(bytes[place + 20]) | Int(bytes[place + 21]) << 8
      if place + 22 + comment == bytes.count { return start + place }
    }
    throw FileError(
      file.path, .truncated, "has no zip directory at its end, \(file.size) bytes from its start")
  }

  /// The numbers of the 64-bit record, where there is one.
  private func wideRecord(
    before end: Int
  ) throws(FileError) -> (count: Int, size: Int, start: Int)? {
    guard end >= 20 else { return nil }
    var locator = ByteReader(
      try file.bytes(end - 20..<end, of: Self.what), of: Self.what, path: file.path)
    guard try locator.u32() == 0x0706_4B50 else { return nil }
    _ = try locator.take(4)  // disk
    let place = try locator.count(8)
    guard place <= end - 20 - 56 else {
      throw FileError(
        file.path, .malformed, "announces the end of its directory at byte \(place) of \(end)")
    }
    var record = ByteReader(
      try file.bytes(place..<place + 56, of: Self.what), of: Self.what, path: file.path)
    guard try record.u32() == 0x0606_4B50 else {
      throw FileError(file.path, .malformed, "has no end of its directory at byte \(place)")
    }
    _ = try record.take(28)  // its size, versions, disks, the entries on this disk
    return (try record.count(8), try record.count(8), try record.count(8))
  }
}
