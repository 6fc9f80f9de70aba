/// A zip file opened for reading: its directory, checked, and the places of what it holds.
///
/// Only what such files need that hold data: stored and deflated entries, also beyond 4 GB; no
/// encryption, no second disk. Nothing is read but the directory until an entry is asked for.
///
/// Source: the .ZIP File Format Specification by PKWARE, version 6.3.
struct ZipArchive {
  /// One file in the archive.
  struct Entry {
    let name: String
    let isDeflated: Bool
    /// Where its bytes lie in the archive, compressed where it is.
    let place: Range<Int>
    /// The number of bytes, inflated.
    let size: Int
    /// The checksum of the inflated bytes.
    let checksum: UInt32
  }

  /// The largest directory that is read: a million entries or so.
  static let largestDirectory = 64 << 20

  let file: FileReader
  /// In the order of the directory.
  private(set) var entries: [Entry] = []
  private var indexOfName: [String: Int] = [:]

  init(_ file: FileReader) throws(FileError) {
    self.file = file
    let (place, count) = try ZipDirectory(file).find()
    guard place.count <= Self.largestDirectory else {
      throw FileError(
        file.path, .tooLarge,
        "has a directory of \(place.count) bytes, expected at most \(Self.largestDirectory)")
    }
    var reader = ByteReader(
      try file.bytes(place, of: "its directory"), of: "its directory", path: file.path)
    var starts: [(start: Int, end: Int)] = []
    for _ in 0..<count {
      let (entry, start) = try Self.entry(&reader, file, dataEnd: place.lowerBound)
      guard indexOfName.updateValue(entries.count, forKey: entry.name) == nil else {
        throw FileError(
          file.path, .malformed, "holds \(FileError.quoted(entry.name)) twice")
      }
      entries.append(entry)
      starts.append((start, entry.place.upperBound))
    }
    // Entries that share their bytes let a small file hold more than any disk.
    starts.sort { ($0.start, $0.end) < ($1.start, $1.end) }
    for (one, next) in zip(starts, starts.dropFirst()) where one.end > next.start {
      throw FileError(
        file.path, .malformed,
        "holds entries that overlap: one ends at byte \(one.end), the next begins at \(next.start)")
    }
  }

  /// The entry of that name.
  subscript(name: String) -> Entry? { indexOfName[name].map { entries[$0] } }

  /// One entry of the directory, and where its own header begins.
  private static func entry(
    _ reader: inout ByteReader, _ file: FileReader, dataEnd: Int
  ) throws(FileError) -> (Entry, start: Int) {
    guard try reader.u32() == 0x0201_4B50 else {
      throw FileError(
        file.path, .malformed, "has no entry at byte \(reader.place - 4) of its directory")
    }
    _ = try reader.take(4)  // versions
    let flags = try reader.u16()
    let method = try reader.u16()
    _ = try reader.take(4)  // time
    let checksum = try reader.u32()
    var packed = try reader.count(4)
    var size = try reader.count(4)
    let lengths = (name: try reader.count(2), extra: try reader.count(2), note: try reader.count(2))
    _ = try reader.take(8)  // disk, attributes
    var start = try reader.count(4)
    let name = String(decoding: try reader.take(lengths.name), as: UTF8.self)
    let extra = try reader.take(lengths.extra)
    _ = try reader.take(lengths.note)
    try wide(extra, &size, &packed, &start, path: file.path)

    let quoted = FileError.quoted(name)
    guard flags & 1 == 0 else {
      throw FileError(file.path, .unsupported, "holds \(quoted) encrypted")
    }
    guard method == 0 || method == 8 else {
      throw FileError(
        file.path, .unsupported,
        "holds \(quoted) compressed by method \(method), expected 0, stored, or 8, deflated")
    }
    guard start <= dataEnd - 30 else {
      throw FileError(
        file.path, .malformed,
        "has \(quoted) at byte \(start), expected a place before its directory at \(dataEnd)")
    }
    // The name stands before the data once more, and the extra field may differ in length.
    var local = ByteReader(
      try file.bytes(start..<start + 30, of: quoted), of: quoted, path: file.path)
    let signature = try local.u32()
    _ = try local.take(22)
    let begin = start + 30 + Int(try local.u16()) + Int(try local.u16())
    guard signature == 0x0403_4B50, begin <= dataEnd, packed <= dataEnd - begin else {
      throw FileError(
        file.path, .malformed, "has no whole \(quoted) where its directory says, at byte \(start)")
    }
    let fits = method == 8 ? size / Gzip.bestRatio <= packed : size == packed
    guard fits else {
      throw FileError(
        file.path, .malformed,
        "announces \(size) bytes for \(quoted), which has \(packed) in the file")
    }
    return (
      Entry(
        name: name, isDeflated: method == 8, place: begin..<begin + packed, size: size,
        checksum: checksum), start
    )
  }

  /// Replaces the numbers that did not fit into 32 bits by those of the extra field for them.
  private static func wide(
    _ extra: ArraySlice<UInt8>, _ size: inout Int, _ packed: inout Int, _ start: inout Int,
    path: String
  ) throws(FileError) {
    let unfit = Int(UInt32.max)
    guard size == unfit || packed == unfit || start == unfit else { return }
    var reader = ByteReader(extra, of: "an extra field", path: path)
    while reader.rest >= 4 {
      let identifier = try reader.u16()
      let length = try reader.count(2)
      var field = ByteReader(try reader.take(length), of: "an extra field", path: path)
      guard identifier == 1 else { continue }
      if size == unfit { size = try field.count(8) }
      if packed == unfit { packed = try field.count(8) }
      if start == unfit { start = try field.count(8) }
      return
    }
  }
}
