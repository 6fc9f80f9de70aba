/// An array in a NumPy file (`numpy.save`), read as floats.
///
/// Layout: the bytes `\x93NUMPY`, a version, the length of a header, the header — a Python dictionary of
/// `descr`, `fortran_order` and `shape` as text — and the numbers without gaps.
///
/// Source: NumPy's description of the format, versions 1.0 to 3.0.
struct NPYFile {
  /// The dimensions, outermost first.
  let shape: [Int]
  /// Whether the numbers are whole and from 0 to 255, a byte each.
  let isBytes: Bool
  /// The numbers, last dimension fastest.
  let values: [Float]

  private static let signature: [UInt8] = [0x93] + Array("NUMPY".utf8)
  /// The most bytes of a header; NumPy writes a few hundred.
  private static let longestHeader = 1 << 16
  /// The most numbers: 1 GiB of floats.
  private static let mostNumbers = 1 << 28

  /// Whether a file begins as one of NumPy.
  static func isPlausible(_ start: some Collection<UInt8>) -> Bool {
    start.starts(with: signature)
  }

  /// Reads the file at a path.
  init(contentsOf path: String) throws(FileError) {
    let file = try FileReader(path)
    let (header, begin) = try Self.header(of: file)
    let type = try Self.type(in: header, path)
    guard Self.word(after: "fortran_order", in: header) == "False" else {
      throw FileError(
        path, .unsupported, "is in Fortran order; use numpy.ascontiguousarray before saving")
    }
    let shape = try Self.shape(in: header, path)
    var count = 1
    for side in shape {
      let (product, isTooLarge) = count.multipliedReportingOverflow(by: side)
      guard !isTooLarge, product <= Self.mostNumbers else {
        throw FileError(
          path, .tooLarge,
          "has an array of shape \(shape); expected at most \(Self.mostNumbers) numbers")
      }
      count = product
    }
    let size = count * type.element.size
    guard file.size - begin == size else {
      throw FileError(
        path, file.size - begin < size ? .truncated : .trailing,
        "has \(file.size - begin) bytes of numbers; expected \(size) for shape \(shape)")
    }
    var values = [Float](repeating: 0, count: count)
    try values.withUnsafeMutableBufferPointer { values throws(FileError) in
      try type.element.read(into: values) { buffer, start throws(FileError) in
        guard try file.read(at: begin + start, into: buffer) == buffer.count else {
          throw FileError(path, .truncated, "ends within its numbers")
        }
        if type.isSwapped { Self.swap(buffer, size: type.element.size) }
      }
    }
    self.shape = shape
    self.values = values
    isBytes = type.element == .u8
  }

  // MARK: - The header

  private static func header(of file: FileReader) throws(FileError) -> (text: String, end: Int) {
    let start = try file.bytes(0..<min(12, file.size), of: "its signature")
    guard isPlausible(start), start.count >= 12 else {
      throw FileError(file.path, .unrecognized, "is not a NumPy file")
    }
    let isLong = start[6] > 1
    let length = (isLong ? start[8..<12] : start[8..<10]).reversed().reduce(0) { $0 << 8 | Int($1) }
    let begin = isLong ? 12 : 10
    guard length <= longestHeader, begin + length <= file.size else {
      throw FileError(file.path, .malformed, "declares a header of \(length) bytes")
    }
    let bytes = try file.bytes(begin..<begin + length, of: "its header")
    return (String(decoding: bytes, as: UTF8.self), begin + length)
  }

  /// What follows a key of the dictionary, up to its end.
  private static func text(after key: String, in header: String) -> Substring? {
    for quote in ["'", "\""] {
      let name = "\(quote)\(key)\(quote)"
      guard let place = header.ranges(of: name).first else { continue }
      let rest = header[place.upperBound...].drop { $0 == ":" || $0 == " " }
      return rest
    }
    return nil
  }

  private static func word(after key: String, in header: String) -> String? {
    text(after: key, in: header).map { String($0.prefix { $0.isLetter }) }
  }

  /// The type of element, and whether its bytes are the other way round.
  private static func type(
    in header: String, _ path: String
  ) throws(FileError) -> (element: SafeTensors.ElementType, isSwapped: Bool) {
    let rest = text(after: "descr", in: header) ?? ""
    let code = rest.drop { $0 == "'" || $0 == "\"" }.prefix { $0 != "'" && $0 != "\"" && $0 != "," }
    let types: [String: SafeTensors.ElementType] = [
      "b1": .bool, "u1": .u8, "i1": .i8, "u2": .u16, "i2": .i16, "u4": .u32, "i4": .i32, "u8": .u64,
      "i8": .i64, "f2": .f16, "f4": .f32, "f8": .f64,
    ]
    guard let order = code.first, "<>|=".contains(order),
      let element = types[String(code.dropFirst())]
    else {
      throw FileError(
        path, .unsupported,
        "has elements of type \(Wording.quoted(code)); expected whole numbers or floats of 16, 32 or 64 bits"
      )
    }
    return (element, order == ">")
  }

  private static func shape(in header: String, _ path: String) throws(FileError) -> [Int] {
    let rest = text(after: "shape", in: header) ?? ""
    let inside = rest.drop { $0 == "(" }.prefix { $0 != ")" }
    let words = inside.split(separator: ",").map { $0.filter { $0 != " " } }
      .filter { !$0.isEmpty }
    let sides = words.compactMap { Int($0) }
    guard rest.first == "(", sides.count == words.count, sides.allSatisfy({ $0 >= 0 }) else {
      throw FileError(path, .malformed, "has a header without a shape")
    }
    return sides
  }

  private static func swap(_ buffer: UnsafeMutableRawBufferPointer, size: Int) {
    for start in stride(from: 0, to: buffer.count - size + 1, by: size) {
      buffer[start..<start + size].reverse()
    }
  }
}
