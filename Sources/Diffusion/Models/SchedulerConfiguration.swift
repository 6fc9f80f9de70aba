/// What a diffusers folder says about the process and the sampler, in our terms.
///
/// It is the folder's `scheduler_config.json`. What has no counterpart here is refused where it
/// would change a number, and passed over where it would not.
///
/// Source: diffusers 0.42, `schedulers/scheduling_ddpm.py` and `scheduling_ddim.py`.
package struct SchedulerConfiguration: Sendable {
  /// The sampler with its settings.
  package var sampler: any Sampler
  package var schedule: ScheduleConfiguration
  /// What the network predicts.
  package var parameterization: Parameterization
  /// What x̂_0 is limited to, the range of the data, or nil.
  package var clipRange: ClosedRange<Float>?
  package var spacing: StepSpacing

  package init(
    sampler: any Sampler = DDPM(), schedule: ScheduleConfiguration = ScheduleConfiguration(),
    parameterization: Parameterization = .epsilon, clipRange: ClosedRange<Float>? = -1...1,
    spacing: StepSpacing = .leading
  ) {
    self.sampler = sampler
    self.schedule = schedule
    self.parameterization = parameterization
    self.clipRange = clipRange
    self.spacing = spacing
  }

  /// How the folder's own pipeline makes samples: DDPM at every level, DDIM in 50 steps.
  package var sampling: SamplingConfiguration {
    var sampler = sampler
    sampler.steps = sampler is DDPM ? schedule.timesteps : 50
    return SamplingConfiguration(sampler, spacing: spacing, clipsPredictions: clipRange != nil)
  }
}

// MARK: - Reading

extension SchedulerConfiguration {
  /// The schedulers that step as a sampler does and have the options that are read here.
  static let classes: [(word: String, value: any Sampler)] = [
    (DDPM.diffusersName ?? "", DDPM()), (DDIM.diffusersName ?? "", DDIM()),
  ]
  private static let predictions: [(word: String, value: Parameterization)] = [
    ("epsilon", .epsilon), ("sample", .x0), ("v_prediction", .v),
  ]
  private static let spacings: [(word: String, value: StepSpacing)] = [
    ("leading", .leading), ("trailing", .trailing), ("linspace", .linspace),
  ]
  private static let variances: [(word: String, value: DDPM.Variance)] = [
    ("fixed_small", .fixedSmall), ("fixed_small_log", .fixedSmall), ("fixed_large", .fixedLarge),
  ]
  private static let families: [(word: String, value: any ScheduleFamily)] =
    Schedules.all.compactMap { family in
      guard let name = type(of: family).diffusersName else { return nil }
      return (word: name, value: family)
    }

  /// Reads a `scheduler_config.json`; errors name the file at `path`.
  ///
  /// `sampler` is what the folder's index says, which counts more than the file itself.
  package init(
    json: JSON, path: String, sampler: (any Sampler)? = nil
  ) throws(FileError) {
    let reader = try ConfigurationReader(json, path: path)
    self.init()
    if let sampler {
      self.sampler = sampler
    } else {
      self.sampler = try reader.choice("_class_name", DDPM(), of: Self.classes)
    }
    schedule = try Self.schedule(reader)
    parameterization = try reader.choice("prediction_type", .epsilon, of: Self.predictions)
    spacing = try reader.choice("timestep_spacing", .leading, of: Self.spacings)
    if var ancestral = self.sampler as? DDPM {
      ancestral.variance = try reader.choice("variance_type", .fixedSmall, of: Self.variances)
      self.sampler = ancestral
    }
    clipRange = try reader.bool("clip_sample", true) ? -1...1 : nil
    try Self.refuse(reader, self.sampler, spacing)
  }

