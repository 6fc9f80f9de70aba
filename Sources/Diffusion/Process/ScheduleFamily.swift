/// A kind of noise schedule with its parameters.
public protocol ScheduleFamily: Kind {
  /// The number of levels, T.
  var timesteps: Int { get set }

  /// A name that fits beside a small chart.
  static var shortName: String { get }

  /// What diffusers calls it in `beta_schedule`, or nil where it has no such schedule.
  static var diffusersName: String? { get }

  /// The schedule of these parameters.
  ///
  /// - Precondition: there is no ``Settable/conflict``.
  func make() -> Schedule
}

extension ScheduleFamily {
  public static var shortName: String { name }
  public static var diffusersName: String? { nil }
}

/// The schedules there are.
public enum Schedules: Catalogue {
  public static let all: [any ScheduleFamily] = [
    LinearSchedule(), ScaledLinearSchedule(), CosineSchedule(), LogLinearSchedule(),
  ]

  public static let chooser = makeChooser("family", "the kind of noise schedule")
  public static let shared: Set<String> = ["timesteps"]
}

/// A family of schedules with its parameters.
public typealias ScheduleConfiguration = Chosen<Schedules>

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

  static func betaStart(_ path: any WritableKeyPath<Root, Double> & Sendable) -> Self {
    .real(
      path, "beta_start", Interval(1e-6...0.5), by: .logarithmic(perDecade: 20),
      "the noise added at the first step; smaller keeps the first levels cleaner"
    ).label("β₁")
  }

  static func betaEnd(_ path: any WritableKeyPath<Root, Double> & Sendable) -> Self {
    .real(
      path, "beta_end", Interval(1e-5...0.999), by: .logarithmic(perDecade: 20),
      "the noise added at the last step; too small leaves signal at the last level"
    ).label("β_T")
  }
}

/// What is wrong with two values of which the first must not be above the second, or nil.
func orderConflict(_ low: (key: String, Double), _ high: (key: String, Double)) -> SettingConflict?
{
  guard low.1 > high.1 else { return nil }
  return SettingConflict(
    [low.key, high.key],
    "\(low.key) = \(Wording.short(low.1)) must not be above \(high.key) = \(Wording.short(high.1))."
  )
}
