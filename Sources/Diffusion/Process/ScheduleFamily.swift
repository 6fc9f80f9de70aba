/// A kind of noise schedule with its parameters.
public protocol ScheduleFamily: Kind {
  /// The number of levels, T.
  var timesteps: Int { get set }

  /// The schedule with these parameters.
  ///
  /// - Precondition: there is no ``Settable/conflict``.
  func make() -> Schedule
}

/// A schedule of which more is known than its levels.
package protocol KnownSchedule: ScheduleFamily {
  /// A name that fits beside a small chart.
  static var shortName: String { get }

  /// Named values of its settings, such as those of a paper.
  static var presets: [SchedulePreset] { get }

  /// Its name in diffusers' `beta_schedule`, or nil where diffusers has no such schedule.
  static var diffusersName: String? { get }
}

extension KnownSchedule {
  package static var shortName: String { name }
  package static var presets: [SchedulePreset] { [] }
  package static var diffusersName: String? { nil }
}

/// A schedule that a user can draw.
package protocol DrawnSchedule: ScheduleFamily {
  /// The movable points that define the schedule, or nil where it has none.
  var logSNRPoints: LogSNRPoints? { get set }

  /// β of each step, where a file gives them; nil for anything else.
  var givenBetas: [Double]? { get }

  /// Sets the values that make the schedule most similar to another.
  mutating func follow(_ schedule: Schedule)
}

/// Values of a schedule's settings under a name.
package struct SchedulePreset: Sendable {
  /// What recipes call it.
  package let name: String
  /// One line for someone who chooses.
  package let meaning: String
  /// The values it stands for, by key.
  package let values: [String: SettingValue]

  /// A preset of these values.
  package init(_ name: String, _ meaning: String, _ values: [String: SettingValue]) {
    self.name = name
    self.meaning = meaning
    self.values = values
  }
}

/// All families of schedules.
public enum Schedules: Catalog {
  public static let all: [any ScheduleFamily] = [
    LinearSchedule(), ScaledLinearSchedule(), CosineSchedule(), LogLinearSchedule(),
    BetaSigmoidSchedule(), AlphaSigmoidSchedule(), ExponentialSchedule(), LaplaceSchedule(),
    ConstantSchedule(), WarmUpSchedule(), ContinuousSchedule(), KarrasSchedule(),
    PolyexponentialSchedule(), ImprovedSchedule(), FlowSchedule(), WalkSchedule(),
    MaskingSchedule(), CustomSchedule(),
  ]
  public static func kind(of member: any ScheduleFamily) -> any Kind { member }

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
  package var shortName: String { (type(of: value) as? any KnownSchedule.Type)?.shortName ?? name }

  /// What diffusers calls the family in `beta_schedule`, or nil where it has no such schedule.
  package var diffusersName: String? { (type(of: value) as? any KnownSchedule.Type)?.diffusersName }

  /// The movable points that define the schedule, or nil where it has none.
  package var logSNRPoints: LogSNRPoints? {
    get { (value as? any DrawnSchedule)?.logSNRPoints }
    set {
      guard var drawn = value as? any DrawnSchedule else { return }
      drawn.logSNRPoints = newValue
      value = drawn
    }
  }

  /// β of each step, where a file gives them; nil for anything else.
  package var givenBetas: [Double]? { (value as? any DrawnSchedule)?.givenBetas }

  /// Takes the values with which the schedule is most like another; does nothing where the family
  /// has a curve of its own.
  package mutating func follow(_ schedule: Schedule) {
    guard var drawn = value as? any DrawnSchedule else { return }
    drawn.follow(schedule)
    value = drawn
  }

  /// The schedule; throws a conflict between its values.
  public func make() throws(SettingConflict) -> Schedule {
    if let conflict { throw conflict }
    return value.make()
  }
}

// MARK: - Settings that several have

extension Setting where Root: ScheduleFamily {
  /// The number of levels, which every schedule has.
  public static var timesteps: Self {
    .integer(\.timesteps, "timesteps", 2...10_000, step: 10, "number of noise levels")
      .label("T")
  }
}

