internal import CKernels
internal import Platform

/// The exact denoiser of a finite data set: the best answer any network could learn.
///
/// x̂_0 is the mean of the data weighted by softmax(−‖x − α·d‖²/2σ²). It needs no training, can
/// only reproduce the data it was given, and its expected loss is the floor under any training
/// loss.
///
/// Source: Karras et al. 2022, appendix B.3; with scale α.
public struct IdealDenoiser: Denoiser, Sendable {
  private let data: [Float]
  /// The shape of the data, batch being the number of samples.
  public let shape: Shape

  /// Takes samples in (batch, height, width, channels) order, at least one.
  public init(_ data: [Float], _ shape: Shape) {
    precondition(
      data.count == shape.count, "\(shape) holds \(shape.count) numbers, got \(data.count)")
    precondition(shape.batch > 0, "an ideal denoiser needs at least one sample")
    self.data = data
    self.shape = shape
  }

  public func predict(_ query: Query) -> Prediction {
    let prediction = Prediction(like: query.x)
    estimate(query.x, query.levels, into: prediction.x0)
    // ε̂ = (x − α·x̂_0)/σ
    prediction.epsilon.assign(
      query.x, prediction.x0,
      samples: query.levels.map { (1 / $0.sigma, -$0.alpha / $0.sigma) })
    return prediction
  }

  /// How many samples go through the data together, so that a block of it is read from memory once for
  /// all of them.
  private static func group(_ batch: Int) -> Int { min(16, max(1, batch / 8)) }

  /// How many samples of the data fit into a processor's cache beside those.
  private var block: Int { max(1, 131_072 / max(shape.sampleCount, 1)) }

  /// Writes x̂_0 of each sample at its own level.
  ///
  /// Memory beyond the data is a number for each of its samples and each of a group.
  private func estimate(_ x: Tensor, _ levels: [NoiseLevel], into x0: Tensor) {
    precondition(
      x.shape.with(batch: 0) == shape.with(batch: 0), "data is \(shape), samples are \(x.shape)")
    let (size, batch) = (shape.sampleCount, x.shape.batch)
    let (input, output) = (x.pointer, x0.pointer)
    let group = Self.group(batch)
    data.withUnsafeBufferPointer { data in
      guard let data = data.baseAddress else { return }
      parallelTasks((batch + group - 1) / group) { task in
        let samples = task * group..<min((task + 1) * group, batch)
        for sample in samples {
          // x/α, kept where the answer will be; nothing of it where no signal is left.
          let alpha = levels[sample].alpha
          ck_combine(
            output + sample * size, Float(alpha > 0 ? 1 / alpha : 0), input + sample * size, 0,
            input + sample * size, size)
        }
        average(data, levels, samples, output)
      }
    }
  }

  /// Replaces x/α of some samples by the mean of the data, weighted for each of them.
  private func average(
    _ data: UnsafePointer<Float>, _ levels: [NoiseLevel], _ samples: Range<Int>,
    _ output: UnsafeMutablePointer<Float>
  ) {
    let (size, count) = (shape.sampleCount, shape.batch)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: count * samples.count) { weights in
      forEachBlock(samples) { sample, row, block in
        // ‖x − α·d‖²/2σ² = ‖x/α − d‖²/2(σ/α)²; where no signal is left every sample is as likely.
        let level = levels[sample]
        let scale = level.alpha > 0 ? -1 / (2 * level.sigmaOverAlpha * level.sigmaOverAlpha) : 0
        for j in block {
          weights[row * count + j] =
            scale * ck_squared_distance(output + sample * size, data + j * size, size)
        }
      }
      for (row, sample) in samples.enumerated() {
        softmax(UnsafeMutableBufferPointer(rebasing: weights[row * count..<(row + 1) * count]))
        (output + sample * size).update(repeating: 0, count: size)
      }
      forEachBlock(samples) { sample, row, block in
        let mean = output + sample * size
        // Weights below float32's resolution would not change the sum.
        for j in block where weights[row * count + j] > 1e-12 {
          ck_combine(mean, 1, mean, Float(weights[row * count + j]), data + j * size, size)
        }
      }
    }
  }

  /// Goes through the data block by block, and in each through some samples with their numbers.
  private func forEachBlock(_ samples: Range<Int>, _ body: (Int, Int, Range<Int>) -> Void) {
    for start in stride(from: 0, to: shape.batch, by: block) {
      let block = start..<min(start + block, shape.batch)
      for (row, sample) in samples.enumerated() { body(sample, row, block) }
    }
  }

  private func softmax(_ weights: UnsafeMutableBufferPointer<Double>) {
    let top = weights.max() ?? 0
    var sum = 0.0
    for j in weights.indices {
      weights[j] = exp(weights[j] - top)
      sum += weights[j]
    }
    for j in weights.indices { weights[j] /= sum }
  }
}

