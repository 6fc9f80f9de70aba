#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

/// Append-only files of one JSON object a line: metrics.
///
/// Numbers that are not finite are the words `NaN`, `Infinity` and `-Infinity`.
package enum JSONLines {
  /// The most bytes accepted: 2 GiB.
  static let mostBytes = 1 << 31

  /// A record as one line, without its end; its members are in the order of the alphabet.
  package static func line(_ record: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .words
    // A record is plain values, and those can be encoded.
    guard let data = try? encoder.encode(record) else {
      preconditionFailure("\(type(of: record)) cannot be encoded")
    }
    return String(decoding: data, as: UTF8.self)
  }

  /// The records of a file; a last line without its end was cut off by a crash, and is left out, as are
  /// lines that are no records where `skippingDamage` says so.
  package static func read<Record: Decodable>(
    _ path: String, as type: Record.Type = Record.self, skippingDamage: Bool = false
  ) throws(FileError) -> [Record] {
    var records: [Record] = []
    try forEachLine(FileReader(path), skippingDamage: skippingDamage) { (record: Record, _) in
      records.append(record)
      return true
    }
    return records
  }

  /// The last record of a file that is wanted, among those of its last 64 KB; nil if there is none.
  ///
  /// A last line without its end was cut off by a crash, and is left out, as are lines that are no records.
  package static func last<Record: Decodable>(
    _ path: String, as type: Record.Type = Record.self, where isWanted: (Record) -> Bool
  ) throws(FileError) -> Record? {
    let file = try FileReader(path)
    let start = max(0, file.size - 1 << 16)
    let bytes = try file.bytes(start..<file.size, of: "its last lines")
    var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    lines.removeLast()
    // The start cuts a line.
    if start > 0, !lines.isEmpty { lines.removeFirst() }
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .words
    for line in lines.reversed() {
      guard let record = try? decoder.decode(Record.self, from: Data(line)) else { continue }
      if isWanted(record) { return record }
    }
    return nil
  }

  /// Calls `body` with each whole line and the position of its end, until it returns false.
  fileprivate static func forEachLine<Record: Decodable>(
    _ file: FileReader, skippingDamage: Bool, _ body: (Record, _ end: Int) -> Bool
  ) throws(FileError) {
    let path = file.path
    let bytes = try file.bytes(atMost: mostBytes, of: "its lines")
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .words
    var start = 0
    var number = 0
    while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
      number += 1
      let record = try? decoder.decode(Record.self, from: Data(bytes[start..<end]))
      start = end + 1
      if let record {
        guard body(record, start) else { return }
      } else if !skippingDamage {
        throw FileError(
          path, .malformed, "has a line \(number) that is not a record; expected one JSON object")
      }
    }
  }
}

extension JSONLines {
  /// Adds lines to a file, each handed to the system before ``append(_:)`` returns.
  ///
  /// Belongs to one queue.
  package final class Writer<Record: Codable> {
    package private(set) var path: String
    private var file: Int32
    private let calls: WriteCalls

    /// Opens or creates a file, and drops a last line that a crash has cut off; lines that are damaged
    /// stay where they are.
    ///
    /// With `keeping`, the first line for which it returns false is dropped with all after it: so
    /// a run that goes on from a checkpoint forgets what it measured after that.
    package convenience init(
      appendingTo path: String, keeping: (Record) -> Bool = { _ in true }
    ) throws(FileError) {
      try self.init(appendingTo: path, keeping: keeping, calls: .system)
    }

    init(
      appendingTo path: String, keeping: (Record) -> Bool, calls: WriteCalls
    ) throws(FileError) {
      self.path = path
      self.calls = calls
      file = Int32(
        try calls.check(calls.openFile(path, WriteCalls.append), path, "opened for writing"))
      var length = 0
      let reader = try FileReader(path)
      try JSONLines.forEachLine(reader, skippingDamage: true) { (record: Record, end) in
        guard keeping(record) else { return false }
        length = end
        return true
      }
      try calls.check(calls.cutFile(file, length), path, "repaired")
    }

    /// Goes on at another path, or anew at the same, with all lines so far; nothing changes where that
    /// fails.
    package func move(to path: String) throws(FileError) {
      let bytes = try FileReader(self.path, descriptor: file).allBytes()
      try AtomicFile.replace(path, with: bytes)
      let opened = Int32(
        try calls.check(calls.openFile(path, WriteCalls.append), path, "opened for writing"))
      // Whoever removed the file before may have done so again.
      guard calls.lengthOfFile(opened) == bytes.count else {
        _ = calls.closeFile(opened)
        throw FileError(path, .unwritable, "cannot be written: it was removed again")
      }
      _ = calls.closeFile(file)
      (self.path, file) = (path, opened)
    }

    /// Whether the file is still the one at its path.
    package var isInPlace: Bool { FileReader.isFile(file, at: path) }

    deinit { _ = calls.closeFile(file) }

    /// Adds one line.
    ///
    /// Where it does not fit on the disk none of it stays, and later lines may still be added.
    package func append(_ record: Record) throws(FileError) {
      let length = try calls.check(calls.lengthOfFile(file), path, "written")
      let line = Array("\(JSONLines.line(record))\n".utf8)
      do throws(FileError) {
        try line.withUnsafeBufferPointer { bytes throws(FileError) in
          try calls.writeAll(file, UnsafeRawBufferPointer(bytes), path: path)
        }
      } catch {
        _ = calls.cutFile(file, length)
        throw error
      }
    }
  }
}

extension JSONEncoder.NonConformingFloatEncodingStrategy {
  /// Numbers that JSON has no digits for, as the words that JavaScript and Python's readers know.
  static var words: Self {
    .convertToString(positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
  }
}

extension JSONDecoder.NonConformingFloatDecodingStrategy {
  static var words: Self {
    .convertFromString(positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
  }
}
