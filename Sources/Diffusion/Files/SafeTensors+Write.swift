extension SafeTensors {
  /// A tensor to be written.
  public enum Item: Sendable {
    /// Numbers as F32.
    case floats(NamedTensor)
    /// Bytes as U8, in one dimension.
    case bytes(name: String, [UInt8])

    var name: String {
      switch self {
      case .floats(let tensor): tensor.name
      case .bytes(let name, _): name
      }
    }

    fileprivate var header: (type: ElementType, shape: [Int], size: Int) {
      switch self {
      case .floats(let tensor): (.f32, tensor.shape, tensor.values.count * 4)
      case .bytes(_, let bytes): (.u8, [bytes.count], bytes.count)
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
        case .floats(let tensor):
          // The format is little-endian, as is every processor this is built for.
          try tensor.values.withUnsafeBufferPointer { values throws(FileError) in
            try file.write(UnsafeRawBufferPointer(values))
          }
        }
      }
    }
  }

  private static func header(_ items: [Item], _ metadata: [(String, String)]) -> [UInt8] {
    precondition(
      Set(items.map(\.name)).count == items.count, "a name occurs twice among the tensors")
    var members: [JSON.Member] = []
    if !metadata.isEmpty {
      members.append(
        JSON.Member("__metadata__", .object(metadata.map { JSON.Member($0, .string($1)) })))
    }
    var offset = 0
    for item in items {
      let (type, shape, size) = item.header
      precondition(
        shape.reduce(type.size, *) == size, "\(item.name): shape \(shape), \(size) bytes")
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
