extension JSON {
  /// The largest file that is read as one value: 16 MB.
  static let largestFile = 16 << 20

  /// The value that a file holds.
  package init(contentsOf path: String) throws(FileError) {
    let file = try FileReader(path)
    guard file.size <= Self.largestFile else {
      throw FileError(
        path, .tooLarge, "has \(file.size) bytes; expected JSON of at most \(Self.largestFile)")
    }
    let bytes = try file.bytes(0..<file.size, of: "its text")
    do throws(JSONSyntaxError) {
      self = try JSON(parsing: bytes)
    } catch {
      throw FileError(
        path, .malformed, "is not JSON at byte \(error.offset): \(error.problem)")
    }
  }
}
