/// The binary records of CIFAR-10, 32×32 or 16×16, plain or gzip, in one file or several.
///
/// A record is a label byte and then all red, all green and all blue bytes of an image, line by
/// line; there is no header, so the file size decides which images they are. Source: Krizhevsky 2009,
/// <https://www.cs.toronto.edu/~kriz/cifar.html>.
enum CIFAR {
  /// The sides of images that are known, the usual one first.
  static let sides = [32, 16]
  /// The most bytes accepted in one file: 2 GiB.
  static let mostBytes = 1 << 31

  /// All images of `paths`, one file after the other.
  ///
  /// Class names come from `NAME.names.txt` beside the first file, one line an image that begins
  /// with the name of its class, or from `batches.meta.txt` beside it, one a line; without either,
  /// files called as CIFAR-10's own have its ten names, and others numbers.
  static func dataset(_ paths: [String]) throws(FileError) -> Dataset {
    precondition(!paths.isEmpty, "no file to read images from")
    var side: Int?
    var (bytes, labels): ([UInt8], [Int]) = ([], [])
    for path in paths {
      let content = try ByteStream(path: path).readAll(limit: mostBytes)
      let found = try recordSide(content, path)
      guard side == nil || side == found else {
        throw FileError(
          path, .mismatch,
          "has images of \(found)×\(found); expected \(side ?? 0)×\(side ?? 0) as in \(paths[0])")
      }
      side = found
      labels += append(content, side: found, to: &bytes)
    }
    let sides = side ?? 0
    return Dataset(
      name: paths[0].lastPathComponent, shape: Shape(1, sides, sides, 3), bytes: bytes,
      labels: labels, classNames: try classNames(beside: paths[0], labels))
  }

  /// All images of records that are known to be whole, whose classes have these names.
  ///
  /// - Precondition: there is a name for each label.
  static func dataset(
    name: String, records content: [UInt8], side: Int, classNames: [String]
  ) -> Dataset {
    var bytes: [UInt8] = []
    let labels = append(content, side: side, to: &bytes)
    return Dataset(
      name: name, shape: Shape(1, side, side, 3), bytes: bytes, labels: labels,
      classNames: classNames)
  }

  /// Whether a file is called as files of records are.
  static func hasUsualName(_ path: String) -> Bool {
    path.hasSuffix(".bin") || path.hasSuffix(".bin.gz")
  }

  /// Whether a file under any name is a whole number of records whose labels are those of CIFAR-10.
  static func isPlausible(_ path: String) throws(FileError) -> Bool {
    let content = try ByteStream(path: path).readAll(limit: mostBytes)
    return sides.contains {
      content.count.isMultiple(of: recordSize($0))
        && Int(largestLabel(content, $0)) < ownNames.count
    }
  }

  private static func recordSize(_ side: Int) -> Int { 1 + 3 * side * side }

  private static func recordSide(_ content: [UInt8], _ path: String) throws(FileError) -> Int {
    let fitting = sides.filter { content.count.isMultiple(of: recordSize($0)) }
    // Where both fit, the one whose label bytes are the smaller.
    let side = fitting.min { largestLabel(content, $0) < largestLabel(content, $1) }
    guard let side, !content.isEmpty else {
      let expected = sides.map { side in
        let (size, nearest) = (recordSize(side), nearestCount(content.count, side))
        return
          "\(size) bytes for an image of \(side)×\(side) (\(nearest) of them are \(nearest * size))"
      }
      throw FileError(
        path, .mismatch,
        "holds \(content.count) bytes; expected a multiple of "
          + expected.joined(separator: " or of "))
    }
    return side
  }

  /// The number of images, at least 1, whose records come nearest to so many bytes.
  private static func nearestCount(_ bytes: Int, _ side: Int) -> Int {
    max(1, (bytes + recordSize(side) / 2) / recordSize(side))
  }

  private static func largestLabel(_ content: [UInt8], _ side: Int) -> UInt8 {
    stride(from: 0, to: content.count, by: recordSize(side)).map { content[$0] }.max() ?? 0
  }

  /// Adds the images with red, green and blue side by side, and returns their labels.
  private static func append(_ content: [UInt8], side: Int, to bytes: inout [UInt8]) -> [Int] {
    let plane = side * side
    bytes.reserveCapacity(bytes.count + content.count)
    return stride(from: 0, to: content.count, by: recordSize(side)).map { start in
      for place in start + 1..<start + 1 + plane {
        bytes.append(content[place])
        bytes.append(content[place + plane])
        bytes.append(content[place + 2 * plane])
      }
      return Int(content[start])
    }
  }
}

// MARK: - Names of classes

extension CIFAR {
  /// The classes of CIFAR-10 in the order of their labels.
  static let ownNames = [
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
  ]

  private static func classNames(
    beside path: String, _ labels: [Int]
  ) throws(FileError) -> [String] {
    let largest = labels.max() ?? 0
    let numbers = (0...largest).map(String.init)
    let name = path.lastPathComponent
    let folder = String(path.dropLast(name.count))
    for list in nameLists(of: name).map({ folder + $0 }) where PathKind(list) == .other {
      let lines = try lines(of: list)
      guard lines.count == labels.count else {
        throw FileError(
          list, .mismatch,
          "has \(lines.count) lines; expected one for each of the \(labels.count) images of "
            + path)
      }
      return names(of: labels, lines, numbers)
    }
    let meta = folder + "batches.meta.txt"
    if PathKind(meta) == .other {
      let names = try lines(of: meta)
      guard largest < names.count else {
        let place = labels.firstIndex { $0 >= names.count } ?? 0
        throw FileError(
          path, .mismatch,
          "has the label \(labels[place]) in record \(place); expected labels below \(names.count): "
            + "\(meta) names \(names.count) classes")
      }
      return names
    }
    let isOwn = ["cifar", "data_batch", "test_batch"].contains { name.lowercased().hasPrefix($0) }
    return isOwn && largest < ownNames.count ? ownNames : numbers
  }

  /// The lists that may belong to a file; one may serve several sizes, as `tiles.names.txt` does
  /// `tiles-16.bin.gz` and `tiles-32.bin`.
  private static func nameLists(of name: String) -> [String] {
    var base = name[...]
    for ending in [".gz", ".bin"] where base.hasSuffix(ending) {
      base = base.dropLast(ending.count)
    }
    var bases = [base]
    for side in sides where base.hasSuffix("-\(side)") { bases.append(base.dropLast(3)) }
    return bases.map { $0 + ".names.txt" }
  }

  private static func lines(of path: String) throws(FileError) -> [String] {
    let text = try ByteStream(path: path).read(upTo: 1 << 24)
    return String(decoding: text, as: UTF8.self).split(whereSeparator: \.isNewline).map {
      $0.split(separator: "\t").first.map(String.init) ?? ""
    }.filter { !$0.isEmpty }
  }

  /// The name that the first image of each class has on its line.
  private static func names(of labels: [Int], _ lines: [String], _ numbers: [String]) -> [String] {
    var names = numbers
    for (label, line) in zip(labels, lines) where names[label] == numbers[label] {
      names[label] = line
    }
    return names
  }

  /// The training files in a folder as it is unpacked: `data_batch_1.bin` and so on.
  static func batches(in folder: String) -> [String] {
    (1...5).flatMap { number in
      ["", ".gz"].map { "\(folder)/data_batch_\(number).bin\($0)" }.filter {
        PathKind($0) == .other
      }.prefix(1)
    }
  }
}
