/// The checked header of a safetensors file.
struct SafeTensorsHeader {
  /// The largest header that the format allows: 100 MB.
  static let largest = 100_000_000
  /// More dimensions than any tensor has.
  static let mostDimensions = 32

  private(set) var entries: [SafeTensors.Entry] = []
  private(set) var metadata: [String: String] = [:]
  private let path: String
  private let start: Int
  private let fileSize: Int

  init(_ file: FileReader) throws(FileError) {
    path = file.path
    fileSize = file.size
    start = try Self.end(of: file)
    try parse(file.bytes(8..<start, of: "its header"))
    try checkPlaces()
  }

  /// Where the header ends and the data begins.
  private static func end(of file: FileReader) throws(FileError) -> Int {
    let path = file.path
    guard file.size >= 8 else {
      throw FileError(
        path, .truncated,
        "is \(file.size) bytes long; expected at least the 8 bytes of the header's length")
    }
    let length = number(try file.bytes(0..<8, of: "the header's length"))
    guard length <= largest else {
      throw FileError(
        path, .unrecognized,
        "is not a safetensors file: it declares a header of \(length) bytes; expected at most "
          + "\(largest)")
    }
    guard 8 + Int(length) <= file.size else {
      throw FileError(
        path, .truncated,
        "declares a header of \(length) bytes, but has \(file.size - 8) after its length")
    }
    return 8 + Int(length)
  }

  /// Checks that a file is as long as its header says, and nothing else: much faster than
  /// reading every entry.
  static func checkLength(_ file: FileReader) throws(FileError) {
    let start = try end(of: file)
    // The places as every known writer puts them, without spaces; a name cannot look like one, for its
    // quotation marks are escaped.
    let key = Array("\"data_offsets\":[".utf8)
    let header = try file.bytes(8..<start, of: "its header")
    var ends: [Int] = []
    header.withUnsafeBytes { header in
      for place in header.indices
      where header[place] == key[key.count - 1]
        && header[...place].suffix(key.count).elementsEqual(key)
      {
        let numbers = header[(place + 1)...].prefix { $0 != UInt8(ascii: "]") }
          .split(separator: UInt8(ascii: ","))
        ends.append(numbers.last.flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? 0)
      }
    }
    guard let end = ends.max() else {
      _ = try SafeTensorsHeader(file)
      return
    }
    guard end == file.size - start else {
      throw FileError(
        file.path, .truncated,
        "has \(file.size - start) bytes of data, but its tensors end at byte \(end)")
    }
  }

  /// Whether the file begins as this format does: a length that can be, then an object.
  static func isLikely(_ file: FileReader) throws(FileError) -> Bool {
    guard file.size > 8 else { return false }
    let start = try file.bytes(0..<9, of: "its header")
    return number(start.prefix(8)) <= largest && start[8] == UInt8(ascii: "{")
  }

  /// A little-endian number.
  private static func number(_ bytes: some BidirectionalCollection<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private mutating func parse(_ text: [UInt8]) throws(FileError) {
    let members: [JSON.Member]
    do throws(JSONSyntaxError) {
      guard let found = try JSON(parsing: text).members else {
        throw JSONSyntaxError(offset: 0, problem: "expected an object")
      }
      members = found
    } catch {
      throw FileError(
        path, .malformed,
        "has a header that is not JSON at byte \(8 + error.offset): "
          + error.problem)
    }
    for member in members {
      if member.name == SafeTensors.metadataName {
        try readMetadata(member.value)
      } else {
        entries.append(try entry(member.name, member.value))
      }
    }
  }

  private mutating func readMetadata(_ value: JSON) throws(FileError) {
    guard let members = value.members else {
      throw FileError(path, .malformed, "has metadata that is not a JSON object")
    }
    for member in members {
      guard let text = member.value.string else {
        throw FileError(
          path, .malformed, "has metadata \(Wording.quoted(member.name)) that is not text")
      }
      metadata[member.name] = text
    }
  }

  private func entry(_ name: String, _ value: JSON) throws(FileError) -> SafeTensors.Entry {
    // Made only where it is needed: quoting looks at every character.
    var tensor: String { "has a tensor \(Wording.quoted(name))" }
    guard let typeName = value["dtype"]?.string else {
      throw FileError(path, .malformed, "\(tensor) without a dtype")
    }
    guard let type = SafeTensors.ElementType(rawValue: typeName) else {
      throw FileError(
        path, .unsupported, "\(tensor) of the unknown dtype \(Wording.quoted(typeName))")
    }
    guard let shape = wholeNumbers(value["shape"]) else {
      throw FileError(
        path, .malformed, "\(tensor) without a shape; expected a list of non-negative whole numbers"
      )
    }
    guard shape.count <= Self.mostDimensions else {
      throw FileError(
        path, .malformed,
        "\(tensor) with \(shape.count) dimensions; expected at most \(Self.mostDimensions)")
    }
    guard let offsets = wholeNumbers(value["data_offsets"]), offsets.count == 2,
      offsets[0] <= offsets[1]
    else {
      throw FileError(
        path, .malformed, "\(tensor) without data_offsets; expected its first byte and its end")
    }
    guard offsets[1] <= fileSize - start else {
      throw FileError(
        path, .truncated,
        "\(tensor) that ends at byte \(offsets[1]) of the data, which has \(fileSize - start)")
    }
    guard let size = byteCount(shape, type), size == offsets[1] - offsets[0] else {
      throw FileError(
        path, .mismatch,
        "\(tensor) of \(type.rawValue) and shape \(shape) in \(offsets[1] - offsets[0]) bytes")
    }
    return SafeTensors.Entry(
      name: name, type: type, shape: shape, place: start + offsets[0]..<start + offsets[1])
  }

  private func wholeNumbers(_ value: JSON?) -> [Int]? {
    guard let elements = value?.array else { return nil }
    let numbers = elements.compactMap { $0.integer }.filter { $0 >= 0 }
    return numbers.count == elements.count ? numbers : nil
  }

  /// The size of a tensor, or nil beyond what an Int holds.
  private func byteCount(_ shape: [Int], _ type: SafeTensors.ElementType) -> Int? {
    // The product of the dimensions other than 0 must fit as well: others multiply before they see
    // a 0.
    var product = type.size
    for side in shape where side > 0 {
      let (next, overflow) = product.multipliedReportingOverflow(by: side)
      if overflow { return nil }
      product = next
    }
    return shape.contains(0) ? 0 : product
  }

  /// The tensors must cover the data one after the other, without overlap or gap.
  private mutating func checkPlaces() throws(FileError) {
    entries.sort {
      ($0.place.lowerBound, $0.place.upperBound) < ($1.place.lowerBound, $1.place.upperBound)
    }
    var end = start
    for entry in entries {
      guard entry.place.lowerBound == end else {
        let what = entry.place.lowerBound < end ? "an overlap" : "a gap"
        throw FileError(
          path, .malformed,
          "has \(what) before the tensor \(Wording.quoted(entry.name)): it starts at byte "
            + "\(entry.place.lowerBound - start) of the data; expected \(end - start)")
      }
      end = entry.place.upperBound
    }
    guard end == fileSize else {
      throw FileError(
        path, .trailing, "continues for \(fileSize - end) bytes after its last tensor")
    }
  }
}
