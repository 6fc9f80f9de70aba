import Diffusion

/// What can be opened while the program runs.
enum OpenRequest: Sendable, Hashable {
  /// A new run of the recipe with this name.
  case recipe(String)
  /// The run in this folder, paused.
  case run(RunFolder)
  /// The run in this folder, which goes on at once.
  case resume(RunFolder)
  /// A new run of a recipe, from the weights of the run in a folder, or from the beginning.
  case new(Recipe, from: RunFolder?)
  /// A new run, paused, that is as the run in a folder was at a checkpoint.
  case rewind(RunFolder, to: KeptCheckpoint)
}

extension Workload {
  /// The requested subject, and the recipe that describes it.
  static func opening(_ opening: OpenRequest) throws -> (Workload, Recipe) {
    switch opening {
    case .recipe(let name): return new(try Recipe.load(name), parent: nil)
    case .run(let folder): return try run(folder, isPaused: true)
    case .resume(let folder): return try run(folder, isPaused: false)
    case .rewind(let folder, let kept): return try run(folder.fork(at: kept), isPaused: true)
    case .new(let recipe, let parent):
      // What is wrong with it is said before the present run ends for it.
      let recipe = try Recipe(recipe.text, name: recipe.name, path: recipe.name)
      if let parent { try recipe.checkWeights(of: parent) }
      return new(recipe, parent: parent)
    }
  }

  private static func new(_ recipe: Recipe, parent: RunFolder?) -> (Workload, Recipe) {
    let job = TrainingJob(
      recipe: recipe, place: .newFolder(in: RunFolder.standardParent), limitsSpeed: true,
      parent: parent?.path)
    return (.training(job), recipe)
  }

  private static func run(_ folder: RunFolder, isPaused: Bool) throws -> (Workload, Recipe) {
    let recipe = try folder.checkpoint().currentRecipe(path: folder.path)
    let job = TrainingJob(
      recipe: recipe, place: .resume(folder), startsPaused: isPaused, limitsSpeed: true)
    return (.training(job), recipe)
  }

  /// The same, held back where it would be over before anybody has seen it.
  var held: Workload {
    guard case .training(var job) = self else { return self }
    job.limitsSpeed = true
    return .training(job)
  }

  /// The folder of a run that goes on; nil for what begins anew.
  var resumed: RunFolder? {
    if case .training(let job) = self, case .resume(let folder) = job.place { folder } else { nil }
  }
}

extension Recipe {
  /// Throws unless its network can begin with the weights of a run.
  fileprivate func checkWeights(of parent: RunFolder) throws {
    let format = try parent.checkpoint().format ?? data.load().format
    do {
      _ = try network.make(for: format).weights(contentsOf: parent.path)
    } catch {
      throw RunError.failed("\(error); start from new weights, or leave the network as it was")
    }
  }
}
