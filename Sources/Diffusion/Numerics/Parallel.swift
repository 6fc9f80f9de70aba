internal import CSignalStack
internal import Dispatch
internal import Synchronization

/// The number of threads that computation may use.
public enum Parallel {
  private static let limit = Atomic<Int>(0)

  /// The number of workers, at least 1; by default the number of cores.
  ///
  /// Results do not depend on it: work is divided by shape, never by the number of workers.
  public static var threads: Int {
    get {
      let chosen = limit.load(ordering: .relaxed)
      return chosen > 0 ? chosen : processors
    }
    set {
      precondition(newValue >= 1, "at least one thread is needed, got \(newValue)")
      limit.store(newValue, ordering: .relaxed)
    }
  }

  /// How many processors the program may run on.
  package static let processors = availableProcessors()

  /// How many workers the calling task has, whatever ``threads`` says; nil for as many.
  @TaskLocal static var ownWorkers: Int?

  /// Does all of `body` on the calling thread: work that is to take little of the machine's time, and whose
  /// time can then be told by that of the thread.
  package static func onThisThread<Result>(_ body: () throws -> Result) rethrows -> Result {
    try $ownWorkers.withValue(1, operation: body)
  }
}

/// How many workers share some tasks: read once, so that as many use scratch memory as it was made
/// for.
struct Workers {
  private let tasks: Int
  /// At least 1.
  let count: Int

  init(for tasks: Int) {
    self.tasks = tasks
    count = max(1, min(Parallel.ownWorkers ?? Parallel.threads, tasks))
  }

  /// Runs `body` once for every task.
  ///
  /// `worker`, below ``count``, tells which scratch memory the call may use. The rule for callers:
  /// write only what belongs to your task, or to your worker. Every thread that works has a signal
  /// stack from then on, so that a fault handler also runs after a stack overflow here.
  func run(_ body: (_ task: Int, _ worker: Int) -> Void) {
    css_use_signal_stack()
    guard count > 1 else {
      for task in 0..<tasks { body(task, 0) }
      return
    }
    let nextTask = Atomic<Int>(0)
    // Both ways return only when every call has, so `body` outlives all its calls, and tasks are handed
    // out once each, so no two calls write the same memory.
    nonisolated(unsafe) let body = body
    @Sendable func work(_ worker: Int) {
      while true {
        let task = nextTask.wrappingAdd(1, ordering: .relaxed).oldValue
        guard task < tasks else { return }
        body(task, worker)
      }
    }
    // More threads than processors would keep one another waiting.
    if count <= Parallel.processors, WorkerPool.shared.run(count, work) { return }
    DispatchQueue.concurrentPerform(iterations: count) { worker in
      css_use_signal_stack()
      work(worker)
    }
  }
}

/// Runs `body` once for every task in 0..<count, on up to ``Parallel/threads`` workers.
///
/// The rule for callers: write only what belongs to your task. Tasks that need scratch memory get
/// it from ``Pass/parallelTasks(_:scratch:_:)``.
func parallelTasks(_ count: Int, _ body: (_ task: Int) -> Void) {
  Workers(for: count).run { task, _ in body(task) }
}

/// Runs `body` over disjoint ranges that together are 0..<count, each of about `grain` or more.
///
/// The cut depends on `count` and `grain` alone. The rule for callers: write only inside the range.
func parallelFor(_ count: Int, grain: Int, _ body: (Range<Int>) -> Void) {
  let ranges = max(1, min(32, count / max(grain, 1)))
  parallelTasks(ranges) { index in
    body(count * index / ranges..<count * (index + 1) / ranges)
  }
}

/// Writes values in parallel: divides them into parts of about `grain` or more, and calls `body` once
/// for each with the index of its first value and the part itself.
///
/// The division depends only on the count and `grain`, so results do not depend on
/// ``Parallel/threads``.
public func parallelFor(
  _ numbers: inout MutableSpan<Float>, grain: Int,
  _ body: (_ start: Int, _ part: inout MutableSpan<Float>) -> Void
) {
  numbers.withUnsafeMutableBufferPointer { all in
    guard let base = all.baseAddress else { return }
    parallelFor(all.count, grain: grain) { range in
      // The ranges are disjoint, so no other call has any of these numbers.
      var part = UnsafeMutableBufferPointer(start: base + range.lowerBound, count: range.count)
        .mutableSpan
      body(range.lowerBound, &part)
    }
  }
}

/// Writes rows of values in parallel: divides them into rows of `length`, and calls `body` once for
/// each with the row's index and the row itself.
///
/// - Precondition: the values are a whole number of rows.
public func parallelFor(
  _ numbers: inout MutableSpan<Float>, rows length: Int,
  _ body: (_ row: Int, _ numbers: inout MutableSpan<Float>) -> Void
) {
  let rows = rowCount(numbers.count, length)
  numbers.withUnsafeMutableBufferPointer { all in
    guard let base = all.baseAddress else { return }
    parallelFor(rows, grain: max(1, elementwiseGrain / length)) { range in
      for row in range {
        // The rows are disjoint, so no other call has any of these numbers.
        var numbers = UnsafeMutableBufferPointer(start: base + row * length, count: length)
          .mutableSpan
        body(row, &numbers)
      }
    }
  }
}

/// How many rows of `length` numbers there are in `count`.
func rowCount(_ count: Int, _ length: Int) -> Int {
  precondition(
    length > 0 && count.isMultiple(of: length),
    "\(count) values are not a whole number of rows of \(length)")
  return count / length
}
