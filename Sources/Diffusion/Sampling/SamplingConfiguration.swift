/// How samples are made, as a user describes it.
public struct SamplingConfiguration: Settable, Hashable {
  /// How steps are taken, and how many.
  public var sampler: SamplerConfiguration
  /// Which levels of the schedule are visited.
  public var spacing: StepSpacing
  /// The timesteps that are visited, falling, instead of those of the spacing; nil for those.
  public var timesteps: [Int]?
  /// The order of the roots of ``StepSpacing/karras``.
  public var rho = 7.0
  /// Where the random numbers start.
  public var seed: UInt64
  /// The number of samples.
  public var count: Int
  /// Whether x̂_0 is limited to the data's range.
  public var clipsPredictions: Bool
  /// The share of x̂_0's numbers that dynamic thresholding fits into the data's range; nil for none.
  public var threshold: Double?
  /// How many times the data's range x̂_0 may reach at most, in dynamic thresholding.
  public var thresholdMax = 1.0
  /// The class of all samples by its name, where the network is told classes; nil for any.
  public var className: String?
  /// The scale of classifier-free guidance towards the class; 1 for none.
  public var guidance: Double

  /// How samples are made; by default 16 by DDIM in 20 steps.
  public init(
    _ sampler: any Sampler = DDIM(), spacing: StepSpacing = .trailing, seed: UInt64 = 0,
    count: Int = 16, clipsPredictions: Bool = false, className: String? = nil, guidance: Double = 1
  ) {
    self.sampler = SamplerConfiguration(sampler)
    self.spacing = spacing
    self.seed = seed
    self.count = count
    self.clipsPredictions = clipsPredictions
    self.className = className
    self.guidance = guidance
  }

  /// The number of steps.
  public var steps: Int {
    get { sampler.value.steps }
    set { sampler.value.steps = newValue }
  }

  /// The path through `schedule`, from its highest noise.
  public func makeSteps(_ schedule: Schedule) -> [NoiseStep] {
    guard let timesteps else {
      return schedule.steps(min(max(steps, 1), schedule.count), spacing: spacing, rho: rho)
    }
    // Those that this schedule has, so that screens can show one that does not go with the list.
    let known = timesteps.filter { $0 < schedule.count }
    return schedule.steps(at: known.isEmpty ? [schedule.count - 1] : known)
  }

  /// How x̂_0 is limited.
  public var clipping: Clipping {
    if let threshold { return .dynamic(quantile: threshold, largest: thresholdMax) }
    return clipsPredictions ? .range : .none
  }

  /// How often the network is asked on the path through `schedule`.
  public func evaluations(_ schedule: Schedule) -> Int {
    sampler.value.evaluations(steps: makeSteps(schedule).count - 1)
  }

  /// Why samples cannot be made so along `schedule`, as a sentence, or nil.
  public func problem(with schedule: Schedule) -> String? {
    if let first = timesteps?.first, first >= schedule.count {
      return
        "timesteps begins with \(first), but the schedule has \(schedule.count) levels; expected at "
        + "most \(schedule.count - 1)"
    }
    return nil
  }
}

extension SamplingConfiguration {
  /// The settings that go with every sampler.
  private static let common: [Setting<Self>] = [
    .integer(
      \.count, "count", 1...1024,
      "number of samples; each has its own noise, whatever the count"
    ).label("samples"),
    .seed(\.seed, "seed of the sampling noise"),
    .flag(\.clipsPredictions, "clip", "clip the predicted x_0 to the data range").label("clip x̂_0"),
    .real(
      \.threshold, "threshold", Interval(0.5...1), by: .linear(step: 0.005),
      absent: "no dynamic thresholding",
      "dynamic thresholding: the quantile of each predicted x_0 that is fitted into the data range"),
    .real(
      \.thresholdMax, "threshold_max", Interval(1...100), by: .linear(step: 0.5),
      "dynamic thresholding: the largest threshold, in units of the data range"
    ).label("at most"),
    .word(\.spacing, "spacing", "how the visited timesteps are spaced"),
    .integers(
      \.timesteps, "timesteps", 0...9_999, atMost: 1000, absent: "those of the spacing",
      "timesteps to visit, in falling order, instead of `steps` and `spacing`"),
    .real(
      \.rho, "rho", Interval(0.5...20), by: .linear(step: 0.5),
      "exponent of the karras spacing; larger values put more steps at low noise"
    ).label("ρ"),
    Setting(
      "class", .text("the name of a class"),
      "class to sample, for class-conditional networks",
      absent: "any class", get: { $0.className.map { .text($0) } },
      set: {
        switch $1 {
        case .text(let name) where !name.isEmpty: $0.className = name
        case .integer(let number): $0.className = String(number)
        default: return false
        }
        return true
      }),
    .real(
      \.guidance, "guidance", Interval(0...50), by: .linear(step: 0.5),
      "classifier-free guidance scale; 1 for no guidance"),
  ]

  private static func common(_ key: String) -> Setting<Self>? {
    common.first { $0.info.key == key }
  }

  private static let commonInfos: [SettingInfo] = common.map { setting in
    var info = setting.info
    info.defaultValue = setting.get(Self())
    return info
  }

  public var settings: [SettingInfo] { sampler.settings + Self.commonInfos }

  public func value(of key: String) -> SettingValue? {
    Self.common(key).map { $0.get(self) } ?? sampler.value(of: key)
  }

  public mutating func set(_ key: String, to value: SettingValue) throws(SettingError) {
    guard let setting = Self.common(key) else { return try sampler.set(key, to: value) }
    try setting.set(&self, value)
  }

  public var conflict: SettingConflict? {
    if let conflict = sampler.conflict { return conflict }
    guard let timesteps, !zip(timesteps, timesteps.dropFirst()).allSatisfy({ $0 > $1 }) else {
      return nil
    }
    return SettingConflict(["timesteps"], "timesteps must fall from each one to the next.")
  }

  public static var sharedKeys: Set<String> { Samplers.shared }

  public static var groups: [SettingGroup] {
    SamplerConfiguration.groups + [SettingGroup(kind: nil, settings: commonInfos)]
  }
}
