/// Holds training back where all of it would be over before anybody has seen it.
struct SpeedLimit {
  /// How fast steps may follow one another.
  let stepsPerSecond: Double
  /// Whether the limit has not been announced yet.
  var isNew = true
  private let clock = ContinuousClock()
  private var due: ContinuousClock.Instant

  /// How long a whole run takes at least.
  static let seconds = 60.0

  /// A limit by which `steps` steps take a minute.
  init(steps: Int) {
    stepsPerSecond = Double(max(steps, 1)) / Self.seconds
    due = clock.now
  }

  /// Seconds to wait until the next step; nil where it is due already.
  mutating func afterStep() -> Double? {
    let now = clock.now
    // What was lost, by pauses or slow steps, is not made up for.
    due = max(due, now - Self.slack) + .seconds(1 / stepsPerSecond)
    return due > now ? (due - now) / .seconds(1) : nil
  }

  /// How far steps may be ahead of one another: a wait of less is not worth it.
  private static let slack = Duration.milliseconds(100)
}
