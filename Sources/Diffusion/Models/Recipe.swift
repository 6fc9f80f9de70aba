/// Everything that describes a run: what is learned, by which network, under which noise, for how
/// long, and how it is looked at meanwhile.
package struct Recipe: Sendable, Hashable {
  /// What runs of it are called.
  package var name: String
  /// What is learned.
  package var data: DataConfiguration
  /// The network with its hyperparameters.
  package var network: NetworkConfiguration
  /// The noise levels of training.
  package var schedule: ScheduleConfiguration
  /// How samples are noised and what the loss is.
  package var objective: ObjectiveConfiguration
  /// How long, in which batches, and by which optimiser.
  package var training: TrainingConfiguration
  /// The samples that are drawn meanwhile.
  package var preview: PreviewConfiguration
  /// How samples are judged meanwhile.
  package var evaluation: EvaluationConfiguration

  /// A recipe whose parts are the defaults unless given.
  package init(
    name: String, data: DataConfiguration = DataConfiguration(),
    network: NetworkConfiguration = NetworkConfiguration(),
    schedule: ScheduleConfiguration = ScheduleConfiguration(),
    objective: ObjectiveConfiguration = ObjectiveConfiguration(),
    training: TrainingConfiguration = TrainingConfiguration(),
    preview: PreviewConfiguration = PreviewConfiguration(),
    evaluation: EvaluationConfiguration = EvaluationConfiguration()
  ) {
    self.name = name
    self.data = data
    self.network = network
    self.schedule = schedule
    self.objective = objective
    self.training = training
    self.preview = preview
    self.evaluation = evaluation
  }
}

/// The samples that are drawn while training goes on, always from the same noise.
package struct PreviewConfiguration: ExtendedConfiguration, RecipePart, Hashable {
  /// How the samples are made.
  package var sampling: SamplingConfiguration
  /// Training steps between previews.
  package var interval: Int

  /// Samples every `interval` training steps.
  package init(_ sampling: SamplingConfiguration = SamplingConfiguration(), interval: Int = 50) {
    self.sampling = sampling
    self.interval = interval
  }

  public static let base: any WritableKeyPath<Self, SamplingConfiguration> & Sendable = \.sampling
  public static let table: [Setting<Self>] = [
    .integer(
      \.interval, "interval", 1...1_000_000, step: 10, "training steps between previews"
    ).live
  ]
  public static let described = table.described(with: Self())

  /// Recipes may keep the settings of several samplers.
  package var toleratesOtherKinds: Bool { true }
}

// MARK: - Sections

/// A section of a recipe.
package struct RecipeSection: Sendable {
  package let name: String
  /// One line for documentation; empty where the name says it all.
  package let meaning: String
  /// All settings it has in any state, by kind.
  package let groups: [SettingGroup]
  /// Every key that it has in any state, once.
  let keys: [String]
  /// The keys whose values stay when another kind is chosen.
  let shared: Set<String>
  let get: @Sendable (Recipe) -> any Settable
  let set: @Sendable (inout Recipe, String, SettingValue) throws(SettingError) -> Void
  let fill: @Sendable (inout Recipe, borrowing RecipeReader) throws(RecipeError) -> Void

  private init<Part: RecipePart>(
    _ name: String, _ path: any WritableKeyPath<Recipe, Part> & Sendable, _ meaning: String = ""
  ) {
    self.name = name
    self.meaning = meaning
    groups = Part.groups
    keys = groups.flatMap(\.settings).reduce(into: []) {
      if !$0.contains($1.key) { $0.append($1.key) }
    }
    shared = Part.sharedKeys
    get = { $0[keyPath: path] }
    set = { (recipe, key, value) throws(SettingError) in
      try recipe[keyPath: path].set(key, to: value)
    }
    fill = { (recipe, reader) throws(RecipeError) in
      try reader.fill(&recipe[keyPath: path], section: name)
    }
  }

  // Those that options name are separate: a command that has none of the others does not build
  // them.

  /// What is learned.
  package static let data = RecipeSection("data", \.data)
  /// The noise levels of training.
  package static let schedule = RecipeSection("schedule", \.schedule)
  /// How long to train, and with which batches.
  package static let training = RecipeSection("training", \.training)
  /// The samples on the way.
  package static let preview = RecipeSection(
    "preview", \.preview, "The samples that are drawn during training.")

  /// The sections in the order in which recipes are written.
  package static let all = [
    data, RecipeSection("network", \.network), schedule, RecipeSection("objective", \.objective),
    training,
    RecipeSection("optimizer", \.training.optimizer), preview,
    RecipeSection(
      "evaluation", \.evaluation, "How samples are evaluated during training."),
  ]

  /// The settings that fit what a recipe learns, in the order in which they are shown, with their values; nil
  /// for one that is absent.
  package func values(in recipe: Recipe) -> [(info: SettingInfo, value: SettingValue?)] {
    let (part, isText) = (get(recipe), recipe.isForText(in: name))
    return part.settings.compactMap { info in
      info.offered(forText: isText).map { ($0, part.value(of: info.key)) }
    }
  }

  static func named(_ name: String) -> RecipeSection? { all.first { $0.name == name } }

  /// The key whose word decides which others there are, and those that go with it.
  var chooser: (key: String, dependent: Set<String>)? {
    guard let key = groups.lazy.compactMap(\.kind?.key).first else { return nil }
    let dependent = groups.filter { $0.kind != nil }.flatMap { $0.settings.map(\.key) }
    return (key, Set(dependent))
  }
}

