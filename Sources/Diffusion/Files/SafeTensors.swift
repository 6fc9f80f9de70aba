/// A safetensors file opened for reading: named tensors and text metadata.
///
/// Layout: the length of the header (64 bits, little-endian), a JSON header that gives each name
/// its element type, shape and place, and the row-major numbers without gaps. Everything in the
/// header is checked before anything is allocated or read.
///
/// Source: the safetensors format description by Hugging Face.
public final class SafeTensors {
  /// What the header says about one tensor.
  public struct Entry: Sendable, Hashable {
    public let name: String
    public let type: ElementType
    /// The sides, outermost first; none for a single number.
    public let shape: [Int]
    /// Where its bytes lie in the file.
    public let place: Range<Int>

    /// The number of elements.
    public var count: Int { shape.reduce(1, *) }
  }

  /// The types of element that the format knows.
  public enum ElementType: String, Sendable, CaseIterable {
    case bool = "BOOL"
    case u8 = "U8"
    case i8 = "I8"
    case f8e4m3 = "F8_E4M3"
    case f8e5m2 = "F8_E5M2"
    case i16 = "I16"
    case u16 = "U16"
    case f16 = "F16"
    case bf16 = "BF16"
    case i32 = "I32"
    case u32 = "U32"
    case f32 = "F32"
    case i64 = "I64"
    case u64 = "U64"
    case f64 = "F64"

    /// Bytes an element.
    public var size: Int {
      switch self {
      case .bool, .u8, .i8, .f8e4m3, .f8e5m2: 1
      case .i16, .u16, .f16, .bf16: 2
      case .i32, .u32, .f32: 4
      case .i64, .u64, .f64: 8
      }
    }
  }

  public let path: String
  /// The tensors in the order of their bytes.
  public let entries: [Entry]
  public let metadata: [String: String]
  private let file: FileReader
  private let indexOfName: [String: Int]

  /// Opens a file and checks all of its header.
  public init(contentsOf path: String) throws(FileError) {
    file = try FileReader(path)
    self.path = path
    let header = try SafeTensorsHeader(file)
    entries = header.entries
    metadata = header.metadata
    indexOfName = Dictionary(
      uniqueKeysWithValues: entries.indices.map { (header.entries[$0].name, $0) })
  }

  /// What the header says about the tensor of that name.
  public func entry(_ name: String) -> Entry? { indexOfName[name].map { entries[$0] } }

  /// The numbers of a tensor of type F32, F16, BF16, F64, I64 or U8, as floats.
  public func tensor(_ name: String) throws(FileError) -> NamedTensor {
    let entry = try existing(name)
    return NamedTensor(name: name, shape: entry.shape, values: try floats(entry))
  }

  /// The bytes of a tensor of any type.
  public func bytes(_ name: String) throws(FileError) -> [UInt8] {
    try elements(existing(name), 0)
  }

  private func existing(_ name: String) throws(FileError) -> Entry {
    guard let entry = entry(name) else {
      throw FileError(path, .mismatch, "has no tensor \(FileError.quoted(name))")
    }
    return entry
  }

  private func floats(_ entry: Entry) throws(FileError) -> [Float] {
    switch entry.type {
    case .f32:
      return try elements(entry, Float(0))
    case .f16:
      return try elements(entry, UInt16(0)).map(Self.float(half:))
    case .bf16:
      return try elements(entry, UInt16(0)).map { Float(bitPattern: UInt32($0) << 16) }
    case .f64:
      return try elements(entry, Double(0)).map { Float($0) }
    case .i64:
      return try elements(entry, Int64(0)).map { Float($0) }
    case .u8:
      return try elements(entry, UInt8(0)).map { Float($0) }
    case .bool, .i8, .f8e4m3, .f8e5m2, .i16, .u16, .i32, .u32, .u64:
      throw FileError(
        path, .unsupported,
        "has \(FileError.quoted(entry.name)) as \(entry.type.rawValue), expected F32, F16, BF16, "
          + "F64, I64 or U8")
    }
  }

  /// The bytes of an entry seen as elements like `zero`, which have its size.
  private func elements<Element: BitwiseCopyable>(
    _ entry: Entry, _ zero: Element
  ) throws(FileError) -> [Element] {
    let count = entry.place.count / MemoryLayout<Element>.size
    var result = [Element](repeating: zero, count: count)
    let got = try result.withUnsafeMutableBufferPointer { buffer throws(FileError) in
      try file.read(at: entry.place.lowerBound, into: UnsafeMutableRawBufferPointer(buffer))
    }
    guard got == entry.place.count else {
      throw FileError(
        path, .truncated,
        "ends at byte \(entry.place.lowerBound + got) within \(FileError.quoted(entry.name)), "
          + "whose bytes end at \(entry.place.upperBound)")
    }
    return result
  }

  /// An IEEE 754 binary16, whose type Swift has not on every processor.
  static func float(half bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let exponent = UInt32(bits >> 10 & 0x1F)
    let fraction = UInt32(bits & 0x3FF)
    switch exponent {
    case 0:
      // Zero and subnormals: fraction · 2⁻²⁴, exact in a float.
      let magnitude = Float(fraction) * 0x1p-24
      return Float(bitPattern: magnitude.bitPattern | sign)
    case 0x1F:
      return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
    default:
      return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }
}
