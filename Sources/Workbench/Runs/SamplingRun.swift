import Diffusion
import Dispatch
import Synchronization

/// What a sampling run is asked for.
struct SamplingRequest: Sendable {
  /// Rises with every request, so that late frames of an older one can be told and dropped.
  var number: Int
  var weights: WeightsSnapshot
  var schedule: ScheduleConfiguration
  var sampling: SamplingConfiguration
  /// Noise from a file, which counts more than the seed.
  var noise: NoiseFile?
  /// The classes of the samples, in turn; of any class where empty.
  var labels: [Int] = []
}

/// What a sampling run tells the rest of the program.
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

  init(name: String, post: @escaping @Sendable (SamplingEvent) -> Void) {
    queue = DispatchQueue(label: name)
    self.post = post
  }

  /// Begins with `request` as soon as the step in progress is done.
  func start(_ request: SamplingRequest) {
    newest.store(request.number, ordering: .relaxed)
    queue.async { self.work(on: request) }
  }

  /// Ends whatever is in progress.
  func cancel() { newest.store(0, ordering: .relaxed) }

  private func work(on request: SamplingRequest) {
    guard isWanted(request) else { return }
    do {
      for frame in try request.makeTrajectory() {
        guard isWanted(request) else { return }
        post(.frame(number: request.number, frame))
      }
      post(.finished(number: request.number))
    } catch {
      post(.failed(number: request.number, "\(error)"))
    }
  }

  private func isWanted(_ request: SamplingRequest) -> Bool {
    newest.load(ordering: .relaxed) == request.number
  }
}

extension SamplingRequest {
  /// The path that is asked for, at its start.
  func makeTrajectory() throws -> Trajectory {
    let denoiser = NetworkDenoiser(
      weights.network, weights: weights.average, parameterization: weights.parameterization,
      labels: labels)
    let schedule = try schedule.make()
    if let noise { return try makeTrajectory(from: noise, schedule, denoiser) }
    return Trajectory(
      sampling, schedule: schedule, sample: weights.network.sampleShape,
      dataRange: weights.range, denoiser: denoiser, from: noisedData(schedule))
  }

  private func makeTrajectory(
    from noise: NoiseFile, _ schedule: Schedule, _ denoiser: any Denoiser
  ) throws -> Trajectory {
    let steps = sampling.makeSteps(schedule)
    let draws = sampling.sampler == .ddpm || sampling.eta > 0
    let needed = draws ? steps.dropFirst().count { $0.level.sigma > 0 } : 0
    guard noise.steps.isEmpty || noise.steps.count >= needed else {
      throw RunError.littleNoise(noise.steps.count, needed: needed)
    }
    let shape = weights.network.sampleShape.with(batch: noise.count)
    return Trajectory(
      steps, from: Tensor(shape, noise.start),
      sampler: sampling.makeSampler(dataRange: weights.range), denoiser: denoiser,
      noise: noise.steps.isEmpty
        ? NoiseSource(seed: sampling.seed, samples: 0..<noise.count)
        : NoiseSource(recorded: noise.steps.map { Tensor(shape, $0) }),
      dataRange: weights.range)
  }

  /// Noised samples of the data to begin with where the highest noise leaves the data in plain sight.
  ///
  /// Pure noise is then nothing that the network has ever seen. Nil for all other schedules.
  private func noisedData(_ schedule: Schedule) -> [Float]? {
    let steps = sampling.makeSteps(schedule)
    guard let level = steps.first?.level, level.decibels > 0 else { return nil }
    let dataset = weights.dataset
    let shape = weights.network.sampleShape.with(batch: sampling.count)
    let x = Tensor(shape)
    dataset.fill(x, indices: (0..<sampling.count).map { $0 % dataset.count })
    var noise = NoiseSource(seed: sampling.seed, samples: 0..<sampling.count)
    x.assign(Float(level.alpha), x, plus: Float(level.sigma), noise.draw(shape))
    return x.values
  }
}
