/// What a diffusers folder says about the process and the sampling, in our terms.
///
/// It is the folder's `scheduler_config.json`. What has no counterpart here is refused where it
/// would change a number, and passed over where it would not. What a class has of its own stands beside
/// the sampler that steps like it (``Sampler/scheduler``).
///
/// Source: diffusers 0.42, `schedulers`.
package struct SchedulerConfiguration: Sendable {
  package var schedule: ScheduleConfiguration
  /// What the network predicts.
  package var parameterization: Parameterization
  /// How samples are made.
  package var sampling: SamplingConfiguration

  /// By default what an empty configuration stands for: DDPM at every level.
  package init(
    schedule: ScheduleConfiguration = ScheduleConfiguration(),
    parameterization: Parameterization = .epsilon, sampling: SamplingConfiguration? = nil
  ) {
    self.schedule = schedule
    self.parameterization = parameterization
    self.sampling =
      sampling
      ?? SamplingConfiguration(
        DDPM(steps: schedule.timesteps), spacing: .leading, clipsPredictions: true)
    if sampling == nil { self.sampling.rules = .diffusers }
  }

  static let predictions: [(word: String, value: Parameterization)] = [
    ("epsilon", .epsilon), ("sample", .x0), ("v_prediction", .v),
  ]
  static let spacings: [(word: String, value: StepSpacing)] = [
    ("leading", .leading), ("trailing", .trailing), ("linspace", .linspace),
  ]
  /// The keys that space σ/α by itself.
  static let sigmaSpacings: [(key: String, spacing: StepSpacing)] = [
    ("use_karras_sigmas", .karras), ("use_exponential_sigmas", .logSNR),
  ]

  /// The samplers that a class of diffusers steps like.
  static func samplers(_ className: String) -> [any Sampler] {
    Samplers.all.filter { type(of: $0).scheduler?.name == className }
  }
}

// MARK: - Reading

