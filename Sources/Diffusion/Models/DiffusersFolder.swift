/// A folder in the format of the diffusers library: a U-Net, its weights and its scheduler.
///
/// Parts are in separate folders, `unet` and `scheduler`, beside a `model_index.json`, or all
/// together at the top.
package struct DiffusersFolder {
  package let path: String
  package let unet: UNet2DConfiguration
  /// The process and the sampler; nil where the folder is of a U-Net alone.
  package let scheduler: SchedulerConfiguration?
  /// The file of the weights, or the index of the files where there are several.
  package let weightsPath: String

  static let index = "model_index.json"
  static let unetFolder = "unet"
  static let schedulerFolder = "scheduler"
  static let unetConfiguration = "config.json"
  static let schedulerConfiguration = "scheduler_config.json"
  static let weights = "diffusion_pytorch_model.safetensors"
  /// The names of files of weights, the best first.
  private static let weightsNames = [
    weights, "diffusion_pytorch_model.bin", "diffusion_pytorch_model.fp16.safetensors",
    "diffusion_pytorch_model.fp16.bin", "\(weights)\(shardsSuffix)",
    "diffusion_pytorch_model.bin\(shardsSuffix)",
  ]
  private static let shardsSuffix = ".index.json"

  /// Whether the folder at `path` looks like one of these.
  package static func exists(at path: String) -> Bool {
    [index, unetConfiguration, "\(unetFolder)/\(unetConfiguration)"].contains {
      PathKind("\(path)/\($0)") == .other
    }
  }

  /// Opens a folder and reads its configurations; weights are not read yet.
  package init(contentsOf path: String) throws(FileError) {
    guard PathKind(path) == .folder else {
      throw FileError(
        path, PathKind(path) == .nothing ? .missing : .unrecognized,
        "is not a folder; expected a diffusers folder")
    }
    guard Self.exists(at: path) else {
      throw FileError(
        path, .unrecognized,
        "has neither \(Self.index) nor \(Self.unetConfiguration); expected a diffusers folder")
    }
    self.path = path
    let className = try Self.className(path)
    let unet = Self.part(path, Self.unetFolder)
    let configuration = "\(unet)/\(Self.unetConfiguration)"
    self.unet = try UNet2DConfiguration(
      json: JSON(contentsOf: configuration), path: configuration)
    weightsPath = try Self.findWeights(unet)
    // Before anybody makes room for such a network.
    var size = 0
    for file in try Self.weightsFiles(weightsPath) { size += try FileReader(file).size }
    guard self.unet.leastParameters <= Double(size) else {
      throw FileError(
        configuration, .mismatch,
        "describes a network of more than \(Int(self.unet.leastParameters)) parameters, but its "
          + "weights have \(size) bytes")
    }
    let file = "\(Self.part(path, Self.schedulerFolder))/\(Self.schedulerConfiguration)"
    scheduler =
      PathKind(file) == .nothing
      ? nil
      : try SchedulerConfiguration(json: JSON(contentsOf: file), path: file, className: className)
  }

  /// Where a part of the folder is.
  private static func part(_ path: String, _ name: String) -> String {
    PathKind("\(path)/\(name)") == .folder ? "\(path)/\(name)" : path
  }

  private static func findWeights(_ folder: String) throws(FileError) -> String {
    for name in weightsNames where PathKind("\(folder)/\(name)") == .other {
      return "\(folder)/\(name)"
    }
    throw FileError(folder, .missing, "has no weights; expected a file \(weights)")
  }

  /// The files at the path of one, or of an index of several.
  private static func weightsFiles(_ path: String) throws(FileError) -> [String] {
    guard path.hasSuffix(shardsSuffix) else { return [path] }
    let reader = try ConfigurationReader(try JSON(contentsOf: path), path: path)
    let names = Set((reader["weight_map"]?.members ?? []).map { $0.value.string ?? "" })
    // A name is that of a file in the same folder.
    guard !names.isEmpty, names.allSatisfy({ !$0.isEmpty && !$0.contains("/") }) else {
      throw reader.error("weight_map", expected: "a file beside it for each tensor")
    }
    let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
      .joined(separator: "/")
    return names.sorted().map { "\(folder)/\($0)" }
  }

  /// Checks the index, where there is one; returns the scheduler's class that it names.
  private static func className(_ path: String) throws(FileError) -> String? {
    let file = "\(path)/\(index)"
    guard PathKind(file) == .other else { return nil }
    let reader = try ConfigurationReader(try JSON(contentsOf: file), path: file)
    if let unet = reader[unetFolder], unet.array?.last != .string("UNet2DModel") {
      throw reader.error(unetFolder, expected: "a UNet2DModel", .unsupported)
    }
    // This pipeline makes its own sampler of whatever scheduler is there.
    if let own = DDIM.scheduler, reader["_class_name"]?.string == own.pipeline { return own.name }
    guard let scheduler = reader[schedulerFolder] else { return nil }
    let known = SchedulerConfiguration.classNames
    guard let name = scheduler.array?.last?.string, known.contains(name) else {
      throw reader.error(
        schedulerFolder, expected: known.joined(separator: ", "), .unsupported)
    }
    return name
  }
}

extension DiffusersFolder {
  /// The network and the process as a recipe without data, which makes samples as the folder's own
  /// pipeline does.
  package var recipe: Recipe {
    let scheduler = scheduler ?? SchedulerConfiguration()
    var sampling = scheduler.sampling
    sampling.count = 4
    var recipe = Recipe(
      name: path.lastPathComponent, network: NetworkConfiguration(unet),
      schedule: scheduler.schedule,
      objective: ObjectiveConfiguration(DenoisingObjective(predicting: scheduler.parameterization)),
      preview: PreviewConfiguration(sampling))
    recipe.training.optimizer.learningRate.base = 1e-4
    return recipe
  }
}

// MARK: - Weights

extension DiffusersFolder {
  /// The tensors of the U-Net, by the names that the library has for them today.
  package func tensors() throws(FileError) -> TensorSource {
    var parts: [TensorSource] = []
    for file in try Self.weightsFiles(weightsPath) {
      parts.append(
        file.hasSuffix(".bin")
          ? TensorSource(try TorchFile(contentsOf: file).tensors())
          : TensorSource(try SafeTensors(contentsOf: file)))
    }
    let renamed = TensorSource(joining: parts).mapped { Self.renamed($0) }
    var names: Set<String> = []
    for entry in renamed.entries where !names.insert(entry.name).inserted {
      throw FileError(
        weightsPath, .mismatch,
        "has \(Wording.quoted(entry.name)) twice, in two files or under an older name as well")
    }
    return renamed
  }

  /// What the parts of attention were called before version 0.15 of the library.
  private static let oldNames = [
    "query": "to_q", "key": "to_k", "value": "to_v", "proj_attn": "to_out.0",
  ]

  /// The tensor with its name of today, and as the matrix that a convolution of one pixel is.
  static func renamed(_ tensor: TensorSource.Entry) -> TensorSource.Entry {
    let parts = tensor.name.split(separator: ".", omittingEmptySubsequences: false)
    // … attentions.0.query.weight
    guard parts.count >= 4, parts[parts.count - 4] == "attentions",
      let name = oldNames[String(parts[parts.count - 2])]
    else { return tensor }
    var result = tensor
    result.name = "\(parts.dropLast(2).joined(separator: ".")).\(name).\(parts[parts.count - 1])"
    if result.shape.count > 2, result.shape.dropFirst(2).allSatisfy({ $0 == 1 }) {
      result.shape = Array(result.shape.prefix(2))
    }
    return result
  }
}
