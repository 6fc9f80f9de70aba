/// A file that `torch.save` wrote, `.pth` or `.pt`, as far as it holds tensors in plain containers.
///
/// Such a file is a zip archive of a pickle and of the numbers. A pickle can run any code when
/// Python opens it; here nothing is run: see ``TorchPickle``.
struct TorchFile {
  /// Dictionaries of tensors within the file.
  struct Group {
    /// The keys that lead to it, joined by points; empty at the top.
    let key: String
    let members: [(name: String, tensor: TorchPickle.Tensor)]
  }

  let path: String
  let groups: [Group]
  let storages: [TorchPickle.Storage]
  let archive: ZipArchive
  /// The folder in the archive that everything is in.
  private let root: String

  /// The largest pickle that is read, in bytes; that of a large model has a few hundred thousand.
  static let largestPickle = 64 << 20

  /// Opens a file and finds its dictionaries of tensors; no numbers are read yet.
  init(contentsOf path: String) throws(FileError) {
    let file = try FileReader(path)
    self.path = path
    try Self.refuseOlderFormats(file)
    archive = try ZipArchive(file)
    let pickles = archive.entries.filter { entry in
      let parts = entry.name.split(separator: "/", omittingEmptySubsequences: false)
      return parts.count == 2 && parts[1] == "data.pkl"
    }
    guard let entry = pickles.first, pickles.count == 1 else {
      throw FileError(
        path, .unrecognized,
        "is a zip file with \(pickles.count) files data.pkl; expected one as "
          + "torch.save writes it")
    }
    root = String(entry.name.dropLast("data.pkl".count))
    if let order = archive["\(root)byteorder"] {
      let text = String(decoding: try archive.bytes(order, limit: 100), as: UTF8.self)
      guard text == "little" else {
        throw FileError(
          path, .unsupported, "has the byte order \(Wording.quoted(text)); expected little")
      }
    }
    let bytes = try archive.bytes(entry, limit: Self.largestPickle)
    do throws(FileError) {
      let (pickle, root) = try TorchPickle.run(bytes, path: path)
      storages = pickle.storages
      groups = try pickle.groups(in: root, path: path)
    } catch {
      throw error.kind == .unsupported ? Self.advising(error, runsCode: true) : error
    }
  }

  /// The tensors of the dictionary under `key`, keys within keys joined by points.
  ///
  /// Without a key the file must hold exactly one. They are in the order in which they were saved.
  func tensors(in key: String? = nil) throws(FileError) -> [NamedTensor] {
    let group = try group(key)
    try checkSizes(group)
    var inflated: [Int: [UInt8]] = [:]
    var result: [NamedTensor] = []
    for (name, tensor) in group.members {
      let storage = storages[tensor.storage]
      var values = [Float](repeating: 0, count: tensor.count)
      try values.withUnsafeMutableBufferPointer { values throws(FileError) in
        try read(tensor, into: values, &inflated)
      }
      result.append(
        NamedTensor(name: name, shape: tensor.shape, values: values, kind: storage.type.kind))
    }
    return result
  }

  private func group(_ key: String?) throws(FileError) -> Group {
    if let key {
      if let group = groups.first(where: { $0.key == key }) { return group }
      throw FileError(
        path, .mismatch, "has no tensors under the key \(Wording.quoted(key)); \(choices)")
    }
    guard let group = groups.first, groups.count == 1 else {
      throw FileError(path, .mismatch, "holds several sets of tensors; \(choices)")
    }
    return group
  }

  private var choices: String {
    let limit = 12
    let names = groups.prefix(limit).map {
      $0.key.isEmpty ? "the top (“”)" : Wording.quoted($0.key)
    }
    let more = groups.count > limit ? " and \(groups.count - limit) others" : ""
    return "expected one of the keys \(names.joined(separator: ", "))\(more)"
  }
}

// MARK: - Numbers

extension TorchFile {
  private func entry(_ storage: TorchPickle.Storage) throws(FileError) -> ZipArchive.Entry {
    guard let entry = archive["\(root)data/\(storage.key)"] else {
      throw FileError(
        path, .malformed, "has no numbers under \(Wording.quoted("data/\(storage.key)"))")
    }
    let (size, overflow) = storage.count.multipliedReportingOverflow(by: storage.type.size)
    guard !overflow, size <= entry.size else {
      throw FileError(
        path, .mismatch,
        "declares \(storage.count) numbers of type \(storage.type.rawValue) under "
          + "\(Wording.quoted("data/\(storage.key)")), which has \(entry.size) bytes")
    }
    return entry
  }

  /// Checks before anything is allocated that the tensors are no larger than what the file has.
  private func checkSizes(_ group: Group) throws(FileError) {
    var (numbers, inflated) = (0.0, 0.0)
    for index in Set(group.members.map(\.tensor.storage)) {
      let entry = try entry(storages[index])
      if !entry.isStored { inflated += Double(entry.size) }
    }
    for (_, tensor) in group.members { numbers += Double(tensor.count) }
    // Weights that are tied share numbers, and a buffer may repeat a few; neither by much.
    guard numbers <= 1e6 + 2 * (Double(archive.size) + inflated) else {
      throw FileError(
        path, .tooLarge,
        "holds tensors that unfold to far more numbers than its \(archive.size) bytes have")
    }
    // Weights hardly get smaller by deflating.
    guard inflated <= 64e6 + 16 * Double(archive.size) else {
      throw FileError(
        path, .tooLarge,
        "holds numbers that inflate to far more than its \(archive.size) bytes")
    }
  }

  private func read(
    _ tensor: TorchPickle.Tensor, into values: UnsafeMutableBufferPointer<Float>,
    _ inflated: inout [Int: [UInt8]]
  ) throws(FileError) {
    guard let last = tensor.last else { return }
    if tensor.isContiguous {
      return try read(tensor.storage, from: tensor.offset, into: values, &inflated)
    }
    var span = [Float](repeating: 0, count: last - tensor.offset + 1)
    try span.withUnsafeMutableBufferPointer { span throws(FileError) in
      try read(tensor.storage, from: tensor.offset, into: span, &inflated)
    }
    var (index, place) = ([Int](repeating: 0, count: tensor.shape.count), 0)
    for i in values.indices {
      values[i] = span[place]
      // On to the next element in row-major order.
      for side in tensor.shape.indices.reversed() {
        index[side] += 1
        place += tensor.strides[side]
        if index[side] < tensor.shape[side] { break }
        place -= tensor.shape[side] * tensor.strides[side]
        index[side] = 0
      }
    }
  }

  /// Reads elements of a storage that follow each other, from element `start` on.
  private func read(
    _ index: Int, from start: Int, into values: UnsafeMutableBufferPointer<Float>,
    _ inflated: inout [Int: [UInt8]]
  ) throws(FileError) {
    let storage = storages[index]
    let entry = try entry(storage)
    let first = start * storage.type.size
    if entry.isStored {
      let reader = try ZipEntryReader(entry, of: archive)
      return try storage.type.read(into: values) { buffer, begin throws(FileError) in
        try reader.fill(buffer, from: first + begin)
      }
    }
    let bytes =
      if let known = inflated[index] { known } else {
        try archive.bytes(entry, limit: entry.size)
      }
    inflated[index] = bytes
    try storage.type.read(into: values) { buffer, begin throws(FileError) in
      bytes.withUnsafeBytes {
        buffer.copyMemory(
          from: UnsafeRawBufferPointer(rebasing: $0[(first + begin)...].prefix(buffer.count)))
      }
    }
  }
}
