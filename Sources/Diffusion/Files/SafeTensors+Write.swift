extension SafeTensors {
  /// A tensor to be written; its values are requested when it is their turn.
  package struct Item: Sendable {
    /// What is written.
    package enum Content: Sendable {
      /// Floats, converted to the item's type as they are written.
      case floats([Float])
      /// Bytes as they are, of a U8 tensor.
      case bytes([UInt8])
    }

    let name: String
    let shape: [Int]
    let type: ElementType
    let content: @Sendable () throws(FileError) -> Content

    /// A tensor whose `content` has as many numbers as its shape.
    package init(
      name: String, shape: [Int], type: ElementType,
      content: @escaping @Sendable () throws(FileError) -> Content
    ) {
      self.name = name
      self.shape = shape
      self.type = type
      self.content = content
    }

    /// Bytes as U8, in one dimension.
    package static func bytes(name: String, _ bytes: [UInt8]) -> Item {
      Item(name: name, shape: [bytes.count], type: .u8) { .bytes(bytes) }
    }

    /// Numbers as F32, whole ones as I64, unless another type is requested.
    package static func tensor(_ tensor: NamedTensor, as type: ElementType? = nil) -> Item {
      let standard: ElementType = tensor.kind == .wholeNumber ? .i64 : .f32
      return Item(name: tensor.name, shape: tensor.shape, type: type ?? standard) {
        .floats(tensor.values)
      }
    }

    fileprivate var count: Int { shape.reduce(1, *) }
  }

  /// Writes these tensors to `path`, atomically: floats as F32, whole numbers as I64.
  ///
  /// - Precondition: names are unique, and each shape matches its number of values.
  public static func write(
    _ tensors: [NamedTensor], metadata: [String: String] = [:], to path: String
  ) throws(FileError) {
    let pairs = metadata.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    try write(tensors.map { .tensor($0) }, metadata: pairs, to: path)
  }

  /// Replaces the file at `path`, as a whole or not at all.
  ///
  /// - Precondition: names are unique, and each shape matches its number of values.
  package static func write(
    _ items: [Item], metadata: [(String, String)] = [], to path: String
  ) throws(FileError) {
    try write(items, metadata: metadata, to: path, calls: .system)
  }

  /// Writes a file; with `checksum`, one whose metadata has the checksum of all its bytes.
  static func write(
    _ items: [Item], metadata: [(String, String)], to path: String, checksum: Bool = false,
    calls: WriteCalls
  ) throws(FileError) {
    guard checksum else {
      let header = header(items, metadata)
      return try AtomicFile.replace(path, calls: calls) { file throws(FileError) in
        try write(header, items) { bytes throws(FileError) in try file.write(bytes) }
      }
    }
    let header = header(items, [(Checksum.field, Checksum.placeholder)] + metadata)
    var sum = Checksum()
    try write(header, items) { sum.add($0) }
    let signed = sum.written(into: header)
    try AtomicFile.replace(path, calls: calls) { file throws(FileError) in
      try write(signed, items) { bytes throws(FileError) in try file.write(bytes) }
    }
  }

  private static func write(
    _ header: [UInt8], _ items: [Item],
    to put: (UnsafeRawBufferPointer) throws(FileError) -> Void
  ) throws(FileError) {
    try hand(header, to: put)
    for item in items {
      switch try item.content() {
      case .bytes(let bytes):
        precondition(bytes.count == item.count, "\(item.name): \(bytes.count) bytes")
        try hand(bytes, to: put)
      case .floats(let values):
        precondition(
          values.count == item.count,
          "\(item.name): shape \(item.shape), \(values.count) numbers")
        try values.withUnsafeBufferPointer { values throws(FileError) in
          try write(values, as: item.type, to: put)
        }
      }
    }
  }

  private static func hand(
    _ bytes: [UInt8], to put: (UnsafeRawBufferPointer) throws(FileError) -> Void
  ) throws(FileError) {
    try bytes.withUnsafeBufferPointer { buffer throws(FileError) in
      try put(UnsafeRawBufferPointer(buffer))
    }
  }

  /// The one name that no tensor may have.
  static let metadataName = "__metadata__"

  /// How many numbers of other types than F32 are converted at a time.
  private static let chunk = 1 << 14

  private static func write(
    _ values: UnsafeBufferPointer<Float>, as type: ElementType,
    to put: (UnsafeRawBufferPointer) throws(FileError) -> Void
  ) throws(FileError) {
    // The format is little-endian, as is every processor this is built for.
    if type == .f32 { return try put(UnsafeRawBufferPointer(values)) }
    var bytes: [UInt8] = []
    for start in stride(from: 0, to: values.count, by: chunk) {
      bytes.removeAll(keepingCapacity: true)
      let part = values[start..<min(start + chunk, values.count)]
      type.encode(UnsafeBufferPointer(rebasing: part), to: &bytes)
      try hand(bytes, to: put)
    }
  }

  private static func header(_ items: [Item], _ metadata: [(String, String)]) -> [UInt8] {
    precondition(
      Set(items.map(\.name)).count == items.count, "a name occurs twice among the tensors")
    precondition(
      !items.contains { $0.name == metadataName }, "\(metadataName) cannot be the name of a tensor")
    var members: [JSON.Member] = []
    if !metadata.isEmpty {
      members.append(
        JSON.Member(metadataName, .object(metadata.map { JSON.Member($0, .string($1)) })))
    }
    var offset = 0
    for item in items {
      let (type, shape) = (item.type, item.shape)
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
