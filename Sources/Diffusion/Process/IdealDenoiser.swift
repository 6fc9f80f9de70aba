internal import CKernels
internal import Platform

/// The ideal denoiser of a finite data set: the minimiser of the expected training loss.
///
/// x̂_0 is the mean of the data weighted by softmax(−‖x − α·d‖²/2σ²). It needs no training, can
/// only reproduce its data, and its expected loss is a lower bound on any network's expected training loss.
///
/// Source: Karras et al. 2022, appendix B.3, extended by the scale α.
public struct IdealDenoiser: Denoiser, Sendable {
  private let data: DataRows
  /// ½‖d‖² of each sample.
  private let halfSquares: [Double]
  /// The norm of the largest sample.
  private let radius: Double
  /// The shape of the data; its batch is the number of samples.
  public let shape: Shape

  /// The ideal denoiser of samples in (batch, height, width, channels) order, at least one.
  public init(_ data: [Float], _ shape: Shape) {
    precondition(
      data.count == shape.count, "\(shape) holds \(shape.count) numbers, got \(data.count)")
    self.init(.floats(data), shape)
  }

  private init(_ data: DataRows, _ shape: Shape) {
    precondition(shape.batch > 0, "an ideal denoiser needs at least one sample")
    self.data = data
    self.shape = shape
    let size = shape.sampleCount
    var halfSquares: [Double] = []
    halfSquares.reserveCapacity(shape.batch)
    data.forEachBlock(of: 0..<shape.batch, size: size) { block, rows in
      for place in block.indices {
        halfSquares.append(
          ck_sum_squares(rows + (place - block.lowerBound) * size, size) / 2)
      }
    }
    self.halfSquares = halfSquares
    radius = (2 * (halfSquares.max() ?? 0)).squareRoot()
  }

  /// The ideal denoiser of the samples of a data set, which it stores as floats.
  public init(_ dataset: Dataset) {
    self.init(
      dataset.values(at: Array(0..<dataset.count)), dataset.shape.with(batch: dataset.count))
  }

  /// The same, of the samples at `indices`, in that order, or of all; it reads them from the data set in
  /// blocks, which takes some more time and no memory.
  init(reading dataset: Dataset, at indices: [Int]? = nil) {
    self.init(
      .dataset(dataset, indices), dataset.shape.with(batch: indices?.count ?? dataset.count))
  }

  public func predict(_ query: Query) -> Prediction {
    let prediction = Prediction(like: query.x)
    estimate(query.x, query.levels, into: prediction.x0)
    // ε̂ = (x − α·x̂_0)/σ
    prediction.deriveEpsilon(at: query)
    return prediction
  }

  /// How many samples go through the data together, so that a block of it is read from memory once for
  /// all of them.
  private static func group(_ batch: Int) -> Int { min(16, max(1, batch / 8)) }

  /// Writes x̂_0 of each sample at its own level.
  private func estimate(_ x: Tensor, _ levels: [NoiseLevel], into x0: Tensor) {
    precondition(
      x.shape.with(batch: 0) == shape.with(batch: 0), "data is \(shape), samples are \(x.shape)")
    let (size, batch) = (shape.sampleCount, x.shape.batch)
    let (input, output) = (x.pointer, x0.pointer)
    let group = Self.group(batch)
    parallelTasks((batch + group - 1) / group) { task in
      let samples = task * group..<min((task + 1) * group, batch)
      for sample in samples {
        // x/α, kept where the answer will be; nothing of it where no signal is left.
        let alpha = levels[sample].alpha
        ck_combine(
          output + sample * size, Float(alpha > 0 ? 1 / alpha : 0), input + sample * size, 0,
          input + sample * size, size)
      }
      average(Array(levels[samples]), output + samples.lowerBound * size)
    }
  }
}

// MARK: - The mean

