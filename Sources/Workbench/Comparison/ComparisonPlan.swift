import Diffusion

/// Which runs a comparison needs, and where they are: entries that differ only in how they are sampled share
/// one.
struct ComparisonPlan: Sendable {
  /// A run that the comparison trains, or has trained before.
  struct Training: Sendable {
    /// What is trained.
    var recipe: Recipe
    /// Where its files are.
    var folder: RunFolder
  }

  let comparison: Comparison
  /// Where its files are.
  let folder: String
  /// The data that all entries learn.
  let data: DataConfiguration
  /// What they are trained on, and what is held out from all of them.
  let (training, heldOut): (Dataset, Dataset)
  /// The runs to train, each once.
  private(set) var trainings: [Training] = []
  /// The runs of each entry, one a seed.
  private(set) var runs: [[RunFolder]] = []

  /// The part of the data that is held out where no recipe says.
  static let validation = 0.1
  /// Steps between validation losses, unless a recipe asks for fewer.
  private static let validationInterval = 50

  /// Plans a comparison, and checks that all of it can be done; writes nothing.
  ///
  /// `folder` is by default one in `runs/` that is called after the comparison.
  init(_ comparison: Comparison, in folder: String? = nil) throws {
    self.comparison = comparison
    let folder = folder ?? "\(RunFolder.standardParent)/compare-\(Self.slug(comparison.name))"
    self.folder = folder
    data = try Self.commonData(of: comparison.entries)
    guard case (let training, let heldOut?) = try data.split() else {
      throw ComparisonError("\(data.source): has too few samples to hold any out")
    }
    guard training.kind != .text else {
      throw ComparisonError(
        "\(data.source): text cannot be compared in this way yet; expected images, signals or points"
      )
    }
    (self.training, self.heldOut) = (training, heldOut)
    for entry in comparison.entries {
      if let run = entry.run {
        runs.append([run])
        continue
      }
      try runs.append(
        (0..<comparison.settings.seeds).map { number in
          var recipe = try recipe(of: entry)
          recipe.training.seed += UInt64(number)
          return add(recipe, named: entry.name, number)
        })
    }
    for training in trainings { try check(training) }
    for entry in comparison.entries { try check(entry) }
  }

  /// The run of a recipe, an earlier entry's where that is trained in the same way.
  private mutating func add(_ recipe: Recipe, named name: String, _ number: Int) -> RunFolder {
    if let same = trainings.first(where: { $0.recipe.trains(as: recipe) }) { return same.folder }
    let own = Self.slug(name) + (number == 0 ? "" : "-seed-\(number)")
    // Names that are told apart only by what paths cannot have.
    var (unique, copy) = (own, 1)
    while trainings.contains(where: { $0.folder.name == unique }) {
      copy += 1
      unique = "\(own)_\(copy)"
    }
    let run = RunFolder(path: "\(folder)/\(unique)")
    trainings.append(Training(recipe: recipe, folder: run))
    return run
  }

  /// The recipe of an entry with the common data and the budget.
  private func recipe(of entry: Comparison.Entry) throws -> Recipe {
    var recipe = entry.recipe
    recipe.data.validation = data.validation
    recipe.data.validationSeed = data.validationSeed
    recipe.data.validationInterval = min(recipe.data.validationInterval, Self.validationInterval)
    // Comparisons judge afterwards, which takes no time from training.
    recipe.evaluation = EvaluationConfiguration()
    switch comparison.settings.budget {
    case .steps(let steps): recipe.training.duration = .steps(steps)
    case .seconds:
      guard recipe.training.optimizer.learningRate.decay == .constant else {
        throw ComparisonError(
          "\(entry.name): optimizer.decay needs a known last step; give a budget in steps, such as "
            + "--steps 1000, or set optimizer.decay=constant")
      }
      recipe.training.duration = .steps(1_000_000_000)
    }
    recipe.objective.value.measure(training)
    return recipe
  }

