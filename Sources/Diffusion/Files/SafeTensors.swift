/// A safetensors file opened for reading: named tensors and text metadata.
///
/// Layout: the length of the header (64 bits, little-endian), a JSON header with the element type,
/// shape and position of each name, and the row-major values without gaps. Everything in the
/// header is checked before anything is allocated or read.
///
/// Source: the safetensors format description by Hugging Face.
public final class SafeTensors: Sendable {
  /// What the header says about one tensor.
  public struct Entry: Sendable, Hashable {
    /// The tensor's name, unique in the file.
    public let name: String
    /// What its numbers are stored as.
    package let type: ElementType
    /// The dimensions, outermost first; none for a single number.
    public let shape: [Int]
    /// Where its bytes lie in the file.
    package let place: Range<Int>

    /// The number of elements.
    public var count: Int { shape.reduce(1, *) }
  }

  /// The file's path, as it was given.
  public let path: String
  /// The tensors in the order of their bytes.
  public let entries: [Entry]
  /// Free text about the file, by key.
  public let metadata: [String: String]
  let file: FileReader
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

  /// The values of a tensor as floats; of any type but 8-bit floats.
  public func tensor(_ name: String) throws(FileError) -> NamedTensor {
    let entry = try existing(name)
    var values = [Float](repeating: 0, count: entry.count)
    try values.withUnsafeMutableBufferPointer { buffer throws(FileError) in
      try read(entry, into: buffer)
    }
    return NamedTensor(name: name, shape: entry.shape, values: values, kind: entry.type.kind)
  }

  /// All tensors, in the order of their bytes.
  public func tensors() throws(FileError) -> [NamedTensor] {
    var tensors: [NamedTensor] = []
    for entry in entries { tensors.append(try tensor(entry.name)) }
    return tensors
  }

  /// The bytes of a tensor of any type.
  package func bytes(_ name: String) throws(FileError) -> [UInt8] {
    let entry = try existing(name)
    var bytes = [UInt8](repeating: 0, count: entry.place.count)
    try bytes.withUnsafeMutableBufferPointer { buffer throws(FileError) in
      try fill(UnsafeMutableRawBufferPointer(buffer), entry, from: 0)
    }
    return bytes
  }

  private func existing(_ name: String) throws(FileError) -> Entry {
    guard let entry = entry(name) else {
      throw FileError(path, .mismatch, "has no tensor \(Wording.quoted(name))")
    }
    return entry
  }
}

extension SafeTensors {
  private func read(
    _ entry: Entry, into values: UnsafeMutableBufferPointer<Float>
  ) throws(FileError) {
    let type = entry.type
    guard type.isReadable else {
      throw FileError(
        path, .unsupported,
        "has \(Wording.quoted(entry.name)) as \(type.rawValue), which is not read here; "
          + "expected F32, F16, BF16 or another wider type")
    }
    try type.read(into: values) { buffer, start throws(FileError) in
      try fill(buffer, entry, from: start)
    }
  }

  /// Fills `buffer` with the bytes of an entry that begin at its byte `start`.
  private func fill(
    _ buffer: UnsafeMutableRawBufferPointer, _ entry: Entry, from start: Int
  ) throws(FileError) {
    let place = entry.place.lowerBound + start
    let got = try file.read(at: place, into: buffer)
    guard got == buffer.count else {
      throw FileError(
        path, .truncated,
        "ends at byte \(place + got) within \(Wording.quoted(entry.name)), "
          + "whose bytes end at \(entry.place.upperBound)")
    }
  }
}
