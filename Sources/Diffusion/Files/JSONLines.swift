/// Append-only files of one JSON value a line: metrics.
public enum JSONLines {
  /// The most bytes accepted: 2 GiB.
  static let mostBytes = 1 << 31

  /// The values of a file; a last line without its end was cut off by a crash, and is left out.
  public static func read(_ path: String) throws(FileError) -> [JSON] {
    var values: [JSON] = []
    try forEachLine(path) { value, _ in
      values.append(value)
      return true
    }
    return values
  }

  /// Calls `body` with each whole line and the position of its end, until it answers false.
  fileprivate static func forEachLine(
    _ path: String, _ body: (JSON, _ end: Int) -> Bool
  ) throws(FileError) {
    let file = try FileReader(path)
    guard file.size <= mostBytes else {
      throw FileError(
        path, .tooLarge, "has \(file.size) bytes, expected at most \(mostBytes)")
    }
    let bytes = try ByteStream(path: path).read(upTo: file.size)
    var start = 0
    var number = 0
    while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
      number += 1
      do throws(JSONProblem) {
        guard body(try JSON(parsing: Array(bytes[start..<end])), end + 1) else { return }
      } catch {
        throw FileError(
          path, .malformed, "line \(number) is not JSON at \(error.description)")
      }
      start = end + 1
    }
  }
}

extension JSONLines {
  /// Adds lines to a file, each handed to the system before ``append(_:)`` returns.
  ///
  /// Belongs to one queue.
  public final class Writer {
    public let path: String
    private let file: Int32
    private let calls: WriteCalls

    /// Opens or creates a file, and drops a last line that a crash has cut off.
    ///
    /// With `keeping`, the first line for which it answers false is dropped with all after it: so
    /// a run that goes on from a checkpoint forgets what it measured after that.
    public convenience init(
      appendingTo path: String, keeping: (JSON) -> Bool = { _ in true }
    ) throws(FileError) {
      try self.init(appendingTo: path, keeping: keeping, calls: .system)
    }

    init(
      appendingTo path: String, keeping: (JSON) -> Bool, calls: WriteCalls
    ) throws(FileError) {
      self.path = path
      self.calls = calls
      file = Int32(
        try calls.check(calls.openFile(path, WriteCalls.append), path, "opened for writing"))
      var length = 0
      try JSONLines.forEachLine(path) { value, end in
        guard keeping(value) else { return false }
        length = end
        return true
      }
      try calls.check(calls.cutFile(file, length), path, "repaired")
    }

    deinit { _ = calls.closeFile(file) }

    /// Adds one line.
    ///
    /// Where it does not fit on the disk none of it stays, and later lines may still be added.
    public func append(_ value: JSON) throws(FileError) {
      let length = try calls.check(calls.lengthOfFile(file), path, "written")
      let line = Array("\(value)\n".utf8)
      do throws(FileError) {
        try line.withUnsafeBufferPointer { bytes throws(FileError) in
          try calls.writeAll(file, UnsafeRawBufferPointer(bytes), path: path)
        }
      } catch {
        _ = calls.cutFile(file, length)
        throw error
      }
    }

    /// Makes all lines so far outlast a failure of the machine.
    public func sync() throws(FileError) {
      try calls.check(calls.syncFile(file), path, "synced")
    }
  }
}
