/// A noise level and its place in a schedule.
public struct NoiseStep: Sendable, Hashable {
  /// The position in the schedule, or nil for a level that is not in it.
  public let index: Int?
  /// What a network that embeds time sees: the index in the schedule, 0 at the lowest noise; −1 at
  /// the clean end, where no network is asked.
  public let timestep: Double
  /// How much signal and noise there is.
  public let level: NoiseLevel

  /// The end of every trajectory that leaves no noise.
  public static let clean = NoiseStep(index: nil, timestep: -1, level: .clean)

  /// A level with its place; `index` is nil between the levels of a schedule.
  public init(index: Int?, timestep: Double, level: NoiseLevel) {
    self.index = index
    self.timestep = timestep
    self.level = level
  }
}
