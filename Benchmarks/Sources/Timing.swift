import Platform

/// The shortest of several runs.
struct Timing {
  /// Milliseconds on the clock.
  var wall: Double
  /// Milliseconds of all processors together: what other programs take does not count.
  var processor: Double

  /// At least eight runs that fill so many seconds, after three to warm up.
  init(filling seconds: Double = 2, of body: () -> Void) {
    let clock = ContinuousClock()
    for _ in 0..<3 { body() }
    (wall, processor) = (.infinity, .infinity)
    var runs = 0
    let start = clock.now
    while runs < 8 || clock.now - start < .seconds(seconds) {
      let before = Usage().processorMilliseconds
      wall = min(wall, clock.measure(body) / .milliseconds(1))
      processor = min(processor, Usage().processorMilliseconds - before)
      runs += 1
    }
  }
}

/// What the process has used of the machine so far.
struct Usage {
  private var usage = rusage()

  init() {
    #if os(Linux)
      getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    #else
      getrusage(RUSAGE_SELF, &usage)
    #endif
  }

  var processorMilliseconds: Double {
    let (user, system) = (usage.ru_utime, usage.ru_stime)
    return Double(user.tv_sec + system.tv_sec) * 1e3
      + Double(user.tv_usec + system.tv_usec) * 1e-3
  }

  var pageFaults: Int { usage.ru_minflt + usage.ru_majflt }
}
