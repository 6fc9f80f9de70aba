internal import Platform

/// Reads samples written by another program as a set that can be compared with a data set.
///
/// A folder has one image per PNG file, possibly in subfolders such as one per class; an NPY file has an
/// array; a safetensors file has the tensor `samples`, or only one tensor, or the frames that
/// `workbench sample` writes, of which the last counts.
public enum SampleFiles {
  /// The values of black and white in arrays of floats.
  public enum Scale: String, Sendable, CaseIterable {
    /// White is 1, black −1.
    case symmetric = "-1..1"
    /// White is 1, black 0.
    case unit = "0..1"
    /// White is 255, black 0.
    case bytes = "0..255"

    var range: ClosedRange<Float> {
      switch self {
      case .symmetric: -1...1
      case .unit: 0...1
      case .bytes: 0...255
      }
    }
  }

  /// What was read.
  public struct Contents: Sendable {
    /// The samples, in the range of the format they were read for.
    public let samples: Dataset
    /// The values taken as black and white; nil for PNG files and where there are no images.
    public let scale: Scale?
  }

  /// Reads the samples at a path, which must have the given format.
  ///
  /// Without a `scale`, the values of an array of images decide where black and white are: values below
  /// −½ mean −1…1, values above 2 mean bytes.
  public static func read(
    _ path: String, as format: SampleFormat, scale: Scale? = nil
  ) throws(FileError) -> Contents {
    switch PathKind(path) {
    case .nothing: throw FileError(path, .missing, "there is no such file")
    case .folder: return Contents(samples: try images(in: path, format), scale: nil)
    case .other: break
    }
    let file = try FileReader(path)
    let start = try file.bytes(0..<min(8, file.size), of: "its first bytes")
    if PNG.isPlausible(start) {
      return Contents(samples: try images([path], named: path, format), scale: nil)
    }
    if NPYFile.isPlausible(start) {
      let array = try NPYFile(contentsOf: path)
      return try set(
        array.values, array.shape, path, format, scale ?? (array.isBytes ? .bytes : nil),
        channelsFirst: false)
    }
    guard path.hasSuffix(".safetensors") else {
      throw FileError(
        path, .unrecognized,
        "is not a PNG, NPY or safetensors file; expected samples in one of these formats, or a run")
    }
    let tensor = try samples(in: SafeTensors(contentsOf: path))
    return try set(
      tensor.values, tensor.shape, path, format, scale, channelsFirst: true)
  }

  // MARK: - Images

  /// The most folders inside a folder that are looked into.
  private static let mostFolders = 10_000

  private static func images(in folder: String, _ format: SampleFormat) throws(FileError)
    -> Dataset
  {
    var paths: [String] = []
    var folders = 0
    for name in Folder.names(in: folder).sorted() {
      let path = "\(folder)/\(name)"
      if name.lowercased().hasSuffix(".png") {
        paths.append(path)
      } else if folders < mostFolders, PathKind(path) == .folder {
        folders += 1
        for inner in Folder.names(in: path).sorted() where inner.lowercased().hasSuffix(".png") {
          paths.append("\(path)/\(inner)")
        }
      }
    }
    guard !paths.isEmpty else {
      throw FileError(
        folder, .missing, "is a folder without PNG files; expected one sample per file, or a run")
    }
    return try images(paths, named: folder, format)
  }

  private static func images(
    _ paths: [String], named name: String, _ format: SampleFormat
  ) throws(FileError) -> Dataset {
    guard format.kind == .image else {
      throw FileError(
        name, .mismatch,
        "has images; expected \(format.kind == .points ? "points" : "signals") in an NPY or safetensors file"
      )
    }
    let shape = format.shape
    var bytes: [UInt8] = []
    bytes.reserveCapacity(paths.count * shape.sampleCount)
    for path in paths {
      let image = try PNG.read(path)
      guard image.width == shape.width, image.height == shape.height else {
        let isGrid = image.width > shape.width && image.height >= shape.height
        throw FileError(
          path, .mismatch,
          "is an image of \(image.height)×\(image.width)\(isGrid ? ", such as a grid of samples" : ""); "
            + "expected one sample of \(shape.height)×\(shape.width) per file")
      }
      bytes += try channels(of: image, shape.channels, path)
    }
    return Dataset(name: name, shape: shape, bytes: bytes).declared(in: format.range)
  }

