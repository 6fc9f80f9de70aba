extension SafeTensors {
  /// The types of element that weight files know, by the names of the safetensors format.
  package enum ElementType: String, Sendable, CaseIterable {
    /// Booleans, one byte each.
    case bool = "BOOL"
    /// Unsigned integers of 8 bits.
    case u8 = "U8"
    /// Signed integers of 8 bits.
    case i8 = "I8"
    /// 8-bit floats with 4 exponent bits.
    case f8e4m3 = "F8_E4M3"
    /// 8-bit floats with 5 exponent bits.
    case f8e5m2 = "F8_E5M2"
    /// Signed integers of 16 bits.
    case i16 = "I16"
    /// Unsigned integers of 16 bits.
    case u16 = "U16"
    /// 16-bit IEEE floats.
    case f16 = "F16"
    /// The upper 16 bits of 32-bit IEEE floats.
    case bf16 = "BF16"
    /// Signed integers of 32 bits.
    case i32 = "I32"
    /// Unsigned integers of 32 bits.
    case u32 = "U32"
    /// 32-bit IEEE floats.
    case f32 = "F32"
    /// Signed integers of 64 bits.
    case i64 = "I64"
    /// Unsigned integers of 64 bits.
    case u64 = "U64"
    /// 64-bit IEEE floats.
    case f64 = "F64"

    /// Bytes an element.
    package var size: Int {
      switch self {
      case .bool, .u8, .i8, .f8e4m3, .f8e5m2: 1
      case .i16, .u16, .f16, .bf16: 2
      case .i32, .u32, .f32: 4
      case .i64, .u64, .f64: 8
      }
    }

    /// Whether numbers of this type can be read as floats.
    var isReadable: Bool { self != .f8e4m3 && self != .f8e5m2 }

    /// Whether floats can be written as this type.
    var isWritable: Bool {
      switch self {
      case .f32, .f16, .bf16, .i64: true
      default: false
      }
    }

    /// What the numbers are once they are read.
    var kind: NamedTensor.Kind { self == .i64 ? .wholeNumber : .float }
  }
}

extension SafeTensors.ElementType {
  /// Reads the little-endian elements in `bytes` as the nearest floats.
  ///
  /// - Precondition: ``isReadable``, and as many bytes as that many elements have.
  private func decode(
    _ bytes: UnsafeRawBufferPointer, into floats: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(
      bytes.count == floats.count * size,
      "\(floats.count) elements of \(rawValue) need \(floats.count * size) bytes, "
        + "got \(bytes.count)")
    func each<Element: BitwiseCopyable>(_: Element.Type, _ float: (Element) -> Float) {
      for i in floats.indices {
        floats[i] = float(bytes.loadUnaligned(fromByteOffset: i * size, as: Element.self))
      }
    }
    switch self {
    case .f32: UnsafeMutableRawBufferPointer(floats).copyMemory(from: bytes)
    case .f16: each(UInt16.self, HalfFloats.float(half:))
    case .bf16: each(UInt16.self, HalfFloats.float(brain:))
    case .f64: each(Double.self) { Float($0) }
    case .i64: each(Int64.self) { Float($0) }
    case .u64: each(UInt64.self) { Float($0) }
    case .i32: each(Int32.self) { Float($0) }
    case .u32: each(UInt32.self) { Float($0) }
    case .i16: each(Int16.self) { Float($0) }
    case .u16: each(UInt16.self) { Float($0) }
    case .i8: each(Int8.self) { Float($0) }
    case .u8: each(UInt8.self) { Float($0) }
    case .bool: each(UInt8.self) { $0 == 0 ? 0 : 1 }
    case .f8e4m3, .f8e5m2: preconditionFailure("\(rawValue) is not read")
    }
  }

  /// How many elements of other types than F32 are converted at a time.
  private static let chunk = 1 << 14

  /// Reads elements as floats through `fill`, which fills a buffer from a byte of the elements on.
  ///
  /// - Precondition: ``isReadable``.
  func read(
    into floats: UnsafeMutableBufferPointer<Float>,
    fill: (UnsafeMutableRawBufferPointer, _ start: Int) throws(FileError) -> Void
  ) throws(FileError) {
    if self == .f32 { return try fill(UnsafeMutableRawBufferPointer(floats), 0) }
    var room = [UInt8](repeating: 0, count: min(floats.count, Self.chunk) * size)
    try room.withUnsafeMutableBufferPointer { room throws(FileError) in
      for start in stride(from: 0, to: floats.count, by: Self.chunk) {
        let part = start..<min(start + Self.chunk, floats.count)
        let bytes = UnsafeMutableRawBufferPointer(
          UnsafeMutableBufferPointer(rebasing: room[..<(part.count * size)]))
        try fill(bytes, start * size)
        decode(
          UnsafeRawBufferPointer(bytes), into: UnsafeMutableBufferPointer(rebasing: floats[part]))
      }
    }
  }

  /// Appends floats as the nearest little-endian elements, whole numbers within their range.
  ///
  /// - Precondition: ``isWritable``.
  func encode(_ floats: UnsafeBufferPointer<Float>, to bytes: inout [UInt8]) {
    func each<Element: BitwiseCopyable>(_ element: (Float) -> Element) {
      for float in floats { withUnsafeBytes(of: element(float)) { bytes.append(contentsOf: $0) } }
    }
    switch self {
    case .f32: bytes.append(contentsOf: UnsafeRawBufferPointer(floats))
    case .f16: each(HalfFloats.half)
    case .bf16: each(HalfFloats.brain)
    case .i64: each(Self.wholeNumber)
    default: preconditionFailure("\(rawValue) is not written")
    }
  }

  private static func wholeNumber(_ value: Float) -> Int64 {
    if value.isNaN { return 0 }
    return Int64(exactly: value.rounded()) ?? (value < 0 ? .min : .max)
  }
}
