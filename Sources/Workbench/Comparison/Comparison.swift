import Diffusion

/// What is compared: some recipes or runs, and what is measured of them.
struct Comparison: Sendable {
  /// What is compared with the others.
  struct Entry: Sendable {
    /// What it is called in tables and figures.
    var name: String
    /// The recipe with all that is replaced in it.
    var recipe: Recipe
    /// The run that it is, where it was trained before; nil for one that the comparison trains.
    var run: RunFolder?
    /// Which weights are sampled.
    var weights = ComparisonEntrySettings.Weights.averaged
  }

  /// What its folder is called after.
  var name: String
  var settings = ComparisonSettings()
  var entries: [Entry]
}

extension Comparison {
  /// The comparison in a TOML text: what all entries share, then a section for each.
  ///
  /// `settings` are those of options, which go before the text's; `overrides` go into every recipe that is
  /// trained.
  init(
    _ text: String, name: String, path: String, options: [ComparisonOption],
    overrides: [RecipeOverride]
  ) throws(RecipeError) {
    let reader = try ComparisonReader(text, path: path)
    self.name = name
    try reader.fill(&settings, section: nil)
    for option in options { try option.apply(to: &settings) }
    var shared = ComparisonEntrySettings()
    try reader.fill(&shared, section: nil)
    entries = []
    for section in reader.sections {
      var own = shared
      own.overrides = []
      try reader.fill(&own, section: section)
      guard !own.recipe.isEmpty else {
        throw RecipeError(
          reader.place(section, nil),
          "[\(section)] has no recipe; expected recipe = NAME, here or before the first section")
      }
      let sets = try reader.overrides(shared, nil) + reader.overrides(own, section) + overrides
      entries.append(
        try Entry(section, own.recipe, overrides: sets, weights: own.weights))
    }
    guard !entries.isEmpty else {
      throw RecipeError(path, "has no entries; expected a section for each, such as [unet]")
    }
    try settings.checkTogether(path: path)
  }

  /// A comparison of recipes and runs that are named on the command line.
  init(
    of names: [String], options: [ComparisonOption], overrides: [RecipeOverride]
  ) throws(RecipeError) {
    for option in options { try option.apply(to: &settings) }
    entries = []
    for name in names {
      let own = RecipeLibrary.name(ofFile: name)
      var (unique, number) = (own, 1)
      while entries.contains(where: { $0.name == unique }) {
        number += 1
        unique = "\(own)-\(number)"
      }
      entries.append(try Entry(unique, name, overrides: overrides))
    }
    name = entries.map(\.name).joined(separator: "-")
    try settings.checkTogether(path: "the options")
  }

  /// A comparison of one recipe with different values of a key.
  init(
    varying key: String, values: [String], of recipe: String, options: [ComparisonOption],
    overrides: [RecipeOverride]
  ) throws(RecipeError) {
    for option in options { try option.apply(to: &settings) }
    entries = []
    for value in values {
      let own = try RecipeOverride(set: "\(key)=\(value)", option: "--vary")
      entries.append(try Entry(value, recipe, overrides: overrides + [own]))
    }
    name = "\(RecipeLibrary.name(ofFile: recipe))-\(key)"
    try settings.checkTogether(path: "the options")
  }
}

extension Comparison.Entry {
  /// The entry that is a recipe with replaced values, or a run's folder as it is.
  fileprivate init(
    _ name: String, _ source: String, overrides: [RecipeOverride],
    weights: ComparisonEntrySettings.Weights = .averaged
  ) throws(RecipeError) {
    self.name = name
    self.weights = weights
    guard ResourceFolders.isFolder(source) else {
      recipe = try Recipe.load(source, overrides: overrides)
      return
    }
    let folder = RunFolder(path: source)
    do {
      recipe = try folder.checkpoint().currentRecipe(path: source, checkingData: true)
      // How it is sampled can be replaced; how it was trained cannot.
      try recipe.replacePreview(overrides, of: source)
    } catch let error as RecipeError {
      throw error
    } catch let error as RunError {
      throw RecipeError(source, "\(error)".replacing("\(source): ", with: ""))
    } catch {
      throw RecipeError(source, "\(error)")
    }
    run = folder
  }
}

extension Recipe {
  fileprivate mutating func replacePreview(
    _ overrides: [RecipeOverride], of run: String
  ) throws(RecipeError) {
    if let other = overrides.first(where: { $0.key.section != RecipeSection.preview.name }) {
      throw RecipeError(
        other.option, "\(run) is already trained; only keys of [preview] can be replaced")
    }
    try apply(overrides)
  }
}

extension ComparisonSettings {
  /// Refuses values that are allowed one by one, but not together.
  fileprivate func checkTogether(path: String) throws(RecipeError) {
    if let twice = samplingSteps.first(where: { steps in samplingSteps.count { $0 == steps } > 1 })
    {
      throw RecipeError(path, "sampling_steps lists \(twice) twice; expected each number once")
    }
    if let noise = zip(noise, noise.dropFirst()).first(where: { $0 >= $1 }) {
      throw RecipeError(
        path, "noise goes from \(noise.0) to \(noise.1); expected rising levels")
    }
  }
}

extension Comparison {
  /// Whether the validation losses of all entries mean the same.
  var comparesValidation: Bool {
    entries.allSatisfy {
      $0.recipe.objective == entries[0].recipe.objective
        && $0.recipe.schedule == entries[0].recipe.schedule && $0.weights == entries[0].weights
    }
  }
}

/// Why entries cannot be compared, as the sentence the user reads.
struct ComparisonError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
