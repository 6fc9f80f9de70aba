import ArgumentParser
import Diffusion
import Platform

/// Which run a command is about: a recipe with its overrides, and where its files are.
struct RunOptions: ParsableArguments {
  @Argument(help: "A recipe's name or file (see workbench list recipes), or a diffusers folder.")
  var recipe: String?

  @Option(setting: .training, "steps") var steps: RecipeOverride?
  @Option(setting: .training, "epochs") var epochs: RecipeOverride?
  @Option(setting: .training, "seed") var seed: RecipeOverride?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "Override a value of the recipe; see workbench recipe keys.", valueName: "section.key=value"))
  var values: [String] = []

  @Option(help: "The folder of this run; by default a new one in runs/.")
  var runDir: String?

  @Option(help: ArgumentHelp("Resume the run in this folder.", valueName: "run-dir"))
  var resume: String?

  @Option(
    help: ArgumentHelp(
      "Start from the weights of a run, a safetensors or PyTorch file, or a diffusers folder.",
      valueName: "run|file|folder"))
  var from: String?

  @OptionGroup var threads: ThreadOption

  /// Whether nothing but the recipe or run itself was named.
  var changesNothing: Bool {
    values.isEmpty && [steps, epochs, seed].allSatisfy { $0 == nil }
      && [runDir, resume, from].allSatisfy { $0 == nil }
  }

  func validate() throws {
    for (option, value) in [("--run-dir", runDir), ("--resume", resume), ("--from", from)]
    where value?.isEmpty == true {
      throw ValidationError("\(option): expected a path; this one is empty")
    }
    if resume != nil, runDir != nil {
      throw ValidationError(
        "--resume and --run-dir cannot be combined: a resumed run keeps its folder")
    }
    if resume != nil, from != nil {
      throw ValidationError(
        "--resume and --from cannot be combined: a resumed run keeps its own weights")
    }
    if resume != nil, seed != nil {
      throw ValidationError("--seed cannot change a resumed run; leave it out")
    }
  }
}

/// How many threads the arithmetic may use.
struct ThreadOption: ParsableArguments {
  @Option(
    parsing: .unconditional, help: "The number of threads; by default one for each processor.")
  var threads: Int?

  func validate() throws {
    try check("--threads", threads, in: 1...1024)
  }

  func apply() {
    if let threads { Parallel.threads = threads }
  }

  /// The user's settings, with these threads if any are given.
  func applied(to settings: UserSettings) -> UserSettings {
    var settings = settings
    settings.threads = threads ?? settings.threads
    return settings
  }
}

extension RunOptions {
  private func overrides() throws -> [RecipeOverride] {
    try values.map { try RecipeOverride(set: $0) } + [steps, epochs, seed].compactMap(\.self)
  }

  /// What the command is about, and the recipe that describes it; `standard` is the recipe that is
  /// meant when none is named.
  func resolve(standard: String? = nil) throws -> (Workload, Recipe) {
    threads.apply()
    let overrides = try overrides()
    if let resume {
      let folder = RunFolder(path: resume)
      let recipe = try continued(folder, overrides)
      return (.training(TrainingJob(recipe: recipe, place: .resume(folder))), recipe)
    }
    let (recipe, parent) = try begun(overrides, standard: standard)
    if let parent, !recipe.hasData { return (.model(parent), recipe) }
    try Self.checkPreview(recipe, overrides)
    let job = TrainingJob(recipe: recipe, place: try place(), parent: parent)
    return (.training(job), recipe)
  }

  /// A new run of a recipe without any options.
  static func newRun(of name: String) throws -> (Workload, Recipe) {
    let recipe = try Recipe.load(name)
    try checkPreview(recipe, [])
    let place = TrainingJob.Place.newFolder(in: RunFolder.standardParent)
    return (.training(TrainingJob(recipe: recipe, place: place)), recipe)
  }

  /// Refuses previews that visit what the schedule does not have.
  private static func checkPreview(_ recipe: Recipe, _ overrides: [RecipeOverride]) throws {
    let options = overrides.filter { $0.key.section == "preview" }
    let sampling = recipe.preview.sampling
    try sampling.refuseMoreSteps(than: recipe.schedule.timesteps, asked: options)
    if let problem = sampling.problem(with: try recipe.schedule.make()) {
      throw RecipeError(options.first { $0.key.name == "timesteps" }?.option ?? "preview", problem)
    }
  }

  private func place() throws -> TrainingJob.Place {
    guard let runDir else { return .newFolder(in: RunFolder.standardParent) }
    let folder = RunFolder(path: runDir)
    if folder.hasCheckpoint {
      throw CommandError(
        "\(runDir): this folder already has a run; resume it with --resume \(runDir)")
    }
    return .folder(folder)
  }

  /// The recipe of a new run, and where its weights come from.
  private func begun(
    _ overrides: [RecipeOverride], standard: String?
  ) throws -> (Recipe, parent: String?) {
    if let recipe {
      if from == nil, DiffusersFolder.exists(at: recipe) {
        return (try Recipe(parent: recipe, overrides: overrides), recipe)
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

  /// The recipe of a run as it is now, with this command's overrides.
  private func continued(_ folder: RunFolder, _ overrides: [RecipeOverride]) throws -> Recipe {
    let name = RecipeLibrary.name(ofFile: folder.path)
    let checkpoint = try folder.checkpoint()
    let own = try Recipe(
      checkpoint.recipe, name: name, path: folder.recipePath, overrides: overrides)
    let current = try checkpoint.currentRecipe(
      path: folder.path, overrides: overrides, checkingData: true)
    guard let recipe else { return current }
    var named = try Recipe.load(recipe, overrides: overrides)
    named.name = own.name
    guard named == own else {
      throw CommandError(
        "\(folder.path) was started from a recipe other than \(recipe); "
          + "leave out \(recipe) to resume with the run's own")
    }
    return current
  }
}

extension Recipe {
  /// The recipe of what a run starts from: a run's own, or one for a diffusers folder.
  fileprivate init(parent: String, overrides: [RecipeOverride]) throws {
    let name = RecipeLibrary.name(ofFile: parent)
    if DiffusersFolder.exists(at: parent) {
      let text = try DiffusersFolder(contentsOf: parent).recipe.text
      // Without data the network only makes samples.
      let hasData = overrides.contains { $0.key == RecipeKey("data", "source") }
      try self.init(
        text, name: name, path: parent, overrides: overrides, checkingData: hasData)
      return
    }
    let folder = RunFolder(path: parent)
    let isFolder = ResourceFolders.isFolder(parent)
    guard isFolder || Checkpoint.exists(at: parent) else {
      throw ValidationError(
        "which recipe? \(parent) has weights but does not describe their network; "
          + "name a recipe before --from")
    }
    let checkpoint = try isFolder ? folder.checkpoint() : Checkpoint(contentsOf: parent)
    self = try checkpoint.currentRecipe(
      path: isFolder ? folder.path : parent, overrides: overrides, checkingData: true)
  }
}