extension SchedulerConfiguration {
  /// The names of the classes that are read.
  package static var classNames: [String] {
    Samplers.all.compactMap { type(of: $0).scheduler?.name }
      .reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  /// Reads a `scheduler_config.json`; errors name the file at `path`.
  ///
  /// `className` is what the folder's index says, which counts more than the file itself.
  package init(json: JSON, path: String, className: String? = nil) throws(FileError) {
    let reader = try ConfigurationReader(json, path: path)
    let standard = DDPM.scheduler?.name ?? ""
    let name: String
    if let className {
      name = className
    } else {
      let known = Self.classNames.map { (word: $0, value: $0) }
      name = try reader.choice("_class_name", standard, of: known)
    }
    let sampler = Self.sampler(of: name, reader)
    guard let scheduler = type(of: sampler).scheduler else {
      throw reader.error("_class_name", expected: Self.classNames.joined(separator: ", "))
    }
    self.init(schedule: try Self.schedule(reader, scheduler))
    parameterization = try reader.choice(
      "prediction_type", .epsilon,
      of: Self.predictions.filter { scheduler.predictions.contains($0.value.kind) })
    sampling.sampler = SamplerConfiguration(sampler)
    sampling.steps = scheduler.steps ?? schedule.timesteps
    try readSpacing(reader, scheduler)
    try readLimits(reader, scheduler)
    for option in scheduler.options { try read(option, reader) }
  }

  /// The sampler that a class steps like with these options: the one that takes most of them.
  private static func sampler(of name: String, _ reader: ConfigurationReader) -> any Sampler {
    func taken(_ sampler: any Sampler) -> Int {
      type(of: sampler).scheduler?.options.count { $0.value(in: reader) != nil } ?? 0
    }
    let samplers = samplers(name)
    let most = samplers.map(taken).max()
    return samplers.first { taken($0) == most } ?? DDPM()
  }

  private mutating func readSpacing(
    _ reader: ConfigurationReader, _ scheduler: DiffusersScheduler
  ) throws(FileError) {
    sampling.spacing = try reader.choice(
      "timestep_spacing", scheduler.listing.standardSpacing, of: Self.spacings)
    sampling.offset = try reader.integer("steps_offset", 0, in: 0...1000)
    guard scheduler.spacesSigmas else { return }
    for (key, spacing) in Self.sigmaSpacings where try reader.bool(key, false) {
      guard !sampling.spacing.isOfSigmas else {
        throw reader.error(key, expected: "false beside use_karras_sigmas")
      }
      if scheduler.listing == .sigmas { sampling.within = sampling.spacing }
      sampling.spacing = spacing
      // Whether the timesteps are rounded then depends on the class.
      if scheduler.listing == .parts, schedule.diffusersName == CosineSchedule.diffusersName {
        throw reader.error(key, expected: "false with squaredcos_cap_v2", .unsupported)
      }
    }
  }

  /// What x̂_0 is limited to.
  private mutating func readLimits(
    _ reader: ConfigurationReader, _ scheduler: DiffusersScheduler
  ) throws(FileError) {
    sampling.clipsPredictions = false
    if let clips = scheduler.clips {
      sampling.clipsPredictions = try reader.bool("clip_sample", clips)
      if sampling.clipsPredictions {
        sampling.clipRange = try reader.number("clip_sample_range", 1, in: 0.01...1000)
      }
    }
    guard scheduler.thresholds, try reader.bool("thresholding", false) else { return }
    sampling.threshold = try reader.number("dynamic_thresholding_ratio", 0.995, in: 0.5...1)
    sampling.thresholdMax = try reader.number("sample_max_value", 1, in: 1...100)
  }

  private mutating func read(
    _ option: DiffusersScheduler.Option, _ reader: ConfigurationReader
  ) throws(FileError) {
    guard let value = option.value(in: reader) else {
      let json = reader[option.key] ?? option.standard
      let found = json.string ?? json.description
      let known = option.values.map { $0.json.string ?? $0.json.description }
      throw reader.error(
        option.key, expected: option.reasons[found] ?? known.joined(separator: ", "), .unsupported)
    }
    // A setting of its own sampler takes the values that stand beside it.
    if let key = option.setting { try? sampling.set(key, to: value) }
  }

  private static func schedule(
    _ reader: ConfigurationReader, _ scheduler: DiffusersScheduler
  ) throws(FileError) -> ScheduleConfiguration {
    let timesteps = try reader.integer("num_train_timesteps", 1000, in: 1...1_000_000)
    let isRescaled = scheduler.rescales ? try reader.bool("rescale_betas_zero_snr", false) : false
    if reader["trained_betas"] != nil {
      guard !isRescaled else {
        throw reader.error(
          "rescale_betas_zero_snr", expected: "false with trained_betas", .unsupported)
      }
      return try trained(reader, timesteps)
    }
    let families = Schedules.all.compactMap { family in
      ScheduleConfiguration(family).diffusersName.map { (word: $0, value: family) }
    }
    var schedule = ScheduleConfiguration(
      try reader.choice(
        "beta_schedule", LinearSchedule(),
        of: scheduler.schedules.compactMap { word in families.first { $0.word == word } }))
    var values: [(String, SettingValue)] = [("timesteps", .integer(timesteps))]
    // The library's cosine takes no ends, and has our defaults.
    for (key, standard) in [
      ("beta_start", scheduler.betas.start), ("beta_end", scheduler.betas.end),
    ]
    where schedule.setting(key) != nil {
      values.append((key, .real(try reader.number(key, standard, in: 0...1))))
    }
    if isRescaled { values.append(("zero_snr", .flag(true))) }
    func unsupported(_ problem: String) -> FileError {
      FileError(
        reader.path, .unsupported, "describes a schedule that is not supported: \(problem)")
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
      throw unsupported(conflict.description)
    }
    return schedule
  }

  /// The schedule of the folder's own β.
  private static func trained(
    _ reader: ConfigurationReader, _ timesteps: Int
  ) throws(FileError) -> ScheduleConfiguration {
    let values = reader["trained_betas"]?.array?.compactMap(\.double) ?? []
    var schedule = CustomSchedule()
    schedule.file = NumbersFile(path: reader.path, values: values)
    guard values.count == timesteps, (2...10_000).contains(timesteps), schedule.conflict == nil
    else {
      throw reader.error(
        "trained_betas",
        expected: "\(timesteps) numbers between 0 and 1, as num_train_timesteps says")
    }
    return ScheduleConfiguration(schedule)
  }
}

extension DiffusersScheduler.Option {
  /// What the setting is with the configuration's value, or nil where that is none of those taken.
  fileprivate func value(in reader: ConfigurationReader) -> SettingValue? {
    let found = reader[key] ?? standard
    return values.first { $0.json == found }?.setting
  }
}
