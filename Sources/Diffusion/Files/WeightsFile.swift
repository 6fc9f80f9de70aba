/// The weights in a file or a folder of any format that is read here.
public struct WeightsFile: Sendable, Equatable {
  /// Who writes such files.
  public enum Format: Sendable {
    case safetensors
    /// `torch.save`
    case torch
    /// A folder of diffusers.
    case diffusers
  }

  public let path: String
  public let format: Format
  /// In the order of the file; their names are those of the network that they were saved from.
  public let tensors: [NamedTensor]
  /// What a safetensors file says about itself.
  public let metadata: [String: String]

  /// Reads the weights at `path`; what is there decides how, not what it is called.
  ///
  /// `key` chooses among several sets of weights: a key of a PyTorch file, or what the names in a
  /// safetensors file begin with, to the point.
  public static func read(_ path: String, key: String? = nil) throws(FileError) -> WeightsFile {
    if PathKind(path) == .folder {
      if let key {
        throw FileError(
          path, .mismatch,
          "is a folder with one set of weights, there is none called \(FileError.quoted(key))")
      }
      let folder = try DiffusersFolder(contentsOf: path)
      return WeightsFile(
        path: path, format: .diffusers, tensors: try folder.tensors(), metadata: [:])
    }
    let file = try FileReader(path)
    if try SafeTensorsHeader.isLikely(file) {
      let tensors = try SafeTensors(contentsOf: path)
      return WeightsFile(
        path: path, format: .safetensors, tensors: try select(tensors, key),
        metadata: tensors.metadata)
    }
    guard try TorchFile.Format(file) != nil else {
      throw FileError(
        path, .unrecognized,
        "holds no weights that are read here, expected safetensors, a file of torch.save or a "
          + "folder of diffusers")
    }
    return WeightsFile(
      path: path, format: .torch, tensors: try TorchFile(contentsOf: path).tensors(in: key),
      metadata: [:])
  }

  /// The tensors whose names begin with the key, without it; all without a key.
  private static func select(
    _ file: SafeTensors, _ key: String?
  ) throws(FileError) -> [NamedTensor] {
    guard let key else { return try file.tensors() }
    let prefix = "\(key)."
    var tensors: [NamedTensor] = []
    for entry in file.entries where entry.name.hasPrefix(prefix) {
      var tensor = try file.tensor(entry.name)
      tensor.name = String(entry.name.dropFirst(prefix.count))
      tensors.append(tensor)
    }
    guard !tensors.isEmpty else {
      throw FileError(
        file.path, .mismatch, "has no tensors whose names begin with \(FileError.quoted(prefix))")
    }
    return tensors
  }
}
