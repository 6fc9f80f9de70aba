import Diffusion

/// Recipes that the program writes, among the user's own.
enum RecipeFile {
  /// Writes a recipe under a name that is not taken yet, by which it can be started.
  ///
  /// - Returns: the path of the file.
  static func save(_ recipe: Recipe, as name: String) throws -> String {
    let parent = ResourceFolders.userFolder.map { "\($0)/diffusion-workbench/" } ?? ""
    let folder = try RunFolder.create(at: parent + RecipeLibrary.Kind.recipe.folder).path
    let taken = Set(RecipeLibrary.entries().map(\.name))
    let base = RunFolder.fileName(for: name)
    let names = [base] + (2...999).map { "\(base)-\($0)" }
    let path = "\(folder)/\(names.first { !taken.contains($0) } ?? base).toml"
    let summary = "# \(recipe.data.source) along the \(recipe.schedule.name) schedule"
    try AtomicFile.replace(path, with: Array("\(summary)\n\n\(recipe.text)".utf8))
    return path
  }
}