extension IdealDenoiser {
  /// Replaces x/α of some samples, one a level, by the mean of the data in `rows`, or of all, weighted
  /// for each of them.
  ///
  /// One thread does it. Memory beyond the data is a number for each row and sample, and a block.
  func average(
    _ levels: [NoiseLevel], among rows: Range<Int>? = nil,
    _ samples: UnsafeMutablePointer<Float>
  ) {
    let rows = rows ?? 0..<shape.batch
    let (size, count) = (shape.sampleCount, rows.count)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: count * levels.count) { all in
      let weights = levels.indices.map { sample in
        UnsafeMutableBufferPointer(rebasing: all[sample * count..<(sample + 1) * count])
      }
      rank(levels, rows, samples, into: weights)
      for (sample, level) in levels.enumerated() {
        refine(weights[sample], level, rows, samples + sample * size)
        softmax(weights[sample])
      }
      samples.update(repeating: 0, count: levels.count * size)
      sum(weights, rows, into: samples)
    }
  }

  /// −‖x − α·d‖²/2σ² = −‖x/α − d‖²/2(σ/α)² is this times the squared distance; where no signal is left
  /// every sample is as likely.
  private static func scale(_ level: NoiseLevel) -> Double {
    level.alpha > 0 ? min(1 / (2 * level.sigmaOverAlpha * level.sigmaOverAlpha), 1e30) : 0
  }

  /// Writes the logarithm of each weight but for a number that is the same for all, in float32:
  /// ‖y − d‖² = ‖y‖² − 2(y·d − ½‖d‖²).
  private func rank(
    _ levels: [NoiseLevel], _ rows: Range<Int>, _ samples: UnsafePointer<Float>,
    into weights: [UnsafeMutableBufferPointer<Double>]
  ) {
    let size = shape.sampleCount
    forEachBlock(of: rows, levels.count) { block, data, products in
      BLAS.multiply(
        Matrix(samples, stride: size), Matrix(data, stride: size).transposed, into: products,
        stride: block.count, m: levels.count, n: block.count, k: size)
      for (sample, level) in levels.enumerated() {
        let (scale, products) = (2 * Self.scale(level), products + sample * block.count)
        for j in block {
          weights[sample][j - rows.lowerBound] =
            scale * (Double(products[j - block.lowerBound]) - halfSquares[j])
        }
      }
    }
  }

  /// Computes the weights that count anew, in float64, where little noise makes small errors of the
  /// distances large.
  private func refine(
    _ weights: UnsafeMutableBufferPointer<Double>, _ level: NoiseLevel, _ rows: Range<Int>,
    _ sample: UnsafePointer<Float>
  ) {
    let (size, scale) = (shape.sampleCount, Self.scale(level))
    // Sums of products in float32 are off by less than this part of the norms.
    let error = 2e-6 * scale * ck_sum_squares(sample, size).squareRoot() * radius
    guard error > 1e-3 else { return }
    let least = (weights.max() ?? 0) - 32 - 2 * error
    for j in rows {
      let place = j - rows.lowerBound
      guard weights[place] >= least else {
        weights[place] = -.infinity
        continue
      }
      data.forEachBlock(of: j..<j + 1, size: size) { _, row in
        weights[place] = -scale * ck_squared_distance(sample, row, size)
      }
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

  /// Adds the data, weighted for each sample.
  private func sum(
    _ weights: [UnsafeMutableBufferPointer<Double>], _ rows: Range<Int>,
    into means: UnsafeMutablePointer<Float>
  ) {
    let size = shape.sampleCount
    forEachBlock(of: rows, weights.count) { block, data, factors in
      var counted = 0
      for (sample, weights) in weights.enumerated() {
        for j in block {
          // Weights below float32's resolution would not change the sum.
          let weight = weights[j - rows.lowerBound]
          factors[sample * block.count + j - block.lowerBound] = weight > 1e-12 ? Float(weight) : 0
          counted += weight > 1e-12 ? 1 : 0
        }
      }
      // A product of matrices does sixteen times the work in the time of one.
      guard counted * 16 < weights.count * block.count else {
        return BLAS.multiply(
          Matrix(factors, stride: block.count), Matrix(data, stride: size), into: means,
          stride: size, m: weights.count, n: size, k: block.count, beta: 1)
      }
      for sample in weights.indices {
        let mean = means + sample * size
        for j in block {
          let place = j - block.lowerBound
          let factor = factors[sample * block.count + place]
          if factor > 0 { ck_combine(mean, 1, mean, factor, data + place * size, size) }
        }
      }
    }
  }

  /// Goes through rows of the data in blocks, with memory for a number for each row of the block and each
  /// sample.
  private func forEachBlock(
    of rows: Range<Int>, _ samples: Int,
    _ body: (Range<Int>, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
  ) {
    let length = DataRows.blockLength(of: rows, size: shape.sampleCount)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: length * samples) { scratch in
      guard let scratch = scratch.baseAddress else { return }
      data.forEachBlock(of: rows, size: shape.sampleCount) { body($0, $1, scratch) }
    }
  }
}

// MARK: - What it is for

extension IdealDenoiser {
  /// Writes the samples in some rows into `tensor`, one after the other.
  func copy(_ rows: [Int], to tensor: Tensor) {
    let size = shape.sampleCount
    for (place, row) in rows.enumerated() {
      data.forEachBlock(of: row..<row + 1, size: size) { _, sample in
        (tensor.pointer + place * size).update(from: sample, count: size)
      }
    }
  }

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
    var nearest = [Neighbor](
      repeating: Neighbor(index: 0, distance: .infinity), count: samples.count / size)
    samples.withUnsafeBufferPointer { samples in
      guard let x = samples.baseAddress else { return }
      data.forEachBlock(of: 0..<shape.batch, size: size) { block, rows in
        for sample in nearest.indices {
          for j in block {
            let row = rows + (j - block.lowerBound) * size
            let square = ck_squared_distance(x + sample * size, row, size)
            if square < nearest[sample].distance {
              nearest[sample] = Neighbor(index: j, distance: square)
            }
          }
        }
      }
    }
    return nearest.map { Neighbor(index: $0.index, distance: $0.distance.squareRoot()) }
  }
}
