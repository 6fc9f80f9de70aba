extension Dataset {
  /// A hash of the content: samples, shape, labels and class names, but not the set's name or the
  /// declared range of its images.
  ///
  /// Source: FNV-1a, 64 bits, by Fowler, Noll and Vo; eight bytes at a time.
  public var fingerprint: UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    func add(_ value: UInt64) { hash = (hash ^ value) &* 0x100_0000_01B3 }
    for size in [count, shape.height, shape.width, shape.channels] {
      add(UInt64(truncatingIfNeeded: size))
    }
    for name in classNames {
      for byte in name.utf8 { add(UInt64(byte)) }
      add(0x100)
    }
    for label in labels ?? [] { add(UInt64(truncatingIfNeeded: label)) }
    forEachRawNumber(add)
    return hash
  }
}

extension FeatureClassifier {
  private static let formatName = "diffusion-workbench features"

  /// The name of the file in a folder of cached classifiers, from the data's name and content.
  public static func fileName(for dataset: Dataset) -> String {
    let safe = dataset.name.map { $0.isLetter || $0.isNumber || $0 == "-" ? $0 : "_" }
    let digits = String(dataset.fingerprint, radix: 16)
    return "\(String(safe.prefix(40)))-\(digits)-v\(Recipe().version).safetensors"
  }

  /// Writes the classifier to `path`, atomically.
  public func write(to path: String) throws(FileError) {
    let metadata = [
      ("format", Self.formatName), ("version", "\(Recipe().version)"), ("data", dataName),
      ("fingerprint", String(fingerprint, radix: 16)), ("held_out_accuracy", "\(heldOutAccuracy)"),
      ("held_out_count", "\(heldOutCount)"),
    ]
    try SafeTensors.write(network.table.source(weights).items(), metadata: metadata, to: path)
  }

  /// The classifier cached at `path` for a data set; nil where there is none, or one for other data or
  /// of another version.
  ///
  /// - Throws: ``FileError`` where the file is damaged.
  public init?(contentsOf path: String, for dataset: Dataset) throws(FileError) {
    guard case .other = PathKind(path) else { return nil }
    let file = try SafeTensors(contentsOf: path)
    guard file.metadata["format"] == Self.formatName,
      file.metadata["version"] == "\(Recipe().version)",
      file.metadata["fingerprint"] == String(dataset.fingerprint, radix: 16),
      let accuracy = file.metadata["held_out_accuracy"].flatMap(Double.init),
      let count = file.metadata["held_out_count"].flatMap({ Int($0) })
    else { return nil }
    let shape = dataset.seenShape
    let network = FeatureNetwork(shape, classes: dataset.classNames.count)
    let weights: Weights
    do {
      weights = try network.table.weights(from: TensorSource(file))
    } catch let error as FileError {
      throw error
    } catch {
      throw FileError(
        path, .mismatch, "holds other tensors than a classifier of this data: \(error)")
    }
    self.init(
      dataName: dataset.name, fingerprint: dataset.fingerprint, sampleShape: shape,
      classNames: dataset.classNames, heldOutAccuracy: accuracy, heldOutCount: count,
      network: network, weights: weights)
  }
}
