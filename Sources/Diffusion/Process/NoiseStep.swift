/// A noise level and its position in a schedule.
public struct NoiseStep: Sendable, Hashable {
  /// The position in the schedule, or nil for a level that is not in it.
  public let index: Int?
  /// The timestep that networks embed: the index in the schedule, 0 at the lowest noise; −1 at the clean
  /// end, where no network is evaluated.
  public let timestep: Double
  /// The amounts of signal and noise.
  public let level: NoiseLevel

  /// The end of every trajectory that leaves no noise.
  public static let clean = NoiseStep(index: nil, timestep: -1, level: .clean)

  /// A level with its position; `index` is nil between the levels of a schedule.
  public init(index: Int?, timestep: Double, level: NoiseLevel) {
    self.index = index
    self.timestep = timestep
    self.level = level
  }
}
