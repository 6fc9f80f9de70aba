import Diffusion
import Platform

/// Losses by noise level over some steps, for the record: a few numbers every now and then.
struct LevelLosses: Sendable {
  private var sums = [Double](repeating: 0, count: FloorRun.groups)
  private var counts = [Int](repeating: 0, count: FloorRun.groups)

  /// Steps between two records of a run: so many that they take little of its metrics, and so few that
  /// they make an image.
  static func interval(_ totalSteps: Int) -> Int { min(max(totalSteps / 256, 10), 1000) }

  mutating func add(_ metrics: StepMetrics, timesteps: Int) {
    for (timestep, loss) in zip(metrics.timesteps, metrics.sampleLosses) {
      let group = MemorizationFloor.group(of: timestep, among: sums.count, timesteps)
      sums[group] += loss
      counts[group] += 1
    }
  }

  /// Begins anew; returns the mean losses from t = 0 up, to three digits, nil where there was no sample.
  mutating func take() -> [Double?] {
    defer { self = LevelLosses() }
    return zip(sums, counts).map { sum, count in
      count > 0 ? Self.rounded(sum / Double(count)) : nil
    }
  }

  private static func rounded(_ value: Double) -> Double? {
    guard value.isFinite, value > 0 else { return value.isFinite ? 0 : nil }
    let unit = pow(10, (log10(value)).rounded(.down) - 2)
    // By a division, so that the text has three digits, too.
    return unit < 1
      ? (value / unit).rounded() / (1 / unit).rounded() : (value / unit).rounded() * unit
  }
}
