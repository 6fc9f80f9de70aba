/// Times of work that is done again and again.
enum Stopwatch {
  /// Seconds of each of at least `least` runs that fill so many seconds together, after one to warm up.
  static func times(filling seconds: Double, least: Int = 3, _ body: () throws -> Void) rethrows
    -> [Double]
  {
    let clock = ContinuousClock()
    try body()
    var times: [Double] = []
    var total = 0.0
    while times.count < least || total < seconds {
      let time = try clock.measure(body) / .seconds(1)
      times.append(time)
      total += time
    }
    return times
  }

  /// The shortest of them.
  static func least(filling seconds: Double, _ body: () -> Void) -> Double {
    times(filling: seconds, body).min() ?? 0
  }
}
