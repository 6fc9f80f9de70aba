import Dispatch
import Platform
import Synchronization

/// Lets work in the background take only a part of the processors' time while something else wants it: after
/// every piece of work it rests.
final class Pace: Sendable {
  private struct State {
    var yields = false
    /// How much longer it rests than it works.
    var rest: Double
    /// How often it was woken.
    var wakes = 0
  }

  private let state: Mutex<State>
  /// Ends a rest early.
  private let signal = DispatchSemaphore(value: 0)

  /// - Parameter rest: how much longer it rests than it works.
  init(rest: Double) { state = Mutex(State(rest: rest)) }

  /// The rest of one thread that is to take a part of the time of so many.
  static func rest(forShare share: Double, of threads: Int) -> Double {
    max(0, 1 / (share * Double(max(threads, 1))) - 1)
  }

  /// How much longer it rests than it works.
  func setRest(_ rest: Double) { state.withLock { $0.rest = rest } }

  /// Whether it rests at all.
  var yields: Bool { state.withLock { $0.yields } }

  /// Says whether to rest at all.
  func yields(_ yields: Bool) {
    state.withLock { $0.yields = yields }
    wake()
  }

  /// Ends a rest.
  func wake() {
    state.withLock { $0.wakes += 1 }
    signal.signal()
  }

  /// How often it was woken, for ``rest(after:unlessWokenSince:)``.
  var wakes: Int { state.withLock { $0.wakes } }

  /// Rests after work that took so many seconds of a processor, unless it was woken since `wakes` was read.
  func rest(after seconds: Double, unlessWokenSince wakes: Int? = nil) {
    // What was signalled before ends no rest.
    if wakes != nil { while signal.wait(timeout: .now()) == .success {} }
    let (yields, rest, now) = state.withLock { ($0.yields, $0.rest, $0.wakes) }
    guard yields, rest > 0, wakes == nil || wakes == now else { return }
    _ = signal.wait(timeout: .now() + seconds * rest)
  }

  /// Seconds that this thread has had a processor.
  static var processorTime: Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
