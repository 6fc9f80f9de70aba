import Platform
import Synchronization

/// Lets samples that the user is waiting for go first: while they are drawn, training begins no step.
///
/// Both use every core, so a step and a few small samples together take longer than one after the other.
final class Precedence: Sendable {
  private struct State {
    var drawing = 0
    /// When training goes on in any case: what takes longer may be waiting for a terminal.
    var end = ContinuousClock.now
  }

  private let state = Mutex(State())

  /// For how long training waits before a step at most, so that large networks train on.
  private static let patience = Duration.milliseconds(100)
  /// For how long after the last request it waits at all.
  private static let longest = Duration.milliseconds(500)

  func begin() {
    state.withLock {
      $0.drawing += 1
      $0.end = .now + Self.longest
    }
  }

  func end() { state.withLock { $0.drawing -= 1 } }

  /// Waits until nothing is drawn that goes first, or patience ends.
  func wait() {
    let start = ContinuousClock.now
    while true {
      let isDrawing = state.withLock { $0.drawing > 0 && .now < $0.end }
      guard isDrawing, .now < start + Self.patience else { return }
      usleep(1000)
    }
  }
}
