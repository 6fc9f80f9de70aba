import Platform

/// The times of several runs.
struct Timing {
  let milliseconds: Milliseconds

  /// At least eight runs that fill so many seconds, after three to warm up.
  init(filling seconds: Double = 1, of body: () -> Void) {
    let clock = ContinuousClock()
    for _ in 0..<3 { body() }
    var walls: [Double] = []
    var processor = Double.infinity
    let start = clock.now
    while walls.count < 8 || clock.now - start < .seconds(seconds) {
      let before = Usage().processorMilliseconds
      walls.append(clock.measure(body) / .milliseconds(1))
      processor = min(processor, Usage().processorMilliseconds - before)
    }
    walls.sort()
    milliseconds = Milliseconds(
      min: walls[0], median: walls[walls.count / 2], processor: processor)
  }
}
