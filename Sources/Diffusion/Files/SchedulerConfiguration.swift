/// What a diffusers folder says about the process and the sampler, in our terms.
///
/// It is the folder's `scheduler_config.json`. What has no counterpart here is refused where it would
/// change a number, and passed over where it would not.
///
/// Source: diffusers 0.42, `schedulers/scheduling_ddpm.py` and `scheduling_ddim.py`.
public struct SchedulerConfiguration: Sendable, Hashable {
  public var sampler: SamplerKind
  public var schedule: ScheduleConfiguration
  /// What the network predicts.
  public var parameterization: Parameterization
  /// The variance of DDPM's noise; DDIM has none of its own.
  public var variance: DDPM.Variance
  /// What x̂_0 is limited to, the range of the data, or nil.
  public var clipRange: ClosedRange<Float>?
  public var spacing: StepSpacing

  public init(
    sampler: SamplerKind = .ddpm, schedule: ScheduleConfiguration = ScheduleConfiguration(),
    parameterization: Parameterization = .epsilon, variance: DDPM.Variance = .fixedSmall,
    clipRange: ClosedRange<Float>? = -1...1, spacing: StepSpacing = .leading
  ) {
    self.sampler = sampler
    self.schedule = schedule
    self.parameterization = parameterization
    self.variance = variance
    self.clipRange = clipRange
    self.spacing = spacing
  }

  /// How the folder's own pipeline makes samples: DDPM at every level, DDIM in 50 steps.
  public var sampling: SamplingConfiguration {
    SamplingConfiguration(
      sampler: sampler, steps: sampler == .ddpm ? schedule.timesteps : 50, eta: 0,
      variance: variance, spacing: spacing, clip: clipRange != nil)
  }
}

// MARK: - Reading

extension SchedulerConfiguration {
  static let classes: [(word: String, value: SamplerKind)] = [
    ("DDPMScheduler", .ddpm), ("DDIMScheduler", .ddim),
  ]
  private static let predictions: [(word: String, value: Parameterization)] = [
    ("epsilon", .epsilon), ("sample", .x0),
  ]
  private static let spacings: [(word: String, value: StepSpacing)] = [
    ("leading", .leading), ("trailing", .trailing), ("linspace", .linspace),
  ]
  private static let variances: [(word: String, value: DDPM.Variance)] = [
    ("fixed_small", .fixedSmall), ("fixed_small_log", .fixedSmall), ("fixed_large", .fixedLarge),
  ]
  private static let families: [(word: String, value: ScheduleFamily)] = [
    ("linear", .linear), ("scaled_linear", .scaledLinear), ("squaredcos_cap_v2", .cosine),
  ]

  /// Reads a `scheduler_config.json`; errors name the file at `path`.
  ///
  /// `sampler` is what the folder's index says, which counts more than the file itself.
  public init(
    json: JSON, path: String, sampler: SamplerKind? = nil
  ) throws(FileError) {
    let reader = try ConfigurationReader(json, path: path)
    self.init()
    if let sampler {
      self.sampler = sampler
    } else {
      self.sampler = try reader.choice("_class_name", .ddpm, of: Self.classes)
    }
    schedule = try Self.schedule(reader)
    parameterization = try reader.choice("prediction_type", .epsilon, of: Self.predictions)
    spacing = try reader.choice("timestep_spacing", .leading, of: Self.spacings)
    if self.sampler == .ddpm {
      variance = try reader.choice("variance_type", .fixedSmall, of: Self.variances)
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
    let family = try reader.choice("beta_schedule", .linear, of: families)
    var schedule = ScheduleConfiguration(
      family, timesteps: try reader.integer("num_train_timesteps", 1000, in: 1...1_000_000))
    // The library's cosine takes no ends, and has our defaults.
    if family != .cosine {
      schedule.values = [
        "beta_start": try reader.number("beta_start", 1e-4, in: 0...1),
        "beta_end": try reader.number("beta_end", 0.02, in: 0...1),
      ]
    }
    do throws(ScheduleError) {
      _ = try schedule.make()
    } catch {
      throw FileError(
        reader.path, .unsupported,
        "describes a schedule that is not made here: \(error.description.dropLast())")
    }
    return schedule
  }

  /// Refuses what would change a number and has no counterpart.
  private static func refuse(
    _ reader: ConfigurationReader, _ sampler: SamplerKind, _ spacing: StepSpacing
  ) throws(FileError) {
    for key in ["thresholding", "rescale_betas_zero_snr"] where try reader.bool(key, false) {
      throw reader.error(key, expected: "false", .unsupported)
    }
    if sampler == .ddim, try !reader.bool("set_alpha_to_one", true) {
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
  /// The `scheduler_config.json`; an error about the folder at `path` where there is no counterpart.
  public func json(for path: String) throws(FileError) -> JSON {
    func word<Value: Equatable>(
      _ value: Value, _ words: [(word: String, value: Value)], _ what: String
    ) throws(FileError) -> JSON {
      guard let word = words.first(where: { $0.value == value })?.word else {
        throw FileError(path, .unsupported, "cannot be written: diffusers has no \(what)")
      }
      return .string(word)
    }
    let family = schedule.family
    if family == .cosine,
      let key = family.parameters.first(where: { schedule[$0.key] != $0.defaultValue })?.key
    {
      throw FileError(
        path, .unsupported,
        "cannot be written: diffusers has no cosine schedule of \(key) = \(schedule[key] ?? 0)")
    }
    var members: [JSON.Member] = [
      .init("_class_name", try word(sampler, Self.classes, "sampler \(sampler.rawValue)")),
      .init("num_train_timesteps", .integer(schedule.timesteps)),
      .init("beta_schedule", try word(family, Self.families, "\(family.rawValue) schedule")),
      .init(
        "prediction_type",
        try word(
          parameterization, Self.predictions, "network that predicts \(parameterization.rawValue)")),
      .init("clip_sample", .bool(clipRange != nil)),
      .init("clip_sample_range", .float(clipRange?.upperBound ?? 1)),
      .init(
        "timestep_spacing", try word(spacing, Self.spacings, "\(spacing.rawValue) spacing")),
    ]
    if family != .cosine {
      for key in ["beta_start", "beta_end"] {
        members.append(.init(key, .number(schedule[key] ?? 0)))
      }
    }
    if sampler == .ddpm {
      members.append(.init("variance_type", try word(variance, Self.variances, "such variance")))
    }
    return .object(members)
  }
}
