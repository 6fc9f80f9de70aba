extension JSON {
  /// The largest file that is read as one value: 16 MB.
  static let largestFile = 16 << 20

  /// The value that a file holds.
  package init(contentsOf path: String) throws(FileError) {
    let bytes = try FileReader(path).bytes(atMost: Self.largestFile, of: "its text")
    do throws(JSONSyntaxError) {
      self = try JSON(parsing: bytes)
    } catch {
      throw FileError(
        path, .malformed, "is not JSON at byte \(error.offset): \(error.problem)")
    }
  }
}
