import Diffusion
import Platform

/// What seconds were measured on.
struct Machine: Codable, Sendable, Equatable {
  /// The processor's name.
  var processor: String
  /// The processors that the program may run on.
  var processors: Int
  /// The threads that the arithmetic used.
  var threads: Int
  /// The system with its version.
  var system: String
  /// The program with its version.
  var program: String
  /// The mean number of other processes that wanted to run, in the minute before; nil where the system does
  /// not tell.
  var load: Double?

  /// This one, now.
  static func current(program: String) -> Machine {
    var name = utsname()
    uname(&name)
    let words = [text(&name.sysname), text(&name.release), text(&name.machine)]
    var loads = [0.0]
    let known = getloadavg(&loads, 1) == 1
    return Machine(
      processor: processor ?? text(&name.machine),
      processors: Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))),
      threads: Parallel.threads, system: words.joined(separator: " "), program: program,
      load: known ? loads[0] : nil)
  }

  /// As a sentence.
  var description: String {
    "\(processor), \(processors) processors, \(threads) threads; \(system); \(program)"
      + (load.map { "; load \(($0 * 10).rounded() / 10) at the start" } ?? "")
  }

  private static func text(_ field: inout some Any) -> String {
    withUnsafeBytes(of: &field) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }

  /// What /proc/cpuinfo calls the processor.
  private static var processor: String? {
    guard let file = fopen("/proc/cpuinfo", "r") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = fread(&bytes, 1, bytes.count, file)
    let lines = String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n")
    let line = lines.first { $0.hasPrefix("model name") }
    return line?.split(separator: ":").last.map { String($0.drop { $0 == " " }) }
  }
}
