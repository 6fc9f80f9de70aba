/// How long a step takes, by the steps of the last minute, of which the fastest and the slowest do not
/// count: a pause of the machine does not make the time left swing.
struct StepPace: Sendable, Equatable {
  /// Steps of about a second together.
  private struct Part: Sendable, Equatable {
    var steps = 0
    var seconds = 0.0
    var secondsPerStep: Double { seconds / Double(steps) }
  }

  private var parts: [Part] = []
  private var unfinished = Part()

  private static let secondsKept = 60.0
  /// The share of the parts that does not count, at either end.
  private static let cut = 0.15

  mutating func add(_ duration: Double) {
    unfinished.steps += 1
    unfinished.seconds += duration
    guard unfinished.seconds >= 1 else { return }
    parts.append(unfinished)
    unfinished = Part()
    var kept = parts.reduce(0) { $0 + $1.seconds }
    while kept > Self.secondsKept, parts.count > 1 { kept -= parts.removeFirst().seconds }
  }

  /// Seconds a step; nil before the first second.
  var secondsPerStep: Double? {
    guard !parts.isEmpty else { return nil }
    let count = Int(Double(parts.count) * Self.cut)
    let sorted = parts.sorted { $0.secondsPerStep < $1.secondsPerStep }
    let middle = sorted.dropFirst(count).dropLast(count)
    return middle.reduce(0) { $0 + $1.seconds } / Double(middle.reduce(0) { $0 + $1.steps })
  }
}
