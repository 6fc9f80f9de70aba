import Diffusion

/// What can be opened while the program runs.
enum OpenRequest: Sendable, Hashable {
  /// A new run of the recipe with this name.
  case recipe(String)
  /// The run in this folder, paused.
  case run(RunFolder)
}

extension Workload {
  /// The subject that was asked for, and the recipe that describes it.
  static func opening(_ opening: OpenRequest) throws -> (Workload, Recipe) {
    switch opening {
    case .recipe(let name):
      let recipe = try Recipe.load(name)
      return (
        .training(TrainingJob(recipe: recipe, place: .newFolder(in: RunFolder.standardParent))),
        recipe
      )
    case .run(let folder):
      let recipe = try folder.checkpoint().currentRecipe(path: folder.path)
      let job = TrainingJob(recipe: recipe, place: .resume(folder), startsPaused: true)
      return (.training(job), recipe)
    }
  }
}
