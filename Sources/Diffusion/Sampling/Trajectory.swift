internal import CKernels

/// The path x_T … x_0: one reverse step per `next()`.
///
/// The first frame is the start itself. Every frame shows what the network makes of it; the step
/// that follows uses that same answer, so the network is asked once a step (of these samplers).
///
/// A trajectory belongs to one queue and is used up by iterating over it.
public final class Trajectory: Sequence, IteratorProtocol {
  /// The path; frame k is at `steps[k]`.
  public let steps: [NoiseStep]
  private var sampler: any Sampler
  private let denoiser: MemorizingDenoiser
  private var noise: NoiseSource
  private let dataRange: ClosedRange<Float>
  private let x: Tensor
  private var position: Int
  private let first: Int
  private var previous: Tensor?

  /// A path along `steps` with all parts given, which begins with `x` at `steps[first]`.
  public init(
    _ steps: [NoiseStep], from x: Tensor, first: Int = 0, sampler: any Sampler,
    denoiser: any Denoiser, noise: NoiseSource, dataRange: ClosedRange<Float> = -1...1
  ) {
    precondition(
      steps.indices.contains(first), "a path of \(steps.count) levels cannot begin at \(first)")
    self.steps = steps
    self.x = x.copy()
    self.first = first
    self.position = first
    self.sampler = sampler
    self.denoiser = MemorizingDenoiser(denoiser)
    self.noise = noise
    self.dataRange = dataRange
  }

  /// The path that `configuration` describes, for samples of this shape.
  ///
  /// `sample` has batch 1. A path that does not begin at pure noise needs `x`, the numbers of
  /// `configuration.count` samples at that level; with `draws` of the frame they come from, it goes
  /// on exactly as the path of that frame did.
  public convenience init(
    _ configuration: SamplingConfiguration, schedule: Schedule, sample: Shape,
    dataRange: ClosedRange<Float>, denoiser: any Denoiser, from x: [Float]? = nil, draws: Int = 1
  ) {
    let steps = configuration.makeSteps(schedule)
    let shape = sample.with(batch: configuration.count)
    var noise = NoiseSource(seed: configuration.seed, samples: 0..<configuration.count)
    let first = Swift.min(Swift.max(configuration.first, 0), steps.count - 1)
    let start: Tensor
    if let x {
      noise.skip(draws, shape)
      start = Tensor(shape, x)
    } else {
      precondition(first == 0, "a path that begins at step \(first) needs its x")
      start = noise.start(shape, at: steps[0].level)
    }
    self.init(
      steps, from: start, first: first,
      sampler: configuration.makeSampler(dataRange: dataRange), denoiser: denoiser, noise: noise,
      dataRange: dataRange)
  }

  public func next() -> Frame? {
    guard position < steps.count else { return nil }
    if position > first {
      sampler.step(
        x, from: steps[position - 1], to: steps[position], denoiser: denoiser, noise: &noise)
    }
    let isLast = position == steps.count - 1
    let x0 = isLast ? x : denoiser.prepare(x, at: steps[position])
    defer {
      position += 1
      let previous = self.previous ?? Tensor(x.shape)
      previous.assign(x)
      self.previous = previous
    }
    return frame(x0)
  }

  private func frame(_ x0: Tensor) -> Frame {
    let count = Double(Swift.max(x.count, 1))
    let change = previous.map { ck_squared_distance($0.pointer, x.pointer, x.count) } ?? 0
    let numbers = x0.values
    let outside = numbers.reduce(into: 0) { if !dataRange.contains($1) { $0 += 1 } }
    return Frame(
      index: position, total: steps.count, step: steps[position], shape: x.shape, x: x.values,
      x0: numbers, change: (change / count).squareRoot(),
      isFinite: x.norm.isFinite && x0.norm.isFinite, outside: Double(outside) / count,
      draws: noise.draws)
  }
}

/// Asks a denoiser ahead of the sampler, and hands the answer over when the sampler asks the same.
private final class MemorizingDenoiser: Denoiser {
  private let denoiser: any Denoiser
  private var waiting: (step: NoiseStep, prediction: Prediction)?

  init(_ denoiser: any Denoiser) { self.denoiser = denoiser }

  /// x̂_0 at `x`, which the sampler is about to step from.
  func prepare(_ x: Tensor, at step: NoiseStep) -> Tensor {
    let prediction = denoiser.predict(x, at: step)
    waiting = (step, prediction)
    return prediction.x0
  }

  func predict(_ x: Tensor, at step: NoiseStep) -> Prediction {
    defer { waiting = nil }
    // A sampler that raises the noise or steps twice asks at other levels, or again.
    if let waiting, waiting.step == step { return waiting.prediction }
    return denoiser.predict(x, at: step)
  }
}
