/// A text file of numbers, read whole: separated by spaces, commas or new lines; what follows a `#` on
/// a line is passed over.
package struct NumbersFile: Sendable, Hashable {
  /// Where the file is.
  package let path: String
  /// Its numbers, in order.
  package let values: [Double]

  /// Numbers that were read out of the file at `path`, which has others besides.
  init(path: String, values: [Double]) {
    self.path = path
    self.values = values
  }

  /// Larger files are refused.
  private static let largest = 1 << 24

  /// Reads a file; what is not a finite number is an error that names its line.
  package init(contentsOf path: String) throws(FileError) {
    let reader = try FileReader(path)
    guard reader.size <= Self.largest else {
      throw FileError(path, .tooLarge, "is too large; expected at most 16 MiB of numbers")
    }
    let text = String(decoding: try reader.bytes(0..<reader.size, of: "its numbers"), as: UTF8.self)
    var values: [Double] = []
    for (line, content) in text.split(separator: "\n", omittingEmptySubsequences: false)
      .enumerated()
    {
      let code = content.prefix { $0 != "#" }
      for word in code.split(whereSeparator: { $0 == "," || $0 == ";" || $0.isWhitespace }) {
        guard let number = Double(word), number.isFinite else {
          throw FileError(
            path, .malformed,
            "has \(FileError.quoted(word)) in line \(line + 1); expected a number")
        }
        values.append(number)
      }
    }
    guard (2...10_000).contains(values.count) else {
      throw FileError(
        path, .malformed, "has \(values.count) numbers; expected 2 to 10,000")
    }
    self.path = path
    self.values = values
  }
}

extension Setting {
  /// A file of numbers, read when it is named.
  static func file(
    _ path: any WritableKeyPath<Root, NumbersFile?> & Sendable, _ key: String, _ meaning: String
  ) -> Self {
    Setting(
      key, .text("the name of a file"), meaning, absent: "none",
      get: { $0[keyPath: path].map { .text($0.path) } },
      set: { (root, value) throws(SettingError) in
        guard case .text(let name) = value, !name.isEmpty else { return false }
        do {
          root[keyPath: path] = try NumbersFile(contentsOf: name)
        } catch {
          throw .because("\(error).")
        }
        return true
      })
  }
}