// MARK: - What it is for

extension IdealDenoiser {
  /// A sample of the data and how far it is.
  package struct Neighbor: Sendable, Equatable {
    package let index: Int
    /// The Euclidean distance, in units of the data.
    package let distance: Double
  }

  /// The nearest sample of the data to each of `samples`, which follow each other.
  package func nearest(to samples: [Float]) -> [Neighbor] {
    let size = shape.sampleCount
    precondition(
      samples.count.isMultiple(of: size), "samples have \(size) numbers each, got \(samples.count)")
    return samples.withUnsafeBufferPointer { samples in
      data.withUnsafeBufferPointer { data in
        guard let x = samples.baseAddress, let d = data.baseAddress else { return [] }
        return (0..<samples.count / size).map { sample in
          var best = Neighbor(index: 0, distance: .infinity)
          for j in 0..<shape.batch {
            let square = ck_squared_distance(x + sample * size, d + j * size, size)
            if square < best.distance { best = Neighbor(index: j, distance: square) }
          }
          return Neighbor(index: best.index, distance: best.distance.squareRoot())
        }
      }
    }
  }

  /// The mean squared error per number of the best possible network, estimated by sampling.
  ///
  /// No network can have a lower expected training loss on this data when all `levels` are as likely.
  /// Noise is drawn `draws` times at each. `weights` say what the loss at each level is multiplied by;
  /// empty for 1.
  package func expectedLoss(
    over levels: [NoiseLevel], weights: [Double] = [], draws: Int,
    predicting parameterization: Parameterization = .epsilon, using random: inout Random
  ) -> Double {
    precondition(!levels.isEmpty && draws > 0, "an expectation needs at least one level and draw")
    precondition(
      weights.isEmpty || weights.count == levels.count, "each level has a weight, or none has")
    // Levels share batches, so that every processor has samples to work on.
    let each = levels.flatMap { Array(repeating: $0, count: draws) }
    let size = shape.sampleCount
    var sum = 0.0
    for start in stride(from: 0, to: each.count, by: 256) {
      let levels = Array(each[start..<min(start + 256, each.count)])
      let batch = shape.with(batch: levels.count)
      let (x0, epsilon, x, estimate) = (Tensor(batch), Tensor(batch), Tensor(batch), Tensor(batch))
      let chosen = random.integers(below: shape.batch, count: levels.count)
      x0.assign(chosen.flatMap { data[$0 * size..<($0 + 1) * size] })
      random.fillNormal(epsilon)
      x.assignNoisy(x0: x0, epsilon: epsilon, levels: levels)
      self.estimate(x, levels, into: estimate)
      for (sample, level) in levels.enumerated() {
        // At a given x the errors are proportional, α·Δx_0 = −σ·Δε, so the target's error is too.
        let (a, b) = parameterization.weights(at: level)
        let factor = a - b * level.alpha / level.sigma
        let offset = sample * size
        let weight = weights.isEmpty ? 1 : weights[(start + sample) / draws]
        sum +=
          weight * factor * factor
          * ck_squared_distance(estimate.pointer + offset, x0.pointer + offset, size)
      }
    }
    return sum / Double(each.count * size)
  }
}
