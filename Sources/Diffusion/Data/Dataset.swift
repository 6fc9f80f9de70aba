/// Samples of one shape with their declared range and, optionally, labels.
///
/// Images stay bytes and become floats when a batch is filled: 60,000 digits are 47 MB.
public struct Dataset: Sendable {
  /// What a sample is, which decides how it is drawn.
  public enum Kind: String, Sendable, CaseIterable, Codable {
    /// A point of the plane: shape (1, 1, 1, 2).
    case points
    /// A curve, or sound: shape (1, 1, length, 1).
    case signal
    /// An image: shape (1, height, width, 1 or 3).
    case image
    /// Text as tokens, whole numbers, or as their bits: shape (1, 1, length, 1) or (1, 1, length, bits).
    case text
  }

  enum Storage: Sendable {
    case bytes([UInt8])
    case floats([Float])
    /// Tokens, and where in them each sample begins; samples may overlap.
    case tokens([UInt16], starts: [Int])
  }

  /// The built-in name, or the name of the file.
  public let name: String
  /// The kind of samples.
  public let kind: Kind
  /// One sample: (1, height, width, channels).
  public let shape: Shape
  /// The number of samples.
  public let count: Int
  /// The range that samples are declared to lie in; [−1, 1] for images.
  public let range: ClosedRange<Float>
  /// The class of each sample, as an index into ``classNames``; nil without labels.
  public let labels: [Int]?
  /// The names of the classes, in the order of their labels; empty without classes.
  public let classNames: [String]
  /// How tokens are written, where samples are text; nil for all others.
  public let text: TextFormat?
  /// What it takes to hear the samples; nil unless they are sound.
  public let sound: SoundFormat?
  let storage: Storage
  /// The float of each byte, empty where samples are floats.
  private let floatOfByte: [Float]

  /// Images from bytes 0…255 in (count, height, width, channels) order; they become [−1, 1],
  /// unless ``declared(in:)`` says otherwise.
  ///
  /// - Precondition: the values are a whole number of samples, each with one label of `classNames`.
  public init(
    name: String, shape: Shape, bytes: [UInt8], labels: [Int]? = nil, classNames: [String] = []
  ) {
    self.init(
      name: name, kind: .image, shape: shape, range: -1...1, storage: .bytes(bytes),
      labels: labels, classNames: classNames, sound: nil)
  }

  /// Samples from floats in (count, height, width, channels) order.
  ///
  /// - Precondition: the values are a whole number of samples, each with one label of `classNames`.
  public init(
    name: String, kind: Kind, shape: Shape, range: ClosedRange<Float>, values: [Float],
    labels: [Int]? = nil, classNames: [String] = [], sound: SoundFormat? = nil
  ) {
    self.init(
      name: name, kind: kind, shape: shape, range: range, storage: .floats(values),
      labels: labels, classNames: classNames, sound: sound)
  }

  /// Texts of `length` tokens, encoded as the format says; sample k begins at `starts`[k], and samples may
  /// overlap.
  ///
  /// - Precondition: every sample lies within the tokens, which lie below the format's vocabulary.
  public init(
    name: String, tokens: [UInt16], starts: [Int], length: Int, _ text: TextFormat
  ) {
    precondition(
      starts.allSatisfy { $0 >= 0 && $0 + length <= tokens.count },
      "samples of \(length) outside the \(tokens.count) tokens")
    self.init(
      name: name, kind: .text, shape: Shape(1, 1, length, text.channels), range: text.range,
      storage: .tokens(tokens, starts: starts), labels: nil, classNames: [], text: text)
  }

