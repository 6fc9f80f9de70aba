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
/// waits for training nor changes its stream.
final class SamplingRun: Sendable {
  private let queue: DispatchQueue
  private let newest = Atomic<Int>(0)
  private let post: @Sendable (SamplingEvent) -> Void
  private let precedence: Precedence
  /// Whether frames wait that nobody takes, so that no more should come.
  private let isCrowded: @Sendable () -> Bool

  init(
    name: String, precedence: Precedence = Precedence(),
    isCrowded: @escaping @Sendable () -> Bool = { false },
    post: @escaping @Sendable (SamplingEvent) -> Void
  ) {
    queue = DispatchQueue(label: name)
    self.precedence = precedence
    self.isCrowded = isCrowded
    self.post = post
  }

  /// Begins with `request` as soon as the step in progress is done.
  func start(_ request: SamplingRequest) {
    newest.store(request.number, ordering: .relaxed)
    if request.isUrgent { precedence.begin() }
    queue.async {
      self.work(on: request)
      if request.isUrgent { self.precedence.end() }
    }
  }

  /// Ends whatever is in progress.
  func cancel() { newest.store(0, ordering: .relaxed) }

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
      if error is Cancelled, newest.load(ordering: .relaxed) != 0 { return }
      post(.failed(number: request.number, "\(error)"))
    }
  }

  private struct Cancelled: Error, CustomStringConvertible {
    let description = "sampling was stopped; change a setting to sample again"
  }

  private func isWanted(_ request: SamplingRequest) -> Bool {
    newest.load(ordering: .relaxed) == request.number
  }
}
