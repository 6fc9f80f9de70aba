/// The processor time, page faults and memory of this process so far.
package struct Usage {
  private var usage = rusage()

  package init() {
    #if os(Linux)
      getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    #else
      getrusage(RUSAGE_SELF, &usage)
    #endif
  }

  /// The processor time of all threads together.
  package var processorMilliseconds: Double {
    let (user, system) = (usage.ru_utime, usage.ru_stime)
    return Double(user.tv_sec + system.tv_sec) * 1e3
      + Double(user.tv_usec + system.tv_usec) * 1e-3
  }

  /// Pages that were touched for the first time, or read from a disk.
  package var pageFaults: Int { usage.ru_minflt + usage.ru_majflt }

  private var largestMemory: Int {
    #if os(Linux)
      usage.ru_maxrss * 1024
    #else
      usage.ru_maxrss
    #endif
  }
}

extension Usage {
  /// The bytes that are resident now; where the system does not tell, the most there have been.
  package static var residentMemory: Int { memory("VmRSS:") ?? Usage().largestMemory }

  /// The most bytes that were resident at once since ``forgetPeak()``, or the start.
  ///
  /// Linux counts what the parent had before this program began in `ru_maxrss`, but not here.
  package static var peakMemory: Int { memory("VmHWM:") ?? Usage().largestMemory }

  /// Restarts the measurement of the peak, where the system can.
  package static func forgetPeak() {
    guard let file = fopen("/proc/self/clear_refs", "w") else { return }
    fputs("5", file)
    fclose(file)
  }

  /// A line of /proc/self/status, in bytes; nil where there is none.
  private static func memory(_ name: String) -> Int? {
    guard let file = fopen("/proc/self/status", "r") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 8192)
    let count = fread(&bytes, 1, bytes.count, file)
    let lines = String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n")
    let words = lines.first { $0.hasPrefix(name) }?.split { $0 == " " || $0 == "\t" }
    guard let words, words.count > 1 else { return nil }
    return Int(words[1]).map { $0 * 1024 }
  }
}
