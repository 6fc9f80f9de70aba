/// Values of log-SNR at even places from the first level to the last, which draw a schedule and can
/// be moved one by one.
package struct LogSNRPoints: Sendable, Hashable {
  /// What a value may be, as the natural logarithm.
  package static let range = -30.0...30
  /// How many points there may be.
  package static let counts = 2...32
  /// The least that a moved point stays away from its neighbours.
  package static let gap = 0.05

  /// ln SNR at each place, falling.
  package private(set) var values: [Double]

  /// Points of these values, two or more.
  package init(_ values: [Double]) {
    precondition(values.count > 1, "a schedule is drawn by two points or more")
    self.values = values
  }

  /// Points on the curve of a schedule, or nil where they would not fall.
  ///
  /// An end without noise or without signal has no finite log-SNR; its point takes that of the
  /// nearest level that has one.
  package init?(along schedule: Schedule, count: Int) {
    let finite = schedule.levels.map(\.logSNR).filter(\.isFinite)
    guard let highest = finite.first, let lowest = finite.last else { return nil }
    let places = evenlySpaced(0, Double(schedule.count - 1), count)
    self.init(
      rounding: places.map { place in
        let logSNR = schedule.step(timestep: min(place, Double(schedule.count - 1))).level.logSNR
        return min(max(logSNR, lowest), highest)
      })
  }

  /// Values within the range, to the hundredth, or nil where they do not fall.
  private init?(rounding values: [Double]) {
    let values = values.map {
      Self.rounded(min(max($0, Self.range.lowerBound), Self.range.upperBound))
    }
    guard zip(values, values.dropFirst()).allSatisfy({ $0 > $1 }) else { return nil }
    self.init(values)
  }

  private static func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }

  /// Moves a point towards a value, as far as its neighbours and the range allow.
  package mutating func move(_ index: Int, to value: Double) {
    let isLast = index == values.count - 1
    let lower = isLast ? Self.range.lowerBound : values[index + 1] + Self.gap
    let upper = index == 0 ? Self.range.upperBound : values[index - 1] - Self.gap
    guard lower <= upper else { return }
    values[index] = Self.rounded(min(max(value, lower), upper))
  }

  /// So many points on the curve through these, or nil where there may not be that many.
  package func resampled(_ count: Int) -> LogSNRPoints? {
    guard Self.counts.contains(count) else { return nil }
    return LogSNRPoints(rounding: MonotoneCubic(values).values(count))
  }
}