/// The place of a value: a section and a key in it, or a key before all sections.
package struct RecipeKey: Sendable, Hashable, CustomStringConvertible {
  package let section: String?
  package let name: String

  package init(_ section: String?, _ name: String) {
    self.section = section
    self.name = name
  }

  package var description: String { section.map { "\($0).\(name)" } ?? name }

  /// As a list of tables and a key.
  var path: [String] { (section.map { [$0] } ?? []) + [name] }
}

// MARK: - Any setting by its key

extension Recipe {
  private func part(_ key: RecipeKey) -> (any Settable)? {
    key.section.flatMap(RecipeSection.named)?.get(self)
  }

  /// Whether what is learned is text: as the source says, or, where only reading it would tell, the network.
  package var isForText: Bool { data.isText ?? network.isForText }

  /// Whether the settings of a section are for masked text; nil where both those for text and others fit.
  ///
  /// Text as bits is learned like images, by networks for text and by others.
  func isForText(in section: String?) -> Bool? {
    let isText = isForText
    guard isText, data.encoding == .bits else { return isText }
    return section == RecipeSection.data.name ? true : section == "network" ? nil : false
  }

  /// What is known of a setting, with the words that fit what is learned; nil where this recipe has none of
  /// that key, or it does not apply.
  package func setting(_ key: RecipeKey) -> SettingInfo? {
    part(key)?.setting(key.name)?.offered(forText: isForText(in: key.section))
  }

  /// The value of a setting, or nil where it is absent.
  package func value(of key: RecipeKey) -> SettingValue? { part(key)?.value(of: key.name) }

  /// Sets a value; what is not allowed leaves everything as it was.
  ///
  /// - Precondition: there is such a setting.
  package mutating func set(_ key: RecipeKey, to value: SettingValue) throws(SettingError) {
    guard let section = key.section.flatMap(RecipeSection.named) else {
      preconditionFailure("recipes have no section of \(key)")
    }
    try section.set(&self, key.name, value)
  }

  /// Moves a setting by so many key presses, through what fits.
  package mutating func step(_ key: RecipeKey, by steps: Int) {
    guard let info = setting(key), let value = value(of: key),
      let next = info.allowed.stepped(value, by: steps, default: info.defaultValue)
    else { return }
    // A value that can be stepped to is allowed.
    try? set(key, to: next)
  }

  /// The whole recipe as TOML, with every value that is in force; reading it gives this recipe.
  package var text: String {
    let sections = RecipeSection.all.map { section in
      "\n[\(section.name)]\n" + Self.lines(section.get(self)).map { "\($0)\n" }.joined()
    }
    return "name = \(SettingValue.text(name))\n" + sections.joined()
  }

  /// The values of a section as lines of TOML, each key preceded by `prefix`.
  static func lines(_ part: any Settable, prefix: String = "") -> [String] {
    part.settings.compactMap { info in
      part.value(of: info.key).map { "\(prefix)\(info.key) = \($0)" }
    }
  }

  /// The lines, with whole keys, by which this recipe differs from another, section by section.
  ///
  /// Where the kind of something differs, all that belongs to it is among them.
  package func differences(from other: Recipe) -> [String] {
    RecipeSection.all.flatMap { section -> [String] in
      let prefix = "\(section.name)."
      let (mine, theirs) = (section.get(self), section.get(other))
      let old = Set(Self.lines(theirs, prefix: prefix))
      let lines = Self.lines(mine, prefix: prefix)
      let isOtherKind = section.chooser.map { mine.value(of: $0.key) != theirs.value(of: $0.key) }
      return isOtherKind == true ? lines : lines.filter { !old.contains($0) }
    }
  }
}
