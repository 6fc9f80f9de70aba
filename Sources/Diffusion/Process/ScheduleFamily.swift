/// A kind of noise schedule with its parameters.
public protocol ScheduleFamily: Kind {
  /// The number of levels, T.
  var timesteps: Int { get set }

  /// A name that fits beside a small chart.
  static var shortName: String { get }

  /// Values of its settings by the names they are known under, such as those of a paper.
  static var presets: [SchedulePreset] { get }

  /// What diffusers calls it in `beta_schedule`, or nil where it has no such schedule.
  static var diffusersName: String? { get }

  /// The points that draw the schedule and that a user can move, or nil where it has none.
  var logSNRPoints: LogSNRPoints? { get set }

  /// Takes the values with which the schedule is most like another; does nothing where the family
  /// has a curve of its own.
  mutating func follow(_ schedule: Schedule)

  /// The schedule of these parameters.
  ///
  /// - Precondition: there is no ``Settable/conflict``.
  func make() -> Schedule
}

extension ScheduleFamily {
  public static var shortName: String { name }
  public static var presets: [SchedulePreset] { [] }
  public static var diffusersName: String? { nil }

  public var logSNRPoints: LogSNRPoints? {
    get { nil }
    set {}
  }

  public mutating func follow(_ schedule: Schedule) {}
}

/// Values of a schedule's settings under a name.
public struct SchedulePreset: Sendable {
  /// What recipes call it.
  public let name: String
  /// One line for someone who chooses.
  public let meaning: String
  /// The values it stands for, by key.
  public let values: [String: SettingValue]

  /// A preset of these values.
  public init(_ name: String, _ meaning: String, _ values: [String: SettingValue]) {
    self.name = name
    self.meaning = meaning
    self.values = values
  }
}

/// The schedules there are.
public enum Schedules: Catalog {
  public static let all: [any ScheduleFamily] = [
    LinearSchedule(), ScaledLinearSchedule(), CosineSchedule(), LogLinearSchedule(),
    BetaSigmoidSchedule(), AlphaSigmoidSchedule(), ExponentialSchedule(), LaplaceSchedule(),
    ConstantSchedule(), WarmUpSchedule(), ContinuousSchedule(), KarrasSchedule(),
    PolyexponentialSchedule(), ImprovedSchedule(), FlowSchedule(), WalkSchedule(),
    CustomSchedule(),
  ]

  public static let chooser = makeChooser("family", "the kind of noise schedule")
  public static let shared: Set<String> = ["timesteps"]
}

/// A family of schedules with its parameters.
public typealias ScheduleConfiguration = Selection<Schedules>

extension ScheduleConfiguration {
  /// The number of levels, T.
  public var timesteps: Int {
    get { value.timesteps }
    set { value.timesteps = newValue }
  }

  /// The family's name in small charts.
  public var shortName: String { type(of: value).shortName }

  /// The schedule described; a conflict between its values is thrown.
  public func make() throws(SettingConflict) -> Schedule {
    if let conflict { throw conflict }
    return value.make()
  }
}

// MARK: - Settings that several have

extension Setting where Root: ScheduleFamily {
  /// The number of levels, which every schedule has.
  public static var timesteps: Self {
    .integer(\.timesteps, "timesteps", 2...10_000, step: 10, "how many noise levels there are")
      .label("T")
  }

  /// A name for the values of other settings, which it sets.
  static var preset: Self {
    var setting = Setting(
      "preset", .word(Root.presets.map { AllowedValues.Choice($0.name, $0.meaning) }),
      "known values of the other settings", absent: "values of your own",
      get: { root in
        Root.presets.first { $0.values.allSatisfy { root.value(of: $0.key) == $0.value } }
          .map { .text($0.name) }
      },
      set: { (root, value) throws(SettingError) in
        guard case .text(let name) = value,
          let preset = Root.presets.first(where: { $0.name == name })
        else { return false }
        for (key, value) in preset.values { try root.set(key, to: value) }
        return true
      })
    setting.info.governs = Set(Root.presets.flatMap(\.values.keys))
    return setting
  }
}

/// A family that gives β, the share of the signal's power that each step takes.
public protocol BetaSchedule: ScheduleFamily {
  /// Whether the last level has no signal.
  var zeroSNR: Bool { get set }

