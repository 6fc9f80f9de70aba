import Diffusion

/// The weights that a run starts from: those of another run, or of another program.
enum ParentWeights {
  /// The tensors of a run's folder or checkpoint, where the moving average is meant, of a
  /// safetensors or PyTorch file, or of a folder of diffusers.
  static func read(_ path: String) throws -> [NamedTensor] {
    let folder = RunFolder(path: path)
    if ResourceFolders.isFolder(path) && !DiffusersFolder.isOne(path) {
      return try folder.checkpoint().average
    }
    let file = try WeightsFile.read(path)
    return Checkpoint.isOne(file.metadata) ? try Checkpoint(contentsOf: path).average : file.tensors
  }
}
