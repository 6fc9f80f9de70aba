/// Tensors by name, handed out one at a time: those of a file, of a network's block, or of a list.
///
/// Whoever copies them somewhere needs room for one of them, not for all.
package struct TensorSource: Sendable {
  /// What is known of a tensor without its numbers.
  package struct Entry: Sendable, Hashable {
    /// The tensor's name.
    package var name: String
    /// The dimensions in PyTorch's order.
    package var shape: [Int]
    /// What its numbers are to other programs.
    package var kind: NamedTensor.Kind

    /// A tensor of that name and shape.
    package init(name: String, shape: [Int], kind: NamedTensor.Kind = .float) {
      self.name = name
      self.shape = shape
      self.kind = kind
    }
  }

  /// The tensors in their order, without their numbers.
  package let entries: [Entry]
  private let read: @Sendable (Int) throws(FileError) -> [Float]

  /// Tensors whose numbers `read` gives by their place, as many as the shape has.
  package init(_ entries: [Entry], read: @escaping @Sendable (Int) throws(FileError) -> [Float]) {
    self.entries = entries
    self.read = read
  }

  /// Tensors that are in memory.
  package init(_ tensors: [NamedTensor] = []) {
    self.init(tensors.map { Entry(name: $0.name, shape: $0.shape, kind: $0.kind) }) {
      tensors[$0].values
    }
  }

  /// The tensors of a file whose names begin with `prefix`, without it.
  package init(_ file: SafeTensors, prefix: String = "") {
    let found = file.entries.filter { $0.name.hasPrefix(prefix) }
    self.init(
      found.map {
        Entry(
          name: String($0.name.dropFirst(prefix.count)), shape: $0.shape, kind: $0.type.kind)
      }
    ) { (index) throws(FileError) in try file.tensor(found[index].name).values }
  }

  /// All tensors of several sources.
  init(joining sources: [TensorSource]) {
    let places = sources.indices.flatMap { part in
      sources[part].entries.indices.map { (part: part, index: $0) }
    }
    self.init(sources.flatMap(\.entries)) { (place) throws(FileError) in
      try sources[places[place].part].values(at: places[place].index)
    }
  }

  /// The numbers of the entry at a place.
  package func values(at index: Int) throws(FileError) -> [Float] { try read(index) }

  /// The same tensors under other names or shapes of as many numbers.
  func mapped(_ change: (Entry) -> Entry) -> TensorSource {
    TensorSource(entries.map(change), read: read)
  }

  /// All tensors at once.
  package func tensors() throws(FileError) -> [NamedTensor] {
    var tensors: [NamedTensor] = []
    for (index, entry) in entries.enumerated() {
      tensors.append(
        NamedTensor(
          name: entry.name, shape: entry.shape, values: try read(index), kind: entry.kind))
    }
    return tensors
  }

  /// Items of a safetensors file, each name preceded by `prefix`; floats as `type`, by default F32.
  package func items(
    prefix: String = "", as type: SafeTensors.ElementType = .f32
  ) -> [SafeTensors.Item] {
    entries.enumerated().map { index, entry in
      SafeTensors.Item(
        name: prefix + entry.name, shape: entry.shape,
        type: entry.kind == .wholeNumber ? .i64 : type
      ) { () throws(FileError) in .floats(try read(index)) }
    }
  }
}