  /// The bytes of an image with one channel or three; grey ones are often kept as colour.
  private static func channels(
    of image: Image, _ wanted: Int, _ path: String
  ) throws(FileError) -> [UInt8] {
    if image.channels == wanted { return image.bytes }
    if image.channels == 1 { return image.bytes.flatMap { repeatElement($0, count: wanted) } }
    let points = image.bytes.chunked(by: 3)
    guard wanted == 1, points.allSatisfy({ Set($0).count == 1 }) else {
      throw FileError(
        path, .mismatch,
        "is a colour image; expected \(wanted == 1 ? "a grey one" : "\(wanted) channels")")
    }
    return points.compactMap(\.first)
  }

  // MARK: - Arrays

  /// The tensor of a file that has the samples.
  private static func samples(in file: SafeTensors) throws(FileError) -> NamedTensor {
    if Checkpoint.isCheckpoint(file.metadata) {
      throw FileError(file.path, .mismatch, "is a checkpoint of a run; expected samples")
    }
    if let entry = file.entry("x_t"), file.entry("timesteps") != nil, entry.shape.count > 2,
      let frames = entry.shape.first, frames > 0
    {
      let all = try file.tensor("x_t")
      let last = all.values.suffix(all.values.count / frames)
      return NamedTensor(name: "x_t", shape: Array(entry.shape.dropFirst()), values: Array(last))
    }
    if file.entry("samples") != nil { return try file.tensor("samples") }
    guard file.entries.count == 1 else {
      throw FileError(
        file.path, .mismatch,
        "has \(file.entries.count) tensors; expected one, or one called samples")
    }
    return try file.tensor(file.entries[0].name)
  }

  private static func set(
    _ values: [Float], _ dimensions: [Int], _ path: String, _ format: SampleFormat, _ scale: Scale?,
    channelsFirst: Bool
  ) throws(FileError) -> Contents {
    let shape = format.shape
    guard let count = dimensions.first, count > 0, dimensions.count > 1 else {
      throw FileError(
        path, .mismatch, "has an array of shape \(dimensions); expected the number of samples first"
      )
    }
    let sample = Array(dimensions.dropFirst())
    let last = [shape.height, shape.width, shape.channels].drop { $0 == 1 && format.kind != .image }
    let first = format.kind.dimensions(of: shape)
    // A single channel may be left out.
    let flat = shape.channels == 1 ? Array(first.dropFirst()) : []
    let matchesFirst = sample == first
    let matchesLast = sample == Array(last)
    guard matchesFirst || matchesLast || (!flat.isEmpty && sample == flat) else {
      let expected = (["samples"] + first.map(String.init)).joined(separator: ", ")
      throw FileError(
        path, .mismatch,
        "has an array of shape \(dimensions); expected (\(expected)) as the data has")
    }
    var values = values
    if matchesFirst, channelsFirst || !matchesLast, shape.channels > 1 {
      values = Tensor(channelsFirst: values, shape.with(batch: count)).values
    }
    guard format.kind == .image else {
      return Contents(
        samples: Dataset(
          name: path, kind: format.kind, shape: shape, range: format.range, values: values,
          sound: format.sound),
        scale: nil)
    }
    let found = scale ?? self.scale(of: values)
    return Contents(
      samples: Dataset(images: values, in: found.range, name: path, format), scale: found)
  }

  private static func scale(of values: [Float]) -> Scale {
    if values.contains(where: { $0 < -0.5 }) { return .symmetric }
    return values.contains(where: { $0 > 2 }) ? .bytes : .unit
  }
}

extension Dataset {
  /// Images of 8 bits from numbers in a range, as PNG files of them would have; what is no number stays so.
  ///
  /// Real data are bytes as well: otherwise a classifier might tell them apart by that alone.
  public init(
    images values: [Float], in range: ClosedRange<Float>, name: String, _ format: SampleFormat
  ) {
    let span = range.upperBound - range.lowerBound
    let target = format.range
    let step = (target.upperBound - target.lowerBound) / 255
    self.init(
      name: name, kind: .image, shape: format.shape, range: target,
      values: values.map { value in
        let level = ((value - range.lowerBound) / span * 255).rounded()
        return level.isNaN ? level : target.lowerBound + min(max(level, 0), 255) * step
      })
  }
}
