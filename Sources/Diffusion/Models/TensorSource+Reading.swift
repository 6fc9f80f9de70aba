extension TensorSource {
  /// The weights at `path`, in the order of the file, under the names they were saved with.
  ///
  /// The format is detected from the content, not from the name.
  public init(contentsOf path: String) throws(FileError) {
    if PathKind(path) == .folder {
      self = try DiffusersFolder(contentsOf: path).tensors()
      return
    }
    let file = try FileReader(path)
    if try SafeTensorsHeader.isLikely(file) {
      self.init(try SafeTensors(contentsOf: path))
    } else if try TorchFile.Format(file) != nil {
      self.init(try TorchFile(contentsOf: path).tensors())
    } else {
      throw FileError(
        path, .unrecognized,
        "holds no weights in a known format; expected safetensors, a file of torch.save or a "
          + "diffusers folder")
    }
  }
}
