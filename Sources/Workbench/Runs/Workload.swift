import Diffusion

/// What can be opened while the program runs.
enum OpenRequest: Sendable, Hashable {
  /// A new run of the recipe with this name.
  case recipe(String)
  /// The run in this folder, paused.
  case run(RunFolder)
  /// The run in this folder, which goes on at once.
  case resume(RunFolder)
}

extension Workload {
  /// The requested subject, and the recipe that describes it.
  static func opening(_ opening: OpenRequest) throws -> (Workload, Recipe) {
    switch opening {
    case .recipe(let name):
      let recipe = try Recipe.load(name)
      let job = TrainingJob(
        recipe: recipe, place: .newFolder(in: RunFolder.standardParent), limitsSpeed: true)
      return (.training(job), recipe)
    case .run(let folder): return try run(folder, isPaused: true)
    case .resume(let folder): return try run(folder, isPaused: false)
    }
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
}
