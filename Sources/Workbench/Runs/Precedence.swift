import Platform
import Synchronization

/// Lets samples that the user is waiting for go first: while they are drawn, training begins no step.
///
/// Both use every core, so a step and a few small samples together take longer than one after the other.
final class Precedence: Sendable {
  private let drawing = Atomic<Int>(0)

  /// Milliseconds for which training waits before a step at most, so that large networks train on.
  private static let patience = 100

  func begin() { drawing.add(1, ordering: .relaxed) }

  func end() { drawing.subtract(1, ordering: .relaxed) }

  /// Waits until nothing is drawn that goes first, or patience ends.
  func wait() {
    for _ in 0..<Self.patience where drawing.load(ordering: .relaxed) > 0 { usleep(1000) }
  }
}
