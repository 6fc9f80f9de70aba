extension Model {
  /// Opens the model at a path: the averaged weights of a run's folder or a checkpoint, or a diffusers
  /// folder.
  ///
  /// - Throws: ``FileError``, ``ModelError``, ``MissingLibrary`` or another error whose description is a
  ///   sentence.
  public init(contentsOf path: String) throws {
    try self.init(contentsOf: path, recipe: nil)
  }

  /// Opens the model at a path: a run's folder or a checkpoint, of which the averaged weights count
  /// unless `raw` asks for those themselves; a diffusers folder; or, with a recipe that says of
  /// which network, any file of weights.
  ///
  /// The weights are read tensor by tensor into their place. The training data is needed only for
  /// checkpoints of version 0.1, which do not say what samples are.
  package init(contentsOf path: String, recipe: Recipe? = nil, raw: Bool = false) throws {
    try BLAS.load()
    if DiffusersFolder.exists(at: path) {
      try self.init(DiffusersFolder(contentsOf: path))
    } else if let file = Self.checkpointFile(path) {
      try self.init(Checkpoint(contentsOf: file), path: path, file: file, raw: raw)
    } else {
      guard PathKind(path) != .nothing else {
        throw FileError(path, .missing, "there is no such file")
      }
      guard let recipe else { throw ModelError.noRecipe(path) }
      let weights = try TensorSource(contentsOf: path)
      let format = try recipe.format()
      let network = try recipe.network.make(for: format)
      self.init(
        recipe, network: network,
        weights: try network.weights(from: weights, path: path), format: format,
        parent: path)
    }
  }

  /// The checkpoint at a path, or of the run in a folder; nil for anything else.
  static func checkpointFile(_ path: String) -> String? {
    if PathKind(path) == .folder { return "\(path)/\(Self.checkpointName)" }
    return Checkpoint.exists(at: path) ? path : nil
  }

  /// The file in a run's folder that has its newest checkpoint.
  package static let checkpointName = "checkpoint.safetensors"

  private init(_ checkpoint: Checkpoint, path: String, file: String, raw: Bool) throws {
    let recipe = try checkpoint.currentRecipe(path: path)
    let format = try checkpoint.format ?? recipe.data.load().format
    let network = try recipe.network.make(for: format)
    let source = raw ? checkpoint.state.weights : checkpoint.state.average
    self.init(
      recipe, network: network, weights: try network.weights(from: source, path: file),
      format: format, step: checkpoint.state.step, parent: checkpoint.parent)
  }

  private init(_ folder: DiffusersFolder) throws {
    let recipe = folder.recipe
    guard let shape = recipe.network.fixedSampleShape else {
      throw ModelError.noShape(recipe.network.name)
    }
    let classes = recipe.network.classes
    let network = try recipe.network.make(for: shape)
    self.init(
      recipe, network: network,
      weights: try network.weights(from: folder.tensors(), path: folder.weightsPath),
      format: SampleFormat(
        kind: .image, shape: shape, range: -1...1, classNames: (0..<classes).map(String.init)),
      parent: folder.path)
  }
}

extension Network {
  /// The weights that a source has for this network; errors name the file at `path`.
  func weights(from source: TensorSource, path: String) throws -> Weights {
    let weights: Weights
    do {
      weights = try table.weights(from: source)
    } catch let mismatch as ParameterMismatch {
      throw ModelError.weightsMismatch(path, "\(mismatch)")
    }
    guard weights.isFinite else { throw ModelError.notFinite(path) }
    return weights
  }

  /// The weights at a path for this network: the moving average of a run or checkpoint, or those of a
  /// safetensors or PyTorch file or of a diffusers folder.
  public func weights(contentsOf path: String) throws -> Weights {
    guard let file = Model.checkpointFile(path), !DiffusersFolder.exists(at: path) else {
      return try weights(from: TensorSource(contentsOf: path), path: path)
    }
    return try weights(from: Checkpoint(contentsOf: file).state.average, path: path)
  }
}

extension Checkpoint {
  /// The recipe as it is after all changes, which `overrides` go before; errors call the run
  /// `path`.
  package func currentRecipe(
    path: String, overrides: [RecipeOverride] = [], checkingData: Bool = false
  ) throws(RecipeError) -> Recipe {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    var recipe = try Recipe(
      self.recipe, name: name, path: "\(path)/recipe.toml", overrides: overrides,
      checkingData: checkingData)
    guard !changes.isEmpty else { return recipe }
    for change in changes { try recipe.apply(change.lines) }
    // The data, which no change is about, has its overrides, and its classes their names.
    try recipe.apply(overrides.filter { $0.key.section != "data" })
    return recipe
  }
}

extension Checkpoint.Change {
  /// The change as lines of a recipe; the first version of this program wrote words instead, such
  /// as `schedule cosine timesteps=1000 s=0.008`.
  package var lines: String {
    let words = text.split(separator: " ").map(String.init)
    switch words.first {
    case "learning_rate" where words.count == 2: return "optimizer.learning_rate = \(words[1])"
    case "schedule" where words.count >= 2:
      // What it did not say was the family's default, whatever it had been before.
      guard var schedule = ScheduleConfiguration(named: words[1]) else { return text }
      for word in words.dropFirst(2) {
        let pair = word.split(separator: "=").map(String.init)
        guard pair.count == 2, schedule.setting(pair[0]) != nil,
          (try? schedule.set(pair[0], to: TOML.value(pair[1]))) != nil
        else { return text }
      }
      return Recipe.lines(schedule, prefix: "schedule.").joined(separator: "\n")
    default: return text
    }
  }
}

extension Recipe {
  /// What its samples are: those of a network that knows, else those of its data.
  func format() throws -> SampleFormat {
    if let shape = network.fixedSampleShape {
      return SampleFormat(kind: .image, shape: shape, range: data.range.values)
    }
    return try data.load().format
  }
}
