import Diffusion

extension Recipe {
  /// Reads a recipe in TOML.
  ///
  /// It is called `name` unless it says so itself; errors call the file `path`; `overrides` go
  /// before what the text says.
  init(
    _ text: String, name: String, path: String, overrides: [RecipeOverride] = []
  ) throws(RecipeError) {
    var reader = try RecipeReader(text, path: path, overrides: overrides)
    self.name = try reader.text(RecipeKey(nil, "name"), "a name") ?? name
    data = try reader.data()
    network = try reader.network()
    schedule = try reader.schedule()
    parameterization = try reader.word(RecipeKey(.objective, "predict"), default: .epsilon)

    batchSize = try reader.integer(RecipeKey(.training, "batch"), 1...65_536, default: 64)
    duration = try reader.duration()
    seed = try reader.seed(.training)
    let clip = try reader.number(RecipeKey(.training, "gradient_clip"), 0...1e6, default: 0)
    gradientClip = clip > 0 ? clip : nil
    let ema = try reader.number(
      RecipeKey(.training, "ema"), "from 0 to below 1", default: 0.999, where: isShare)
    average = EMA(decay: ema)
    labelDropout = try reader.number(RecipeKey(.training, "label_dropout"), 0...1, default: 0.1)

    optimizer = try reader.optimizer()
    learningRate = try reader.learningRate()
    preview = try reader.preview()
    try reader.finish()
  }
}

private func isShare(_ value: Double) -> Bool { 0 <= value && value < 1 }

extension RecipeReader {
  fileprivate mutating func data() throws(RecipeError) -> DataConfiguration {
    let sets = DataCatalog.allCases.map(\.rawValue).joined(separator: ", ")
    let meaning = "a file or one of \(sets)"
    let key = RecipeKey(.data, "source")
    guard let source = try text(key, meaning) else { throw missing(key, meaning) }
    let exists = source == DataConfiguration.none || DataCatalog.exists(source)
    if !exists, let origin = origin(key) {
      throw RecipeError(
        origin,
        "\(key) is \(Wording.quoted(source)), but there is no such file; expected \(meaning)")
    }
    return DataConfiguration(
      source: source, classes: try classes(of: source),
      range: try word(RecipeKey(.data, "range"), default: .symmetric))
  }

  /// The names of the classes to keep, which may be written as their numbers.
  ///
  /// They are looked up here, where the line is known, although the data is then read twice.
  private mutating func classes(of source: String) throws(RecipeError) -> [String]? {
    let key = RecipeKey(.data, "classes")
    guard let chosen = try texts(key, "a list of class names, such as [\"3\", \"8\"]") else {
      return nil
    }
    let place = origin(key) ?? .file(path, line: 1)
    guard source != DataConfiguration.none else {
      throw RecipeError(place, "\(key) chooses from data, but data.source is \(source)")
    }
    let known: [String]
    do {
      known = try DataCatalog.open(source).classNames
    } catch {
      throw RecipeError(origin(RecipeKey(.data, "source")) ?? place, "\(error)")
    }
    guard !known.isEmpty else {
      throw RecipeError(place, "\(key) chooses classes, but \(source) has none")
    }
    var names: [String] = []
    for name in chosen {
      if known.contains(name) {
        names.append(name)
      } else if let number = Int(name), known.indices.contains(number) {
        names.append(known[number])
      } else {
        let nearest = Wording.nearest(to: name, in: known).map { ", did you mean \($0)?" }
        throw RecipeError(
          place,
          "\(key) has \(Wording.quoted(name))\(nearest ?? ";") the classes of \(source) are "
            + "\(listed(known)), or their numbers from 0")
      }
    }
    return names
  }

  /// The names with commas between, the first 24 of them.
  private func listed(_ names: [String]) -> String {
    let rest = names.count - 24
    return names.prefix(24).joined(separator: ", ") + (rest > 0 ? ", … and \(rest) more" : "")
  }