  private init(
    name: String, kind: Kind, shape: Shape, range: ClosedRange<Float>, storage: Storage,
    labels: [Int]?, classNames: [String], text: TextFormat? = nil, sound: SoundFormat? = nil
  ) {
    precondition(
      shape.batch == 1 && shape.sampleCount > 0, "expected the shape of one sample, got \(shape)")
    let elements =
      switch storage {
      case .bytes(let bytes): bytes.count
      case .floats(let values): values.count
      case .tokens(_, let starts): starts.count * shape.sampleCount
      }
    precondition(
      elements % shape.sampleCount == 0,
      "\(elements) values are not a whole number of samples of \(shape)")
    let count = elements / shape.sampleCount
    if let labels {
      precondition(labels.count == count, "\(labels.count) labels for \(count) samples")
      precondition(
        labels.allSatisfy(classNames.indices.contains),
        "labels outside the \(classNames.count) classes")
    }
    self.name = name
    self.kind = kind
    self.shape = shape
    self.count = count
    self.range = range
    self.labels = labels
    self.classNames = classNames
    self.text = text
    self.sound = sound
    self.storage = storage
    floatOfByte =
      switch storage {
      case .bytes:
        (0...255).map { range.lowerBound + Float($0) / 255 * (range.upperBound - range.lowerBound) }
      case .floats, .tokens: []
      }
  }

  /// Writes the samples at `indices` into `tensor`, one after the other; allocates nothing.
  ///
  /// - Precondition: `tensor` has this set's sample shape, and one sample per index.
  public func fill(_ tensor: Tensor, indices: [Int]) {
    precondition(
      tensor.shape == shape.with(batch: indices.count),
      "fill expects \(shape.with(batch: indices.count)), got \(tensor.shape)")
    for (place, index) in indices.enumerated() {
      write(index, to: tensor.pointer + place * shape.sampleCount)
    }
  }

  /// One sample, in (height, width, channels) order.
  public func sample(at index: Int) -> [Float] {
    values(at: [index])
  }

  /// Calls `body` with the content, whatever range it is declared in: eight bytes at a time, or the bits
  /// of a float.
  func forEachRawNumber(_ body: (UInt64) -> Void) {
    switch storage {
    case .floats(let values):
      for value in values { body(UInt64(value.bitPattern)) }
    case .bytes(let bytes):
      bytes.withUnsafeBytes { bytes in
        var place = 0
        while place + 8 <= bytes.count {
          body(bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
          place += 8
        }
        for rest in bytes[place...] { body(UInt64(rest)) }
      }
    case .tokens:
      for sequence in sequences {
        body(UInt64(sequence.count))
        for token in sequence { body(UInt64(token)) }
      }
    }
  }

  /// The samples at `indices`, one after the other.
  func values(at indices: [Int]) -> [Float] {
    let size = shape.sampleCount
    return [Float](unsafeUninitializedCapacity: indices.count * size) { buffer, count in
      guard let start = buffer.baseAddress else { return }
      for (place, index) in indices.enumerated() { write(index, to: start + place * size) }
      count = indices.count * size
    }
  }

  /// One sample, in (height, width, channels) order.
  public subscript(index: Int) -> [Float] { sample(at: index) }

  /// Writes one sample, in (height, width, channels) order.
  func write(_ index: Int, to target: UnsafeMutablePointer<Float>) {
    precondition(
      index >= 0 && index < count, "sample \(index) of \(name), which has \(count)")
    let size = shape.sampleCount
    let start = index * size
    switch storage {
    case .floats(let values):
      values.withUnsafeBufferPointer { values in
        for i in 0..<size { target[i] = values[start + i] }
      }
    case .bytes(let bytes):
      bytes.withUnsafeBufferPointer { bytes in
        floatOfByte.withUnsafeBufferPointer { table in
          for i in 0..<size { target[i] = table[Int(bytes[start + i])] }
        }
      }
    case .tokens(let tokens, let starts):
      guard let text else { preconditionFailure("\(name) has tokens, but no format of text") }
      let (start, channels) = (starts[index], text.channels)
      tokens.withUnsafeBufferPointer { tokens in
        for i in 0..<shape.width { text.write(tokens[start + i], to: target + i * channels) }
      }
    }
  }
}

extension Dataset {
  /// σ_data: the standard deviation of all values.
  public var standardDeviation: Double {
    var (sum, squares) = (0.0, 0.0)
    for index in 0..<count {
      for value in sample(at: index) {
        sum += Double(value)
        squares += Double(value) * Double(value)
      }
    }
    let mean = sum / Double(count * shape.sampleCount)
    return max(squares / Double(count * shape.sampleCount) - mean * mean, 0).squareRoot()
  }

