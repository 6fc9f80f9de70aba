internal import Platform

/// The squared maximum mean discrepancy of two sets of features, without bias: the mean of a kernel over
/// pairs within each set less twice that over pairs between them.
///
/// Without bias means that pairs of a sample with itself do not count, so that values around 0, also
/// below, are those of equal distributions.
///
/// Source: Gretton et al. 2012; with the kernel (x·y/d + 1)³ the kernel inception distance (KID) of
/// Bińkowski et al. 2018, <https://arxiv.org/abs/1801.01401>.
struct KernelDistance: Sendable {
  /// What is averaged over pairs.
  enum Kernel: Sendable, Equatable {
    /// (x·y/d + 1)³, d being the number of features.
    case cubic
    /// exp(−‖x − y‖²/2b²).
    case gaussian(bandwidth: Double)
  }

  let kernel: Kernel
  private let reference: Features
  /// Σ over pairs of different samples of the reference, divided by their number.
  private let within: Double

  /// The distance to a set of at least two samples.
  init(_ kernel: Kernel, to reference: Features) {
    self.kernel = kernel
    self.reference = reference
    let pairs = Double(reference.count) * Double(reference.count - 1)
    let ones = DenseMatrix(reference.count, 1, Array(repeating: 1, count: reference.count))
    within = Self.sum(kernel, reference, weights: ones)[0] / pairs
  }

  /// The kernel whose bandwidth is the median distance between samples of a set, of which the first
  /// thousand count.
  static func gaussian(medianOf features: Features) -> Kernel {
    let some = features.prefix(1000)
    var distances: [Double] = []
    distances.reserveCapacity(some.count * (some.count - 1) / 2)
    let squares = some.squares
    var all = DenseMatrix(some.count, some.count)
    BLAS.multiply(
      some.values, some.values, into: &all.values, m: some.count, n: some.count,
      k: some.dimensions, transposingB: true)
    for i in 0..<some.count {
      for j in 0..<i {
        distances.append(max(squares[i] + squares[j] - 2 * all.values[i * some.count + j], 0))
      }
    }
    distances.sort()
    let median = distances.isEmpty ? 0 : distances[distances.count / 2].squareRoot()
    return .gaussian(bandwidth: median > 0 ? median : 1)
  }

  /// The distance of a set of at least two samples, then that of each replicate.
  func callAsFunction(
    _ features: Features, _ bootstrap: Bootstrap? = nil
  ) -> (value: Double, replicates: [Double]) {
    let (n, m) = (features.count, reference.count)
    let columns = 1 + (bootstrap?.replicates ?? 0)
    // n × columns: each sample's weight, in the first column 1.
    var weights = DenseMatrix(n, columns)
    for column in 0..<columns {
      let drawn = column == 0 ? nil : bootstrap?.weights(column - 1)
      for sample in 0..<n { weights.values[sample * columns + column] = drawn?[sample] ?? 1 }
    }
    let inside = Self.sum(kernel, features, weights: weights)
    let between = Self.rowSums(kernel, features, reference)
    let results = (0..<columns).map { column -> Double in
      var (across, squares) = (0.0, 0.0)
      for sample in 0..<n {
        let weight = weights.values[sample * columns + column]
        across += weight * between[sample]
        squares += weight * weight
      }
      // Pairs of one sample drawn twice are pairs of a sample with itself.
      let pairs = Double(n) * Double(n) - squares
      return inside[column] / pairs + within - 2 * across / (Double(n) * Double(m))
    }
    return (results[0], Array(results.dropFirst()))
  }

  // MARK: - Sums over pairs

  /// Σ over pairs i ≠ j of wᵢ·wⱼ·k(xᵢ, xⱼ), for each column of weights.
  private static func sum(_ kernel: Kernel, _ x: Features, weights: DenseMatrix) -> [Double] {
    let columns = weights.columns
    var sums = DenseMatrix(x.blockCount(with: x), columns)
    sums.values.withUnsafeMutableBufferPointer { sums in
      forEachBlock(kernel, x, x) { number, block in
        for row in block.rows { block[row][row] = 0 }
        var weighted = DenseMatrix(block.rows.count, columns)
        BLAS.multiply(
          block.values, weights.values, into: &weighted.values, m: block.rows.count, n: columns,
          k: x.count)
        for row in block.rows {
          for column in 0..<columns {
            sums[number * columns + column] +=
              weights.values[row * columns + column]
              * weighted.values[(row - block.rows.lowerBound) * columns + column]
          }
        }
      }
    }
    return (0..<columns).map { column in
      (0..<sums.rows).reduce(0) { $0 + sums.values[$1 * columns + column] }
    }
  }

  /// Σ over j of k(xᵢ, yⱼ), for each i.
  private static func rowSums(_ kernel: Kernel, _ x: Features, _ y: Features) -> [Double] {
    var sums = [Double](repeating: 0, count: x.count)
    sums.withUnsafeMutableBufferPointer { sums in
      forEachBlock(kernel, x, y) { _, block in
        for row in block.rows {
          let line = block[row]
          var sum = 0.0
          for column in 0..<block.columns { sum += line[column] }
          sums[row] = sum
        }
      }
    }
    return sums
  }

  /// Blocks of k(x, y) over all pairs.
  private static func forEachBlock(
    _ kernel: Kernel, _ x: Features, _ y: Features, _ body: (Int, ProductBlock) -> Void
  ) {
    switch kernel {
    case .cubic:
      let scale = 1 / Double(x.dimensions)
      x.forEachBlock(with: y) { number, block in
        for i in 0..<block.rows.count * block.columns {
          let value = block.values[i] * scale + 1
          block.values[i] = value * value * value
        }
        body(number, block)
      }
    case .gaussian(let bandwidth):
      let scale = -1 / (2 * bandwidth * bandwidth)
      x.forEachDistanceBlock(with: y) { number, block in
        for i in 0..<block.rows.count * block.columns {
          block.values[i] = exp(scale * block.values[i])
        }
        body(number, block)
      }
    }
  }
}