extension Setting where Root: KnownSchedule {
  /// A named preset, which sets the other settings.
  static var preset: Self {
    var setting = Setting(
      "preset", .word(Root.presets.map { AllowedValues.Choice($0.name, $0.meaning) }),
      "named values for the other settings", absent: "values of your own",
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
package protocol BetaSchedule: KnownSchedule {
  /// Whether the last level has no signal.
  var zeroSNR: Bool { get set }

  /// β of each step, before the last level loses its signal.
  var betas: [Double] { get }
}

extension BetaSchedule {
  package func make() -> Schedule { Schedule(.betas(betas)).endingWithoutSignal(zeroSNR) }
}

extension Setting where Root: BetaSchedule {
  /// Whether the last level is made to have no signal.
  static var zeroSNR: Self {
    .flag(
      \.zeroSNR, "zero_snr",
      "rescale so that no signal is left at the last level; use it with predict = x0 or v"
    ).label("zero SNR")
  }
}

/// A family whose β rises between two values.
package protocol BetaRangeSchedule: BetaSchedule {
  /// β at the first step, above 0.
  var betaStart: Double { get set }
  /// β at the last step, below 1.
  var betaEnd: Double { get set }
}

extension BetaRangeSchedule {
  package var conflict: SettingConflict? {
    orderConflict(("beta_start", betaStart), ("beta_end", betaEnd))
  }
}

extension Setting where Root: BetaRangeSchedule {
  static var betaStart: Self {
    .real(
      \.betaStart, "beta_start", Interval(1e-6...0.5), by: .logarithmic(perDecade: 20),
      "β of the first step; smaller values keep the first levels cleaner"
    ).label("β₁")
  }

  static var betaEnd: Self {
    .real(
      \.betaEnd, "beta_end", Interval(1e-5...0.999), by: .logarithmic(perDecade: 20),
      "β of the last step; if too small, signal is left at the last level"
    ).label("β_T")
  }
}

/// A family that gives ᾱ, the signal's share of the power, of which β follows.
package protocol AlphaBarSchedule: BetaSchedule {
  /// The upper limit of β, above 0 and below 1.
  var maxBeta: Double { get set }

  /// ᾱ after a fraction `u` of the steps, from 0 to 1; it does not increase.
  func alphaBar(_ u: Double) -> Double
}

extension AlphaBarSchedule {
  package var betas: [Double] { Schedule.betas(timesteps, maxBeta: maxBeta, of: alphaBar) }
}

extension Setting where Root: AlphaBarSchedule {
  /// The limit of β where the formula would reach 1.
  static var maxBeta: Self {
    .real(
      \.maxBeta, "max_beta", Interval(0.01...0.9999), by: .linear(step: 0.01),
      "upper limit of β, which some formulas take to 1 at the last step"
    ).label("β max")
  }
}

/// A family whose σ rises between two values, with data that is not scaled.
package protocol SigmaRangeSchedule: KnownSchedule {
  /// σ of the first level, above 0.
  var sigmaMin: Double { get set }
  /// σ of the last level; above ``sigmaMin``.
  var sigmaMax: Double { get set }
}

extension SigmaRangeSchedule {
  package var conflict: SettingConflict? {
    rangeConflict(("sigma_min", sigmaMin), ("sigma_max", sigmaMax))
  }
}

extension Setting where Root: SigmaRangeSchedule {
  static var sigmaMin: Self {
    .real(
      \.sigmaMin, "sigma_min", Interval(1e-4...10), by: .logarithmic(perDecade: 20),
      "the lowest noise level; finer detail is not learned"
    ).label("σ min")
  }

  static var sigmaMax: Self {
    .real(
      \.sigmaMax, "sigma_max", Interval(0.1...2000), by: .logarithmic(perDecade: 20),
      "the highest noise level; it must drown out the data, which is about 1 in size"
    ).label("σ max")
  }
}

/// The conflict where a range of noise is empty, or nil.
func rangeConflict(_ low: (key: String, Double), _ high: (key: String, Double)) -> SettingConflict?
{
  low.1 < high.1 ? nil : conflict(low, "a value below", high)
}

/// The conflict where the first value is above the second, or nil.
func orderConflict(_ low: (key: String, Double), _ high: (key: String, Double)) -> SettingConflict?
{
  low.1 <= high.1 ? nil : conflict(low, "at most", high)
}

private func conflict(
  _ low: (key: String, Double), _ relation: String, _ high: (key: String, Double)
) -> SettingConflict {
  let (first, second) = (Wording.short(low.1), Wording.short(high.1))
  return SettingConflict(
    [low.key, high.key], "\(low.key) is \(first); expected \(relation) \(high.key) = \(second)")
}
