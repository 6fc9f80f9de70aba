/// One state of a trajectory.
public struct Frame: Sendable {
  /// The position in the trajectory: 0 is x_T, ``frameCount`` − 1 is the result.
  public let index: Int
  /// The number of frames of the whole trajectory.
  public let frameCount: Int
  /// The noise level, with its position in the schedule.
  public let step: NoiseStep
  /// The shape of `x` and `x0`.
  public let shape: Shape
  /// The noisy samples x_t, in (batch, height, width, channels) order.
  public internal(set) var x: [Float]
  /// x̂_0, the network's prediction for exactly these x_t, clipped where the trajectory clips; x itself at the
  /// last frame, and that of the frame before where the trajectory goes on to more noise.
  public internal(set) var x0: [Float]
  /// Where samples are tokens, the probability that the denoiser gave to each token of `x0`: of masked ones now, of
  /// those that the sampler revealed when it did, and 1 of those that were given; empty for all others.
  public internal(set) var confidence: [Float] = []
  /// The root of the mean squared change of x since the frame before; 0 at the first.
  public let rmsChange: Double
  /// Whether all values are finite; if not, the rest of the trajectory is useless.
  public let isFinite: Bool
  /// The share of x̂_0's numbers that lay outside the data's range before any clipping, 0 to 1.
  package let outOfRangeFraction: Double
  /// How often noise had been drawn, so that a trajectory can be resumed here with the same noise.
  package let noiseDraws: Int
  /// What the sampler remembered, so that a trajectory can be resumed here as if it had never stopped.
  package internal(set) var history: SamplerHistory

  /// The noisy samples one by one, each in (height, width, channels) order.
  public var samples: [[Float]] { (0..<shape.batch).map { shape.sample($0, of: x) } }

  /// How many numbers it has, with those that are remembered.
  package var numberCount: Int {
    x.count + x0.count + confidence.count + history.estimate.count
      + history.tensors.reduce(0) { $0 + $1.count }
  }

  /// The place in the schedule.
  package var timestep: Double { step.timestep }
  /// The amounts of signal and noise.
  public var level: NoiseLevel { step.level }
  /// Whether this is the result.
  public var isLast: Bool { index == frameCount - 1 }

  /// The frame with other noisy samples, from which a trajectory can be resumed, too.
  ///
  /// What the sampler remembered belongs to the old ones: it stays only where nothing is changed.
  ///
  /// - Precondition: there are as many values as before.
  package func replacing(x values: [Float]) -> Frame {
    precondition(
      values.count == x.count, "\(values.count) values cannot replace \(x.count) of a frame")
    guard values != x else { return self }
    var changed = self
    (changed.x, changed.history) = (values, SamplerHistory())
    return changed
  }

  /// The frame as a sampler sees it that did not take the steps before it; an estimate is the denoiser's and
  /// stays.
  package func forgettingHistory() -> Frame {
    var changed = self
    changed.history = SamplerHistory()
    changed.history.estimate = history.estimate
    return changed
  }
}
