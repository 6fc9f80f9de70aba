import Diffusion
import TUI

/// One line that shows the progress of long work: rewritten in place on a terminal, and elsewhere
/// written anew every few seconds.
struct ProgressLine {
  private let total: Int
  private let unit: String
  private let start = ContinuousClock.now
  private var lastShown: ContinuousClock.Instant?
  /// How much of the total was done before the clock began.
  private let before: Int

  /// - Parameters:
  ///   - total: how much there is to do.
  ///   - before: how much of it was done earlier.
  ///   - unit: what is counted, such as "step".
  init(total: Int, before: Int = 0, unit: String) {
    self.total = total
    self.before = before
    self.unit = unit
  }

  /// Shows that so much is done, unless it was shown a moment ago.
  mutating func show(_ done: Int, _ details: String = "", isLast: Bool = false) throws {
    let now = ContinuousClock.now
    let pause: Duration = Console.isTerminal ? .milliseconds(100) : .seconds(5)
    if let lastShown, now - lastShown < pause, !isLast { return }
    lastShown = now
    var text = "\(unit) \(Numbers.grouped(done)) of \(Numbers.grouped(total))"
    if !details.isEmpty { text += "   \(details)" }
    if !isLast,
      let rest = Self.timeLeft(
        done: done - before, of: total - before, after: (now - start) / .seconds(1))
    {
      text += "   ETA \(Numbers.duration(rest))"
    }
    guard Console.isTerminal else { return try Console.line(text) }
    // Cut to the width: a line that wraps cannot be rewritten. Then clear what was there.
    try Console.draw("\r\(text.prefix(Console.size.columns - 1))\u{1B}[K\(isLast ? "\n" : "")")
  }

  /// Writes a line of its own; the progress goes on below it.
  mutating func interrupt(_ text: String) throws {
    lastShown = nil
    guard Console.isTerminal else { return try Console.line(text) }
    try Console.draw("\r\(Wording.escaped(text))\u{1B}[K\n")
  }

  /// Seconds left; nil while it is too early to tell.
  static func timeLeft(done: Int, of total: Int, after seconds: Double) -> Double? {
    guard done >= 10, seconds >= 10 else { return nil }
    return seconds / Double(done) * Double(total - done)
  }
}
