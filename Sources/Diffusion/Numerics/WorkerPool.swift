internal import CKernels
internal import CSignalStack
internal import Dispatch
internal import Synchronization

/// Threads that take part in the loops of whoever has them, one at a time.
///
/// A step of training has hundreds of parallel loops, a few microseconds apart: threads that slept in between
/// would take longer to wake than many a loop takes. So they wait actively for a moment before they sleep. Who
/// finds the pool taken, as a second run does, uses `concurrentPerform`.
final class WorkerPool: Sendable {
  static let shared = WorkerPool()

  private let isTaken = Atomic<Bool>(false)
  private let helpers = Mutex<[Helper]>([])

  /// Calls `body` with numbers below `count`, each at most once and on its own thread, unless somebody else
  /// has the threads.
  ///
  /// Number 0 is the calling thread. Those that have not begun when it is done are left out: by then there is
  /// nothing left to do.
  ///
  /// - Returns: whether the threads were free.
  func run(_ count: Int, _ body: (_ worker: Int) -> Void) -> Bool {
    guard isTaken.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
    else { return false }
    defer { isTaken.store(false, ordering: .releasing) }
    let helpers = helpers(count - 1)
    withoutActuallyEscaping(body) { body in
      for (index, helper) in helpers.enumerated() { helper.post(index + 1, body) }
      body(0)
      for helper in helpers { helper.settle() }
    }
    return true
  }

  private func helpers(_ count: Int) -> ArraySlice<Helper> {
    helpers.withLock { helpers in
      while helpers.count < count { helpers.append(Helper(helpers.count)) }
      return helpers[..<count]
    }
  }
}

/// One thread of the pool.
private final class Helper: Sendable {
  private enum State {
    static let idle = 0
    static let posted = 1
    static let running = 2
  }

  private let state = Atomic<Int>(State.idle)
  private let isAsleep = Atomic<Bool>(false)
  private let alarm = DispatchSemaphore(value: 0)
  /// What is to be done.
  ///
  /// Written by the caller while the state is idle, and read by the thread after it has taken the state from
  /// posted to running, so never by both at once.
  nonisolated(unsafe) private var task: (worker: Int, body: (Int) -> Void)?

  /// How often it looks for work before it sleeps, some 50 µs.
  private static let patience = 2_000

  init(_ number: Int) {
    DispatchQueue(label: "worker \(number)", qos: .userInitiated).async { self.live() }
  }

  /// Hands over work; only while there is none.
  func post(_ worker: Int, _ body: @escaping (Int) -> Void) {
    task = (worker, body)
    state.store(State.posted, ordering: .sequentiallyConsistent)
    if isAsleep.exchange(false, ordering: .sequentiallyConsistent) { alarm.signal() }
  }

  /// Takes work back that has not begun, or waits for its end.
  func settle() {
    let taken = state.compareExchange(
      expected: State.posted, desired: State.idle, ordering: .acquiringAndReleasing)
    var looks = 0
    while !taken.exchanged, state.load(ordering: .acquiring) != State.idle {
      looks += 1
      // The thread may have lost its processor to another program.
      if looks < Self.patience { ck_pause() } else { ck_yield() }
    }
    task = nil
  }

  private func live() -> Never {
    css_use_signal_stack()
    while true {
      waitForWork()
      let taken = state.compareExchange(
        expected: State.posted, desired: State.running, ordering: .acquiringAndReleasing)
      guard taken.exchanged else { continue }
      work()
      state.store(State.idle, ordering: .releasing)
    }
  }

  /// A function of its own, so that the closure is let go before the caller learns that it is done.
  @inline(never) private func work() {
    if let task { task.body(task.worker) }
  }

  private func waitForWork() {
    for _ in 0..<Self.patience {
      if state.load(ordering: .relaxed) == State.posted { return }
      ck_pause()
    }
    isAsleep.store(true, ordering: .sequentiallyConsistent)
    if state.load(ordering: .sequentiallyConsistent) == State.posted,
      isAsleep.exchange(false, ordering: .sequentiallyConsistent)
    {
      return
    }
    alarm.wait()
  }
}
