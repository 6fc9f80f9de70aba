/// Tables of points: one a line, separated by tabs, commas, semicolons or spaces.
///
/// A first line of words names the columns: `x`, `y` and, for sets with classes, `dataset`, `class`
/// or `label`. Without it the first two columns are x and y. Lines that start with `#` are skipped.
///
/// The larger side of the box around all points becomes [−1, 1], its centre 0.
enum PointsFile {
  /// The most bytes of text accepted: 64 MiB.
  static let mostBytes = 1 << 26
  /// The largest number accepted; its square still fits a float.
  static let largest = 1e18

  /// Whether a text file that begins so is a table rather than running text: by its name, or where its first
  /// line names columns x and y or has two numbers.
  static func isPlausible(_ path: String, _ start: [UInt8]) -> Bool {
    let name = path.lowercased()
    if [".csv", ".tsv", ".csv.gz", ".tsv.gz"].contains(where: { name.hasSuffix($0) }) {
      return true
    }
    let lines = String(decoding: start, as: UTF8.self).split(whereSeparator: \.isNewline)
    let line = lines.first { !$0.hasPrefix("#") && $0.contains { !$0.isWhitespace } }
    guard let line else { return !lines.isEmpty && lines.allSatisfy { $0.hasPrefix("#") } }
    let fields = line.split { $0.isWhitespace || ",;\"".contains($0) }.map { $0.lowercased() }
    let hasNames = fields.contains("x") && fields.contains("y")
    return hasNames && fields.count < 8 || fields.prefix(2).count { Double($0) != nil } == 2
  }

  /// The points of a table, plain or gzip.
  static func dataset(_ path: String) throws(FileError) -> Dataset {
    try dataset(
      name: path.lastPathComponent, path: path,
      text: ByteStream(path: path).readAll(limit: mostBytes))
  }

  static func dataset(
    name: String, path: String, text bytes: [UInt8]
  ) throws(FileError) -> Dataset {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw FileError(path, .unrecognized, "is not a table of points: it is not text in UTF-8")
    }
    var table = Table(path: path)
    // Line by line: a list of all lines takes far more than the text.
    var (rest, number) = (text[...], 1)
    while let end = rest.firstIndex(where: \.isNewline) {
      try table.read(rest[..<end], number: number)
      (rest, number) = (rest[rest.index(after: end)...], number + 1)
    }
    try table.read(rest, number: number)
    guard !table.x.isEmpty else {
      throw FileError(path, .truncated, "holds no points; expected lines of x and y")
    }
    return Dataset(
      name: name, kind: .points, shape: Shape(1, 1, 1, 2), range: -1...1,
      values: fit(table.x, table.y), labels: table.classNames.isEmpty ? nil : table.labels,
      classNames: table.classNames)
  }

  private static func fit(_ x: [Double], _ y: [Double]) -> [Float] {
    let (left, right) = (x.min() ?? 0, x.max() ?? 0)
    let (bottom, top) = (y.min() ?? 0, y.max() ?? 0)
    let center = (x: (left + right) / 2, y: (bottom + top) / 2)
    let halfWidth = max(right - left, top - bottom) / 2
    let unit = halfWidth > 0 ? halfWidth : 1
    return zip(x, y).flatMap { x, y in
      [Float((x - center.x) / unit), Float((y - center.y) / unit)]
    }
  }
}

/// The columns of a table while its lines are read.
private struct Table {
  let path: String
  var x: [Double] = []
  var y: [Double] = []
  var labels: [Int] = []
  var classNames: [String] = []
  private var separator: Character?
  private var columns: (x: Int, y: Int, label: Int?) = (0, 1, nil)
  private var isFirst = true
  private var classOfName: [String: Int] = [:]

  init(path: String) { self.path = path }

  mutating func read(_ line: Substring, number: Int) throws(FileError) {
    let line = line.hasPrefix("\u{FEFF}") ? line.dropFirst() : line
    guard line.contains(where: { !$0.isWhitespace }), !line.hasPrefix("#") else { return }
    if isFirst { separator = "\t,;".first { line.contains($0) } }
    let fields = split(line)
    defer { isFirst = false }
    if isFirst, try readNames(fields, number) { return }
    let needed = max(columns.x, columns.y, columns.label ?? 0) + 1
    guard fields.count >= needed else {
      throw FileError(
        path, .malformed, "line \(number) has \(fields.count) fields; expected at least \(needed)")
    }
    x.append(try coordinate("x", fields[columns.x], number))
    y.append(try coordinate("y", fields[columns.y], number))
    if let label = columns.label {
      let name = String(fields[label])
      let known = classOfName[name]
      labels.append(known ?? classNames.count)
      if known == nil {
        classOfName[name] = classNames.count
        classNames.append(name)
      }
    }
  }

  private func split(_ line: Substring) -> [Substring] {
    guard let separator else { return line.split(whereSeparator: \.isWhitespace) }
    return line.split(separator: separator, omittingEmptySubsequences: false).map { field in
      let ignored = { (character: Character) in character.isWhitespace || character == "\"" }
      let start = field.drop(while: ignored)
      return start.prefix(start.reversed().drop(while: ignored).count)
    }
  }

  /// Whether the first line names the columns, which are then known.
  private mutating func readNames(_ fields: [Substring], _ number: Int) throws(FileError) -> Bool {
    guard fields.allSatisfy({ Double($0) == nil }) else { return false }
    let names = fields.map { $0.lowercased() }
    guard let x = names.firstIndex(of: "x"), let y = names.firstIndex(of: "y") else {
      let found = Wording.quoted(names.joined(separator: ", "))
      throw FileError(
        path, .unrecognized,
        "is not a table of points: line \(number) is \(found); expected columns x and y")
    }
    columns = (x, y, names.firstIndex { ["dataset", "class", "label"].contains($0) })
    return true
  }

  private func coordinate(
    _ column: String, _ field: Substring, _ number: Int
  ) throws(FileError) -> Double {
    guard let value = Double(field), abs(value) <= PointsFile.largest else {
      throw FileError(
        path, .malformed,
        "line \(number) has \(column) = \(Wording.quoted(field)); expected a number between "
          + "−1e18 and 1e18")
    }
    return value
  }
}
