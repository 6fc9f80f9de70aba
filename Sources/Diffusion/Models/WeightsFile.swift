/// The weights in a file or a folder of any format that is read here.
package struct WeightsFile: Sendable {
  /// Who writes such files.
  package enum Format: Sendable {
    /// Hugging Face's format.
    case safetensors
    /// `torch.save`
    case torch
    /// A diffusers folder.
    case diffusers
  }

  /// Who wrote the file.
  package let format: Format
  /// In the order of the file; their names are those of the network that they were saved from.
  package let tensors: TensorSource

  /// Opens the weights at `path`; what is there decides how, not what it is called.
  package static func open(_ path: String) throws(FileError) -> WeightsFile {
    if PathKind(path) == .folder {
      return WeightsFile(
        format: .diffusers, tensors: try DiffusersFolder(contentsOf: path).tensors())
    }
    let file = try FileReader(path)
    if try SafeTensorsHeader.isLikely(file) {
      return WeightsFile(
        format: .safetensors, tensors: TensorSource(try SafeTensors(contentsOf: path)))
    }
    guard try TorchFile.Format(file) != nil else {
      throw FileError(
        path, .unrecognized,
        "holds no weights that are read here; expected safetensors, a file of torch.save or a "
          + "diffusers folder")
    }
    return WeightsFile(
      format: .torch, tensors: TensorSource(try TorchFile(contentsOf: path).tensors()))
  }
}
