internal import Platform

/// Samples with fixed noise, for evaluating denoisers: every one gets the same input, whatever
/// its schedule and whatever it predicts.
package struct NoisedSamples: Sendable {
  /// The samples, one after another in (height, width, channels) order.
  package let clean: [Float]
  /// Standard normal numbers, as many.
  private let noise: [Float]
  /// The shape of all samples.
  package let shape: Shape

  /// Samples of a data set with noise from a seed; each sample's own depends on its place alone.
  ///
  /// - Precondition: at least one index, all of the data set's.
  package init(_ dataset: Dataset, at indices: [Int], seed: UInt64) {
    precondition(!indices.isEmpty, "noised samples need at least one")
    shape = dataset.shape.with(batch: indices.count)
    clean = dataset.values(at: indices)
    var source = NoiseSource(seed: seed, samples: 0..<indices.count)
    noise = source.draw(shape).values
  }

  /// `count` samples of a data set, or all it has if they are fewer, evenly spaced, so that one that is sorted by
  /// class gives all of them.
  package init(_ dataset: Dataset, count: Int, seed: UInt64) {
    let count = min(count, dataset.count)
    self.init(dataset, at: (0..<count).map { $0 * dataset.count / count }, seed: seed)
  }

  /// x_0 + σ·ε, the samples with noise of this deviation.
  package func noisy(_ deviation: Double) -> [Float] {
    zip(clean, noise).map { $0 + Float(deviation) * $1 }
  }

  /// x̂_0 of α·x_0 + σ·ε, for all samples.
  package func estimates(by denoiser: any Denoiser, at step: NoiseStep) -> [Float] {
    batches(at: step.level) { denoiser.predict(Query($0, at: step)).x0.values }
  }

  /// Where a deterministic reverse trajectory from α·x_0 + σ·ε ends, for all samples: DDIM in `count` steps from
  /// `step` down to the schedule's lowest level, by the same factor of σ/α each, then clean.
  package func endOfTrajectory(
    by denoiser: any Denoiser, along schedule: Schedule, from step: NoiseStep, steps count: Int
  ) -> [Float] {
    let top = step.level.sigmaOverAlpha
    let lowest = schedule.levels.lazy.map(\.sigmaOverAlpha).first { $0 > 0 } ?? top
    let factor = pow(min(lowest, top) / top, 1 / Double(max(count - 1, 1)))
    let below = (1..<max(count, 1)).map { number in
      schedule.step(sigmaOverAlpha: top * pow(factor, Double(number)))
    }
    let levels = [step] + below + [.clean]
    return batches(at: step.level) { x in
      Trajectory(
        levels, from: x, sampler: DDIM(steps: count), denoiser: denoiser,
        noise: NoiseSource(recorded: [])
      ).finish().x
    }
  }

  /// The answers to all samples with the noise of a level, some at a time.
  private func batches(at level: NoiseLevel, _ answer: (Tensor) -> [Float]) -> [Float] {
    let size = shape.sampleCount
    var result: [Float] = []
    result.reserveCapacity(clean.count)
    for start in stride(from: 0, to: shape.batch, by: Self.batch) {
      let places = start * size..<min(start + Self.batch, shape.batch) * size
      let batch = shape.with(batch: places.count / size)
      let x = Tensor(batch, Array(clean[places]))
      x.assign(Float(level.alpha), x, plus: Float(level.sigma), Tensor(batch, Array(noise[places])))
      result += answer(x)
    }
    return result
  }

  /// Samples that go through a denoiser together.
  private static let batch = 64

  /// The mean squared difference between x̂_0 and x_0, over all numbers of all samples.
  package func error(of denoiser: any Denoiser, at step: NoiseStep) -> Double {
    let sum = zip(estimates(by: denoiser, at: step), clean).reduce(0.0) { sum, pair in
      let difference = Double(pair.0 - pair.1)
      return sum + difference * difference
    }
    return sum / Double(clean.count)
  }
}
