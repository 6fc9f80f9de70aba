import Diffusion
import Dispatch
import Platform
import Synchronization

/// A request to a sampling run.
struct SamplingRequest: Sendable {
  /// Rises with every request, so that late frames of an older one are recognised and dropped.
  var number: Int
  var model: Model
  var schedule: ScheduleConfiguration
  var sampling: SamplingConfiguration
  /// Whether training waits for them, as they are few and the user's hand moves on.
  var isUrgent = false
  /// What is made of given images; nil for samples from noise.
  var edit: ImageEdit?
  /// The frame after which a trajectory goes on; nil for all of it.
  var resumed: Frame?
}

extension SamplingRequest {
  /// The trajectory that is asked for; one that is resumed begins with the frame it goes on from.
  func trajectory() throws -> Trajectory {
    if let edit {
      let editor = try Editor(model, sampling, along: schedule)
      return try edit.trajectory(by: editor, count: sampling.count, resuming: resumed)
    }
    if let resumed {
      let steps = sampling.makeSteps(try schedule.make())
      guard resumed.shape.batch == sampling.count, resumed.frameCount == steps.count,
        resumed.step == steps[resumed.index]
      else {
        throw ModelError.sampling(
          "the trajectory cannot be resumed there; expected a frame of its own levels")
      }
    }
    return try model.trajectory(sampling, along: schedule, noise: nil, resuming: resumed)
  }
}

/// What a sampling run reports to the rest of the program.
enum SamplingEvent: Sendable {
  /// The next frame of request `number`.
  case frame(number: Int, Frame)
  /// All frames of the request were sent.
  case finished(number: Int)
  /// The request could not be met; the sentence to show.
  case failed(number: Int, String)
}

/// Draws samples on a background queue of its own; a new request ends the one before.
///
/// It works on snapshots of the weights with its own passes and random numbers, so it neither
/// waits for training nor changes its stream. With a pace it takes little time from training: one thread
/// samples and then rests, and new weights wait until the samples of earlier ones are done.
final class SamplingRun: Sendable {
  private struct State {
    /// What comes next; a newer request takes its place.
    var next: SamplingRequest?
    var isCancelled = false
    /// How the samples in progress are drawn.
    var sampling: SamplingConfiguration?
    var schedule: ScheduleConfiguration?
  }

  private let queue: DispatchQueue
  private let state = Mutex(State())
  /// The request that is being met, 0 for none.
  private let wanted = Atomic<Int>(0)
  private let post: @Sendable (SamplingEvent) -> Void
  private let precedence: Precedence
  private let pace: Pace?
  /// Whether frames wait that nobody takes, so that no more should come.
  private let isCrowded: @Sendable () -> Bool

  init(
    name: String, precedence: Precedence = Precedence(), pace: Pace? = nil,
    isCrowded: @escaping @Sendable () -> Bool = { false },
    post: @escaping @Sendable (SamplingEvent) -> Void
  ) {
    queue = DispatchQueue(label: name)
    self.precedence = precedence
    self.pace = pace
    self.isCrowded = isCrowded
    self.post = post
  }

  /// The share of the processors' time for samples that nobody waits for.
  private static let share = 0.08

  /// Begins with `request` as soon as the step in progress is done, or with a pace when it is due.
  func start(_ request: SamplingRequest) {
    if request.isUrgent { precedence.begin() }
    let replaced = state.withLock { state in
      defer { (state.next, state.isCancelled) = (request, false) }
      let isAlike = state.sampling == request.sampling && state.schedule == request.schedule
      if !isAlike { pace?.wake() }
      if !isAlike || pace?.yields != true {
        wanted.store(request.number, ordering: .relaxed)
      }
      return state.next
    }
    if replaced?.isUrgent == true { precedence.end() }
    queue.async { self.workOnNext() }
  }

  /// Ends whatever is in progress.
  func cancel() {
    state.withLock { state in
      state.isCancelled = true
      wanted.store(0, ordering: .relaxed)
    }
    pace?.wake()
  }

  private func workOnNext() {
    let taken = state.withLock { state in
      defer { state.next = nil }
      if let next = state.next {
        (state.sampling, state.schedule) = (next.sampling, next.schedule)
        wanted.store(state.isCancelled ? 0 : next.number, ordering: .relaxed)
      }
      return state.next
    }
    guard let request = taken else { return }
    defer { if request.isUrgent { precedence.end() } }
    guard let pace, pace.yields else { return work(on: request) }
    let (start, wakes) = (Pace.processorTime, pace.wakes)
    Parallel.onThisThread { work(on: request) }
    pace.setRest(Pace.rest(forShare: Self.share, of: Parallel.threads))
    pace.rest(after: Pace.processorTime - start, unlessWokenSince: wakes)
  }

  /// Waits until nothing is in progress; returns whether that is so at the deadline.
  func waitUntilDone(_ deadline: DispatchTime) -> Bool {
    let end = DispatchSemaphore(value: 0)
    queue.async { end.signal() }
    return end.wait(timeout: deadline) == .success
  }

  private func work(on request: SamplingRequest) {
    do {
      guard isWanted(request) else { throw Cancelled() }
      try MemoryNeed.checkSampling(
        request.model, request.model.format.shape, request.sampling,
        along: request.schedule.make(),
        differentiates: request.model.network.enlargement == 0
          && request.edit?.differentiates == true)
      for frame in try request.trajectory() {
        while isWanted(request), isCrowded() { usleep(20_000) }
        guard isWanted(request) else { throw Cancelled() }
        post(.frame(number: request.number, frame))
      }
      post(.finished(number: request.number))
    } catch {
      // A newer request needs no word about the one before.
      if error is Cancelled, wanted.load(ordering: .relaxed) != 0 { return }
      post(.failed(number: request.number, "\(error)"))
    }
  }

  private struct Cancelled: Error, CustomStringConvertible {
    let description = "sampling was stopped; change a setting to sample again"
  }

  private func isWanted(_ request: SamplingRequest) -> Bool {
    guard wanted.load(ordering: .relaxed) == request.number else { return false }
    // Newer weights wait only as long as training goes on.
    guard let pace, !pace.yields else { return true }
    return state.withLock { $0.next == nil }
  }
}