  private static func schedule(
    _ reader: ConfigurationReader
  ) throws(FileError) -> ScheduleConfiguration {
    if reader["trained_betas"] != nil {
      throw reader.error(
        "trained_betas", expected: "none but a schedule by its beta_schedule", .unsupported)
    }
    var schedule = ScheduleConfiguration(
      try reader.choice("beta_schedule", LinearSchedule(), of: families))
    let timesteps = try reader.integer("num_train_timesteps", 1000, in: 1...1_000_000)
    var values: [(String, SettingValue)] = [("timesteps", .integer(timesteps))]
    // The library's cosine takes no ends, and has our defaults.
    for (key, standard) in [("beta_start", 1e-4), ("beta_end", 0.02)]
    where schedule.setting(key) != nil {
      values.append((key, .real(try reader.number(key, standard, in: 0...1))))
    }
    if try reader.bool("rescale_betas_zero_snr", false) {
      values.append(("zero_snr", .flag(true)))
    }
    func unsupported(_ problem: String) -> FileError {
      FileError(
        reader.path, .unsupported, "describes a schedule that is not made here: \(problem)")
    }
    for (key, value) in values {
      do {
        try schedule.set(key, to: value)
      } catch {
        let allowed = schedule.setting(key)?.allowed.description ?? ""
        throw unsupported("\(key) is \(value); expected \(allowed)")
      }
    }
    if let conflict = schedule.conflict {
      throw unsupported(String(conflict.description.dropLast()))
    }
    return schedule
  }

  /// Refuses what would change a number and has no counterpart.
  private static func refuse(
    _ reader: ConfigurationReader, _ sampler: any Sampler, _ spacing: StepSpacing
  ) throws(FileError) {
    if try reader.bool("thresholding", false) {
      throw reader.error("thresholding", expected: "false", .unsupported)
    }
    if sampler is DDIM, try !reader.bool("set_alpha_to_one", true) {
      throw reader.error("set_alpha_to_one", expected: "true", .unsupported)
    }
    if try reader.bool("clip_sample", true), reader.has("clip_sample_range"),
      reader["clip_sample_range"]?.double != 1
    {
      throw reader.error("clip_sample_range", expected: "1", .unsupported)
    }
    // Only the leading steps are shifted.
    if spacing == .leading, try reader.integer("steps_offset", 0, in: 0...1_000_000) != 0 {
      throw reader.error("steps_offset", expected: "0", .unsupported)
    }
  }
}

// MARK: - Writing

extension SchedulerConfiguration {
  /// The `scheduler_config.json`; an error about the folder at `path` where there is no
  /// counterpart.
  package func json(for path: String) throws(FileError) -> JSON {
    func name(_ word: String?, _ what: String) throws(FileError) -> JSON {
      guard let word else {
        throw FileError(path, .unsupported, "cannot be written: diffusers has no \(what)")
      }
      return .string(word)
    }
    func word<Value: Equatable>(
      _ value: Value, _ words: [(word: String, value: Value)], _ what: String
    ) throws(FileError) -> JSON {
      try name(words.first { $0.value == value }?.word, what)
    }
    let ends = ["beta_start", "beta_end"].filter { schedule.setting($0) != nil }
    let known = ends + ["family", "timesteps", "preset", "zero_snr"]
    if let other = schedule.settings.first(where: {
      !known.contains($0.key) && schedule.value(of: $0.key) != $0.defaultValue
    }), let value = schedule.value(of: other.key) {
      throw FileError(
        path, .unsupported,
        "cannot be written: diffusers has no \(schedule.name) schedule of \(other.key) = \(value)")
    }
    let samplerName = Self.classes.first { $0.word == type(of: sampler).diffusersName }?.word
    var members: [JSON.Member] = [
      .init("_class_name", try name(samplerName, "folder with the sampler \(sampler.kindName)")),
      .init("num_train_timesteps", .integer(schedule.timesteps)),
      .init(
        "beta_schedule",
        try name(type(of: schedule.value).diffusersName, "\(schedule.name) schedule")),
      .init(
        "prediction_type",
        try word(
          parameterization, Self.predictions, "network that predicts \(parameterization.rawValue)")),
      .init("clip_sample", .bool(clipRange != nil)),
      .init("clip_sample_range", .float(clipRange?.upperBound ?? 1)),
      .init(
        "timestep_spacing", try word(spacing, Self.spacings, "\(spacing.rawValue) spacing")),
    ]
    if schedule.value(of: "zero_snr") == .flag(true) {
      members.append(.init("rescale_betas_zero_snr", .bool(true)))
    }
    for key in ends { members.append(.init(key, .number(schedule.value(of: key)?.number ?? 0))) }
    if let ancestral = sampler as? DDPM {
      members.append(
        .init("variance_type", try word(ancestral.variance, Self.variances, "such variance")))
    }
    return .object(members)
  }
}
