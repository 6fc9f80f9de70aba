/// The idx format of MNIST: a big-endian header, then bytes; plain or gzip, detected by content.
///
/// Header: two zero bytes, the element type (0x08, unsigned byte), the number of dimensions, then
/// one 32-bit size a dimension. Source: LeCun, Cortes and Burges, the MNIST database.
enum IDX {
  /// The most bytes of images accepted in one file: 2 GiB.
  static let mostBytes = 1 << 31
  /// The largest side of an image accepted.
  static let largestSide = 16_384

  /// Images with the labels of the file with the usual name beside them, if there is one.
  static func dataset(images path: String) throws(FileError) -> Dataset {
    let name = path.lastPathComponent
    let (shape, bytes) = try readImages(ByteStream(path: path))
    guard let labels = labelsPath(beside: path) else {
      return Dataset(name: name, shape: shape.with(batch: 1), bytes: bytes)
    }
    let classes = try readLabels(ByteStream(path: labels))
    guard classes.count == shape.batch else {
      throw FileError(
        labels, .mismatch,
        "holds \(classes.count) labels; expected one for each of the \(shape.batch) images of "
          + path)
    }
    let classCount = (classes.max() ?? 0) + 1
    return Dataset(
      name: name, shape: shape.with(batch: 1), bytes: bytes, labels: classes,
      classNames: (0..<classCount).map(String.init))
  }

  /// Whether a content that starts like this is meant as idx: two zeros, a type, a few dimensions.
  static func isPlausible(_ start: [UInt8]) -> Bool {
    start.starts(with: [0, 0]) && start.count >= 4 && (8...14).contains(start[2])
      && (1...8).contains(start[3])
  }

  private static func readImages(_ stream: ByteStream) throws(FileError) -> (Shape, [UInt8]) {
    let sizes = try readHeader(stream, fields: ["number of images", "height", "width"])
    let (count, height, width) = (sizes[0], sizes[1], sizes[2])
    guard height <= largestSide && width <= largestSide else {
      throw FileError(
        stream.path, .tooLarge,
        "declares images of \(height)×\(width); expected sides of at most \(largestSide)")
    }
    let bytes = try readElements(
      stream, count * height * width, "\(count) images of \(height)×\(width)")
    return (Shape(count, height, width, 1), bytes)
  }

  private static func readLabels(_ stream: ByteStream) throws(FileError) -> [Int] {
    let sizes = try readHeader(stream, fields: ["number of labels"])
    return try readElements(stream, sizes[0], "\(sizes[0]) labels").map(Int.init)
  }

  private static func readHeader(
    _ stream: ByteStream, fields: [String]
  ) throws(FileError) -> [Int] {
    let magic = try stream.read(4, field: "the idx magic number")
    guard magic[0] == 0 && magic[1] == 0 else {
      let found = magic.map { String(UInt32($0) | 0x100, radix: 16).dropFirst() }
      throw FileError(
        stream.path, .unrecognized,
        "is not an idx file: its content starts with \(found.joined(separator: " ")); "
          + "expected 00 00 08 0\(fields.count)")
    }
    guard magic[2] == 8 else {
      throw FileError(
        stream.path, .unsupported,
        "holds elements of idx type \(magic[2]) (byte 2); expected 8: unsigned bytes")
    }
    guard magic[3] == fields.count else {
      let hint =
        magic[3] == 1 ? " (these are labels)" : magic[3] == 3 ? " (these are images)" : ""
      throw FileError(
        stream.path, .unrecognized,
        "has \(magic[3]) dimensions (byte 3); expected \(fields.count)\(hint)")
    }
    var sizes: [Int] = []
    for field in fields {
      let place = stream.offset
      let bytes = try stream.read(4, field: "the \(field)")
      let size = bytes.reduce(0) { $0 << 8 | Int($1) }
      guard size > 0 else {
        throw FileError(
          stream.path, .malformed, "declares a \(field) of 0 (byte \(place)); expected at least 1")
      }
      sizes.append(size)
    }
    return sizes
  }

  /// The elements after the header, and nothing after them.
  private static func readElements(
    _ stream: ByteStream, _ count: Int, _ what: String
  ) throws(FileError) -> [UInt8] {
    guard count <= mostBytes else {
      throw FileError(
        stream.path, .tooLarge,
        "declares \(what), \(count) bytes; expected at most \(mostBytes)")
    }
    guard count <= stream.mostBytesLeft else {
      throw FileError(
        stream.path, .truncated,
        "declares \(what), \(count) bytes, but has at most \(stream.mostBytesLeft) after its "
          + "header")
    }
    let bytes = try stream.read(count, field: what)
    try stream.expectEnd(after: what)
    return bytes
  }
}

extension IDX {
  /// The file that usually holds the labels of the images at `images`, if it exists.
  ///
  /// `train-images-idx3-ubyte.gz` → `train-labels-idx1-ubyte.gz` or `train-labels-idx1-ubyte`.
  private static func labelsPath(beside images: String) -> String? {
    let name = images.lastPathComponent
    let labels = name.replacing("images", with: "labels").replacing("idx3", with: "idx1")
    guard labels != name else { return nil }
    let folder = images.dropLast(name.count)
    let other = labels.hasSuffix(".gz") ? String(labels.dropLast(3)) : labels + ".gz"
    for candidate in [labels, other] where candidate != name {
      if PathKind(folder + candidate) == .other { return folder + candidate }
    }
    return nil
  }
}

extension String {
  /// What follows the last slash.
  var lastPathComponent: String { split(separator: "/").last.map(String.init) ?? self }
}