  /// The same images with black and white at the ends of another range; floats are unchanged.
  public func declared(in range: ClosedRange<Float>) -> Dataset {
    guard case .bytes = storage else { return self }
    return Dataset(
      name: name, kind: kind, shape: shape, range: range, storage: storage, labels: labels,
      classNames: classNames, sound: sound)
  }

  /// Only the samples of the given classes; classes keep their numbers and names.
  public func select(classes: [Int]) throws(FileError) -> Dataset {
    guard let labels else {
      throw FileError(name, .unsupported, "has no labels to choose classes by")
    }
    if let unknown = classes.first(where: { !classNames.indices.contains($0) }) {
      throw FileError(
        name, .unsupported, "has no class \(unknown); its classes are 0…\(classNames.count - 1)")
    }
    let wanted = Set(classes)
    let indices = labels.indices.filter { wanted.contains(labels[$0]) }
    guard !indices.isEmpty else {
      throw FileError(name, .unsupported, "has no sample of the chosen classes \(classes)")
    }
    return select(indices)
  }

  /// The samples at `indices`, in that order.
  public func select(_ indices: [Int]) -> Dataset {
    if let wrong = indices.first(where: { $0 < 0 || $0 >= count }) {
      preconditionFailure("sample \(wrong) of \(name), which has \(count)")
    }
    let size = shape.sampleCount
    let kept: Storage =
      switch storage {
      case .bytes(let bytes): .bytes(indices.flatMap { bytes[$0 * size..<($0 + 1) * size] })
      case .floats(let values): .floats(indices.flatMap { values[$0 * size..<($0 + 1) * size] })
      case .tokens(let tokens, let starts): .tokens(tokens, starts: indices.map { starts[$0] })
      }
    return Dataset(
      name: name, kind: kind, shape: shape, range: range, storage: kept,
      labels: labels.map { labels in indices.map { labels[$0] } }, classNames: classNames,
      text: text, sound: sound)
  }
}

/// The format of samples: everything about a data set but its values.
public struct SampleFormat: Sendable, Hashable {
  /// The kind of samples.
  public let kind: Dataset.Kind
  /// One sample: (1, height, width, channels).
  public let shape: Shape
  /// The range that samples are declared to lie in.
  public let range: ClosedRange<Float>
  /// The names of the classes, in the order of their labels; empty without classes.
  public let classNames: [String]
  /// How tokens are written, where samples are text; nil for all others.
  public let text: TextFormat?
  /// What it takes to hear samples; nil unless they are sound.
  public let sound: SoundFormat?

  /// A format; `shape` has batch 1.
  ///
  /// - Precondition: text, and nothing else, says how its tokens are written.
  public init(
    kind: Dataset.Kind, shape: Shape, range: ClosedRange<Float>, classNames: [String] = [],
    text: TextFormat? = nil, sound: SoundFormat? = nil
  ) {
    precondition(
      (kind == .text) == (text != nil),
      "samples of kind \(kind) with \(text == nil ? "no " : "")tokens")
    self.kind = kind
    self.shape = shape
    self.range = range
    self.classNames = classNames
    self.text = text
    self.sound = sound
  }
}

extension SampleFormat {
  /// The same of samples of another shape.
  package func with(shape: Shape) -> SampleFormat {
    SampleFormat(
      kind: kind, shape: shape, range: range, classNames: classNames, text: text, sound: sound)
  }
}

extension Dataset {
  /// The format of its samples.
  public var format: SampleFormat {
    SampleFormat(
      kind: kind, shape: shape, range: range, classNames: classNames, text: text, sound: sound)
  }
}
