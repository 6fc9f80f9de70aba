/// How samples are made, as a user describes it.
public struct SamplingConfiguration: Settable, Hashable {
  /// How steps are taken, and how many.
  public var sampler: SamplerConfiguration
  /// Which levels of the schedule are visited.
  public var spacing: StepSpacing
  /// Where the random numbers start.
  public var seed: UInt64
  /// The number of samples.
  public var count: Int
  /// Whether x̂_0 is limited to the data's range.
  public var clipsPredictions: Bool
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
    schedule.steps(min(max(steps, 1), schedule.count), spacing: spacing)
  }
}

extension SamplingConfiguration {
  /// The settings that go with every sampler.
  private static let common: [Setting<Self>] = [
    .integer(
      \.count, "count", 1...1024,
      "how many are drawn; each has noise of its own, whatever the number"
    ).label("samples"),
    .seed(\.seed, "which noise the samples start from"),
    .flag(\.clipsPredictions, "clip", "keeps every prediction inside the data's range").label(
      "clip x̂₀"),
    .word(\.spacing, "spacing", "which levels of the schedule are visited"),
    Setting(
      "class", .text("the name of a class"),
      "the class of all samples, where the network knows any",
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
      "how far samples are pushed towards their class; 1 is not at all"),
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

  public mutating func set(_ key: String, to value: SettingValue) throws(SettingProblem) {
    guard let setting = Self.common(key) else { return try sampler.set(key, to: value) }
    try setting.set(&self, value)
  }

  public static var sharedKeys: Set<String> { Samplers.shared }

  public static var groups: [SettingGroup] {
    SamplerConfiguration.groups + [SettingGroup(kind: nil, settings: commonInfos)]
  }
}
