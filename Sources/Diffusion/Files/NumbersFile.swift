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
    let bytes = try FileReader(path).bytes(atMost: Self.largest, of: "its numbers")
    let text = String(decoding: bytes, as: UTF8.self)
    var values: [Double] = []
    for (line, content) in text.split(separator: "\n", omittingEmptySubsequences: false)
      .enumerated()
    {
      let code = content.prefix { $0 != "#" }
      for word in code.split(whereSeparator: { $0 == "," || $0 == ";" || $0.isWhitespace }) {
        guard let number = Double(word), number.isFinite else {
          throw FileError(
            path, .malformed,
            "has \(Wording.quoted(word)) in line \(line + 1); expected a number")
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
      path, key, .text("the name of a file"), absent: "none", meaning,
      write: { .text($0.path) },
      read: { (value) throws(SettingError) in
        do {
          return try value.nonemptyText.map { (name) throws(FileError) in
            try NumbersFile(contentsOf: name)
          }
        } catch {
          throw .because("\(error).")
        }
      })
  }
}