  /// The schedule that the section describes.
  mutating func schedule() throws(RecipeError) -> ScheduleConfiguration {
    let family = try word(RecipeKey(.schedule, "family"), default: ScheduleFamily.linear)
    let count = ScheduleParameter.timesteps(family.defaultTimesteps)
    let timesteps = try integer(
      RecipeKey(.schedule, count.key), Int(count.range.lowerBound)...Int(count.range.upperBound),
      default: family.defaultTimesteps)
    var values: [String: Double] = [:]
    for parameter in family.parameters {
      values[parameter.key] = try number(
        RecipeKey(.schedule, parameter.key), parameter.range, default: parameter.defaultValue)
    }
    let schedule = ScheduleConfiguration(family, timesteps: timesteps, values: values)
    do {
      _ = try schedule.make()
    } catch {
      // Two values that are allowed one by one, of which at least one was written.
      let written = family.parameters.compactMap { origin(RecipeKey(.schedule, $0.key)) }
      let place = self.origin(RecipeKey(.schedule, error.key)) ?? written.last
      throw RecipeError(place ?? .file(path, line: 1), error.description)
    }
    return schedule
  }

  fileprivate mutating func duration() throws(RecipeError) -> TrainingDuration {
    let (steps, epochs) = (RecipeKey(.training, "steps"), RecipeKey(.training, "epochs"))
    if let first = origin(steps), let second = origin(epochs) {
      guard first.isOption != second.isOption else {
        throw RecipeError(
          second, "training has both steps (\(first)) and epochs (\(second)), expected one of them")
      }
      drop(first.isOption ? epochs : steps)
    }
    if has(epochs) { return .epochs(try integer(epochs, 1...1_000_000, default: 1)) }
    // Asked for, so that a recipe's complaint about an unknown key lists it.
    _ = try integer(epochs, 1...1_000_000, default: 1)
    return .steps(try integer(steps, 1...1_000_000_000, default: 3000))
  }

  fileprivate mutating func seed(_ section: RecipeSection) throws(RecipeError) -> UInt64 {
    UInt64(try integer(RecipeKey(section, "seed"), 0...Int.max, default: 0))
  }

  fileprivate mutating func optimizer() throws(RecipeError) -> Adam {
    let kind = try word(RecipeKey(.optimizer, "kind"), default: Adam.Kind.adamw)
    return Adam(
      kind,
      beta1: try number(
        RecipeKey(.optimizer, "beta1"), "from 0 to below 1", default: 0.9, where: isShare),
      beta2: try number(
        RecipeKey(.optimizer, "beta2"), "from 0 to below 1", default: 0.999, where: isShare),
      epsilon: try number(
        RecipeKey(.optimizer, "epsilon"), "above 0 and up to 1", default: 1e-8
      ) { 0 < $0 && $0 <= 1 },
      weightDecay: try number(
        RecipeKey(.optimizer, "weight_decay"), 0...10, default: kind == .adamw ? 0.01 : 0))
  }

  fileprivate mutating func learningRate() throws(RecipeError) -> LearningRate {
    LearningRate(
      try number(
        RecipeKey(.optimizer, "learning_rate"), "above 0 and up to 10", default: 1e-3
      ) { 0 < $0 && $0 <= 10 },
      warmup: try integer(RecipeKey(.optimizer, "warmup"), 0...1_000_000_000, default: 0),
      decay: try word(RecipeKey(.optimizer, "decay"), default: .constant))
  }

  fileprivate mutating func preview() throws(RecipeError) -> PreviewConfiguration {
    PreviewConfiguration(
      sampling: SamplingConfiguration(
        sampler: try word(RecipeKey(.preview, "sampler"), default: .ddim),
        steps: try integer(RecipeKey(.preview, "steps"), 1...10_000, default: 20),
        eta: try number(RecipeKey(.preview, "eta"), 0...1, default: 0),
        variance: try word(RecipeKey(.preview, "variance"), default: .fixedSmall),
        spacing: try word(RecipeKey(.preview, "spacing"), default: .trailing),
        seed: try seed(.preview),
        count: try integer(RecipeKey(.preview, "count"), 1...1024, default: 16),
        clip: try flag(RecipeKey(.preview, "clip"), default: false)),
      interval: try integer(RecipeKey(.preview, "interval"), 1...1_000_000, default: 50))
  }

  func missing(_ key: RecipeKey, _ meaning: String) -> RecipeError {
    RecipeError(path, "\(key) is missing, expected \(meaning)")
  }
}