  /// The data of all entries, with samples held out; throws where entries learn different ones.
  private static func commonData(of entries: [Comparison.Entry]) throws -> DataConfiguration {
    // Runs cannot change what they hold out.
    let first = entries.first { $0.run != nil } ?? entries[0]
    var data = first.recipe.data
    if let run = first.run, data.validation == 0 {
      throw ComparisonError(
        "\(run.path): holds out no samples to compare with; expected a run trained with data.validation "
          + "above 0, such as --set data.validation=0.1")
    }
    if data.validation == 0 { data.validation = entries.map(\.recipe.data.validation).max() ?? 0 }
    if data.validation == 0 { data.validation = validation }
    for entry in entries {
      var own = entry.recipe.data
      own.validationInterval = data.validationInterval
      // A recipe that holds out nothing, or something else, holds out what the others do.
      if entry.run == nil {
        (own.validation, own.validationSeed) = (data.validation, data.validationSeed)
      }
      guard own == data else {
        throw ComparisonError(
          "\(first.name) and \(entry.name) learn different data: "
            + "\(describe(data)), and \(describe(own)); expected the same data for all entries")
      }
    }
    return data
  }

  private static func describe(_ data: DataConfiguration) -> String {
    let settings = data.settings.filter { $0.key != "validation_interval" }
    return settings.compactMap { info in data.value(of: info.key).map { "\(info.key) \($0)" } }
      .joined(separator: " ")
  }

  /// Rejects what could not be sampled.
  private func check(_ entry: Comparison.Entry) throws {
    let sampling = entry.recipe.preview.sampling
    let network = try entry.recipe.network.make(for: training.format)
    guard network.enlargement == 0 else {
      throw ComparisonError(
        "\(entry.name): its network enlarges images, and would be told what the others have to find; expected "
          + "network.superres = 0")
    }
    do {
      try sampling.check(
        along: try entry.recipe.schedule.make(), learnsVariance: network.learnsVariance,
        isText: network.vocabulary > 0)
    } catch {
      throw ComparisonError("\(entry.name): \(error)")
    }
  }

  /// Refuses what could not be trained, and a folder that has another run.
  private func check(_ run: Training) throws {
    let (recipe, folder) = (run.recipe, run.folder)
    let network = try recipe.network.make(for: training.format)
    try training.requireLabels(for: network)
    try network.checkTraining(along: try recipe.schedule.make(), recipe.objective)
    guard folder.hasCheckpoint else { return }
    let checkpoint = try folder.checkpoint()
    let earlier = try Recipe(
      checkpoint.recipe, name: folder.name, path: folder.recipePath, checkingData: false)
    guard earlier.trains(as: recipe) else {
      let differences = recipe.trained.differences(from: earlier.trained)
      throw ComparisonError(
        "\(folder.path) was trained with a different recipe; this one says "
          + "\(differences.joined(separator: ", ")); remove that folder, or choose another with --dir"
      )
    }
    let (step, seconds) = (checkpoint.state.step, checkpoint.elapsedSeconds)
    // The step that uses a budget of seconds up ends after it.
    guard comparison.settings.budget.share(step: step, seconds: seconds - 5) <= 1 else {
      throw ComparisonError(
        "\(folder.path) was trained for \(step) steps in \(seconds.rounded()) seconds, more than the budget allows; "
          + "raise the budget, or choose another folder with --dir")
    }
  }

  /// A name as a part of a path.
  static func slug(_ name: String) -> String {
    let allowed = name.map { $0.isLetter || $0.isNumber || "-_.+".contains($0) ? $0 : "-" }
    return String(String(allowed).drop { $0 == "." }.prefix(80))
  }
}

extension Recipe {
  /// What decides what is trained; the rest is how long, and how it is looked at.
  fileprivate var trained: Recipe {
    var recipe = self
    recipe.name = ""
    recipe.preview = PreviewConfiguration()
    recipe.evaluation = EvaluationConfiguration()
    // A rate that falls until the last step depends on which that is.
    if recipe.training.optimizer.learningRate.decay == .constant {
      recipe.training.duration = .steps(1)
    }
    recipe.data.validationInterval = 1
    return recipe
  }

  /// Whether both give the same weights after as many steps.
  fileprivate func trains(as other: Recipe) -> Bool { trained == other.trained }
}
