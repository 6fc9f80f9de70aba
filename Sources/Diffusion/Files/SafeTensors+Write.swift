extension SafeTensors {
  /// A tensor to be written.
  public enum Item: Sendable {
    /// Numbers as F32, F16, BF16 or I64; by default as F32, whole numbers as I64.
    case tensor(NamedTensor, as: ElementType? = nil)
    /// Bytes as U8, in one dimension.
    case bytes(name: String, [UInt8])

    var name: String {
      switch self {
      case .tensor(let tensor, _): tensor.name
      case .bytes(let name, _): name
      }
    }

    fileprivate var type: ElementType {
      switch self {
      case .tensor(_, let type?): type
      case .tensor(let tensor, nil): tensor.kind == .wholeNumber ? .i64 : .f32
      case .bytes: .u8
      }
    }

    fileprivate var shape: [Int] {
      switch self {
      case .tensor(let tensor, _): tensor.shape
      case .bytes(_, let bytes): [bytes.count]
      }
    }

    fileprivate var count: Int {
      switch self {
      case .tensor(let tensor, _): tensor.values.count
      case .bytes(_, let bytes): bytes.count
      }
    }
  }

  /// Replaces the file at `path`, as a whole or not at all.
  ///
  /// - Precondition: names occur once, and each shape has as many elements as there are values.
  public static func write(
    _ items: [Item], metadata: [(String, String)] = [], to path: String
  ) throws(FileError) {
    try write(items, metadata: metadata, to: path, calls: .system)
  }

  static func write(
    _ items: [Item], metadata: [(String, String)], to path: String, calls: WriteCalls
  ) throws(FileError) {
    let header = header(items, metadata)
    try AtomicFile.replace(path, calls: calls) { file throws(FileError) in
      try file.write(header)
      for item in items {
        switch item {
        case .bytes(_, let bytes):
          try file.write(bytes)
        case .tensor(let tensor, _):
          try tensor.values.withUnsafeBufferPointer { values throws(FileError) in
            try write(values, as: item.type, to: file)
          }
        }
      }
    }
  }

  /// The one name that no tensor may have.
  static let metadataName = "__metadata__"

  /// How many numbers of other types than F32 are converted at a time.
  private static let chunk = 1 << 14

  private static func write(
    _ values: UnsafeBufferPointer<Float>, as type: ElementType, to file: AtomicFile
  ) throws(FileError) {
    // The format is little-endian, as is every processor this is built for.
    if type == .f32 { return try file.write(UnsafeRawBufferPointer(values)) }
    var bytes: [UInt8] = []
    for start in stride(from: 0, to: values.count, by: chunk) {
      bytes.removeAll(keepingCapacity: true)
      let part = values[start..<min(start + chunk, values.count)]
      type.encode(UnsafeBufferPointer(rebasing: part), to: &bytes)
      try file.write(bytes)
    }
  }

  private static func header(_ items: [Item], _ metadata: [(String, String)]) -> [UInt8] {
    precondition(
      Set(items.map(\.name)).count == items.count, "a name occurs twice among the tensors")
    precondition(
      !items.contains { $0.name == metadataName }, "\(metadataName) is no name for a tensor")
    var members: [JSON.Member] = []
    if !metadata.isEmpty {
      members.append(
        JSON.Member(metadataName, .object(metadata.map { JSON.Member($0, .string($1)) })))
    }
    var offset = 0
    for item in items {
      let (type, shape) = (item.type, item.shape)
      precondition(
        shape.reduce(1, *) == item.count, "\(item.name): shape \(shape), \(item.count) numbers")
      precondition(type.isWritable || type == .u8, "\(item.name): \(type.rawValue) is not written")
      let size = item.count * type.size
      members.append(
        JSON.Member(
          item.name,
          [
            "dtype": .string(type.rawValue), "shape": .array(shape.map { .integer($0) }),
            "data_offsets": [.integer(offset), .integer(offset + size)],
          ]))
      offset += size
    }
    var text = Array(JSON.object(members).description.utf8)
    // Spaces up to a multiple of 8: the numbers are aligned for those who map the file.
    text += repeatElement(UInt8(ascii: " "), count: (8 - text.count % 8) % 8)
    let length = (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
    return length + text
  }
}
