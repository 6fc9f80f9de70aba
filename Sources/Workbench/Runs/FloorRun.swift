import Diffusion
import Dispatch
import Synchronization

/// Estimates the memorisation floor on a queue of its own, a little at a time, so that training goes on
/// as fast as before.
final class FloorRun: Sendable {
  private struct State {
    /// Rises with every start and end; what belongs to an earlier number is dropped.
    var number = 0
    /// The estimate that is good enough, until it is taken.
    var settled: MemorizationFloor.Estimate?
  }

  private let queue = DispatchQueue(label: "floor", qos: .utility)
  private let state = Mutex(State())
  private let pace = Pace(rest: FloorRun.rest)
  private let post: @Sendable (MemorizationFloor.Estimate) -> Void

  init(post: @escaping @Sendable (MemorizationFloor.Estimate) -> Void) { self.post = post }

  /// Into how many parts the noise levels are cut.
  static let groups = 32
  /// How much longer it rests than it works while something else wants the processor: one core of two
  /// has a sixteenth less for training.
  private static let rest = 15.0
  /// The standard error, as a part of the floor, at which an estimate is shown and at which it is good
  /// enough, and the rounds that it takes at least.
  private static let precision = (shown: (0.1, rounds: 8), good: (0.02, rounds: 128))
  /// Rounds after which any estimate has to be good enough.
  private static let mostRounds = 4096
  /// Seconds between two estimates that are shown.
  private static let interval = 0.5

  /// Begins with the floor that `make` makes in the background; ends the one before.
  func start(_ make: @escaping @Sendable () -> MemorizationFloor?) {
    let number = next()
    queue.async { [self] in
      guard isWanted(number), var floor = make() else { return }
      work(on: &floor, number)
    }
  }

  /// Ends what is in progress; nothing of it is posted after this.
  func cancel() { _ = next() }

  /// Says whether to rest most of the time.
  func yields(_ yields: Bool) { pace.yields(yields) }

  /// The estimate that is good enough, once; nil until then and after.
  func takeSettled() -> MemorizationFloor.Estimate? {
    state.withLock { state in
      defer { state.settled = nil }
      return state.settled
    }
  }

  private func next() -> Int {
    defer { pace.wake() }
    return state.withLock { state in
      state.number += 1
      state.settled = nil
      return state.number
    }
  }

  private func isWanted(_ number: Int) -> Bool { state.withLock { $0.number == number } }

  private func work(on floor: inout MemorizationFloor, _ number: Int) {
    let clock = ContinuousClock()
    var posted: ContinuousClock.Instant?
    while isWanted(number) {
      let start = Pace.processorTime
      floor.refine()
      let now = clock.now
      if let estimate = floor.estimate, Self.reaches(Self.precision.shown, estimate) {
        let isGood = Self.reaches(Self.precision.good, estimate)
        if isGood || posted.map({ (now - $0) / .seconds(1) >= Self.interval }) != false {
          posted = now
          // In the lock, so that nothing is posted after an end.
          state.withLock { state in
            guard state.number == number else { return }
            post(estimate)
            if isGood { state.settled = estimate }
          }
        }
        if isGood { return }
      }
      pace.rest(after: Pace.processorTime - start)
    }
  }

  private static func reaches(
    _ precision: (Double, rounds: Int), _ estimate: MemorizationFloor.Estimate
  ) -> Bool {
    estimate.rounds >= mostRounds
      || estimate.rounds >= precision.rounds
        && estimate.standardError <= precision.0 * estimate.loss
  }
}