  /// β of each step, before the last level loses its signal.
  var betas: [Double] { get }
}

extension BetaSchedule {
  public func make() -> Schedule { Schedule(.betas(betas)).endingWithoutSignal(zeroSNR) }
}

extension Setting where Root: BetaSchedule {
  /// Whether the last level is made to keep no signal.
  static var zeroSNR: Self {
    .flag(
      \.zeroSNR, "zero_snr",
      "rescales the signal so that none is left at the last level; predict x0 or v with it"
    ).label("zero SNR")
  }
}

/// A family whose β rises between two values.
public protocol BetaRangeSchedule: BetaSchedule {
  /// β at the first step, above 0.
  var betaStart: Double { get set }
  /// β at the last step, below 1.
  var betaEnd: Double { get set }
}

extension BetaRangeSchedule {
  public var conflict: SettingConflict? {
    orderConflict(("beta_start", betaStart), ("beta_end", betaEnd))
  }
}

extension Setting where Root: BetaRangeSchedule {
  static var betaStart: Self {
    .real(
      \.betaStart, "beta_start", Interval(1e-6...0.5), by: .logarithmic(perDecade: 20),
      "the noise added at the first step; smaller keeps the first levels cleaner"
    ).label("β₁")
  }

  static var betaEnd: Self {
    .real(
      \.betaEnd, "beta_end", Interval(1e-5...0.999), by: .logarithmic(perDecade: 20),
      "the noise added at the last step; too small leaves signal at the last level"
    ).label("β_T")
  }
}

/// A family that gives ᾱ, the signal's share of the power, of which β follows.
public protocol AlphaBarSchedule: BetaSchedule {
  /// The largest β, above 0 and below 1, to which all above are clipped.
  var maxBeta: Double { get set }

  /// ᾱ after a share `u` of the steps, from 0 to 1; it does not rise.
  func alphaBar(_ u: Double) -> Double
}

extension AlphaBarSchedule {
  public var betas: [Double] { Schedule.betas(timesteps, maxBeta: maxBeta, of: alphaBar) }
}

extension Setting where Root: AlphaBarSchedule {
  /// The limit of β where the formula would reach 1.
  static var maxBeta: Self {
    .real(
      \.maxBeta, "max_beta", Interval(0.01...0.9999), by: .linear(step: 0.01),
      "limits β, which would otherwise reach 1 at the last step"
    ).label("β max")
  }
}

/// A family whose σ rises between two values, with data that is not scaled.
public protocol SigmaRangeSchedule: ScheduleFamily {
  /// σ of the first level, above 0.
  var sigmaMin: Double { get set }
  /// σ of the last level; above ``sigmaMin``.
  var sigmaMax: Double { get set }
}

extension SigmaRangeSchedule {
  public var conflict: SettingConflict? {
    rangeConflict(("sigma_min", sigmaMin), ("sigma_max", sigmaMax))
  }
}

extension Setting where Root: SigmaRangeSchedule {
  static var sigmaMin: Self {
    .real(
      \.sigmaMin, "sigma_min", Interval(1e-4...10), by: .logarithmic(perDecade: 20),
      "the lowest noise; finer detail than this is not learned"
    ).label("σ min")
  }

  static var sigmaMax: Self {
    .real(
      \.sigmaMax, "sigma_max", Interval(0.1...2000), by: .logarithmic(perDecade: 20),
      "the highest noise; it must drown the data, whose size is about 1"
    ).label("σ max")
  }
}

/// What is wrong with the ends of a range of noise that must not be empty, or nil.
func rangeConflict(_ low: (key: String, Double), _ high: (key: String, Double)) -> SettingConflict?
{
  low.1 < high.1 ? nil : conflict(low, "must be below", high)
}

/// What is wrong with two values of which the first must not be above the second, or nil.
func orderConflict(_ low: (key: String, Double), _ high: (key: String, Double)) -> SettingConflict?
{
  low.1 <= high.1 ? nil : conflict(low, "must not be above", high)
}

private func conflict(
  _ low: (key: String, Double), _ relation: String, _ high: (key: String, Double)
) -> SettingConflict {
  let (first, second) = (Wording.short(low.1), Wording.short(high.1))
  return SettingConflict(
    [low.key, high.key], "\(low.key) = \(first) \(relation) \(high.key) = \(second).")
}
