import ArgumentParser
import Diffusion
import Platform

/// Which run a command is about: a recipe with its overrides, and where its files are.
struct RunOptions: ParsableArguments {
  @Argument(help: "A recipe's name or file, see workbench list recipes; or a diffusers folder.")
  var recipe: String?

  @Option(help: "Train for this many steps.")
  var steps: Int?

  @Option(help: "Train until every sample was seen this many times.")
  var epochs: Int?

  @Option(help: "Where weights, batches and noise start.")
  var seed: Int?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("Replace a value of the recipe.", valueName: "section.key=value"))
  var values: [String] = []

  @Option(help: "The run's own folder; by default a new one in runs/.")
  var runDir: String?

  @Option(help: ArgumentHelp("Go on with the run in this folder.", valueName: "run-dir"))
  var resume: String?

  @Option(
    help: ArgumentHelp(
      "Start from the weights of a run, a safetensors or PyTorch file, or a diffusers folder.",
      valueName: "run|file|folder"))
  var from: String?

  @Option(help: "The number of threads; by default one for each processor.")
  var threads: Int?

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads \(threads): expected 1 to 1024")
    }
    if resume != nil, runDir != nil {
      throw ValidationError("--resume and --run-dir exclude each other: a run stays in its folder")
    }
    if resume != nil, from != nil {
      throw ValidationError(
        "--resume and --from exclude each other: a run goes on with its own weights")
    }
    if resume != nil, seed != nil {
      throw ValidationError("--seed cannot change a run that goes on; leave it out")
    }
  }
}

extension RunOptions {
  private func overrides() throws -> [RecipeOverride] {
    var overrides = try values.map { try RecipeOverride(set: $0) }
    let options = [
      ("steps", "--steps", steps), ("epochs", "--epochs", epochs), ("seed", "--seed", seed),
    ]
    for case (let key, let option, let value?) in options {
      overrides.append(RecipeOverride(RecipeKey(.training, key), value, option: option))
    }
    return overrides
  }

  /// The run that is asked for and the place of its files; `standard` is the recipe that is meant
  /// when none is named.
  func resolve(standard: String? = nil) throws -> (RunConfiguration, TrainingRun.Place) {
    if let threads { Parallel.threads = threads }
    let overrides = try overrides()
    if let resume {
      let folder = RunFolder(path: resume)
      return (try continued(folder, overrides).configuration(), .resume(folder))
    }
    let (chosen, parent) = try begun(overrides, standard: standard)
    var configuration = try chosen.configuration()
    configuration.parent = parent
    guard let runDir else { return (configuration, .newFolder(in: "runs")) }
    let folder = RunFolder(path: runDir)
    if folder.hasCheckpoint {
      throw CommandError(
        "\(runDir): there is a run in this folder; go on with it by --resume \(runDir)")
    }
    return (configuration, .folder(folder))
  }

  /// The recipe of a new run, and where its weights come from.
  private func begun(
    _ overrides: [RecipeOverride], standard: String?
  ) throws -> (Recipe, parent: String?) {
    if let recipe {
      if from == nil, DiffusersFolder.isOne(recipe) {
        return (try Recipe(diffusers: recipe, overrides: overrides), recipe)
      }
      return (try Recipe.load(recipe, overrides: overrides), from)
    }
    if let from { return (try Recipe(parent: from, overrides: overrides), from) }
    guard let standard else {
      throw ValidationError(
        "which recipe? The recipes are: "
          + RecipeLibrary.entries().map(\.name).joined(separator: ", "))
    }
    return (try Recipe.load(standard, overrides: overrides), nil)
  }

  /// The recipe a run was begun with, with this command's overrides.
  private func continued(_ folder: RunFolder, _ overrides: [RecipeOverride]) throws -> Recipe {
    let checkpoint = try folder.checkpoint()
    let name = RecipeLibrary.name(ofFile: folder.path)
    let own = try Recipe(
      checkpoint.recipe, name: name, path: folder.recipePath, overrides: overrides)
    guard let recipe else { return own }
    var named = try Recipe.load(recipe, overrides: overrides)
    named.name = own.name
    guard named == own else {
      throw CommandError(
        "\(folder.path) was begun with another recipe than \(recipe) is now; "
          + "leave \(recipe) out to go on with its own")
    }
    return own
  }
}

extension RunFolder {
  fileprivate var hasCheckpoint: Bool { access(checkpointPath, F_OK) == 0 }
}
