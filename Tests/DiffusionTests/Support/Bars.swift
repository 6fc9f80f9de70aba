import Foundation

/// Whether tests run their bars in full, as `scripts/verify` asks for; the suite has shrunk ones.
enum Bars {
  static let areFull = ProcessInfo.processInfo.environment["WORKBENCH_VERIFY"] == "1"

  /// The folder of trained runs, where `scripts/verify models` gives one.
  static let runs = areFull ? ProcessInfo.processInfo.environment["WORKBENCH_VERIFY_RUNS"] : nil

  /// A row of the table that `scripts/verify` prints; nothing in the suite.
  static func report(_ row: String) {
    if areFull { print("| \(row) |") }
  }
}
