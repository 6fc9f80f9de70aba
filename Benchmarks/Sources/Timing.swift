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

  /// The largest resident memory there has been, in bytes.
  var peakMemory: Int {
    #if os(Linux)
      usage.ru_maxrss * 1024
    #else
      usage.ru_maxrss
    #endif
  }
}
