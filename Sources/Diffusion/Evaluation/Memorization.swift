/// How near samples come to what was trained on, against how near real samples do that were not.
///
/// Distances are Euclidean, between the samples themselves, not their features. A network that
/// reproduces its training set is nearer to it than held-out samples are.
///
/// Source: the nearest-neighbour test of Lopez-Paz and Oquab 2017 and Meehan et al. 2020, reduced to
/// its two plainest numbers.
struct Memorization: Sendable {
  /// The training sample that is nearest to a sample.
  struct Nearest: Sendable, Equatable {
    let index: Int
    /// Euclidean, in units of the data.
    let distance: Double
  }

  /// The part of held-out samples that count as suspiciously near: so many are by chance.
  static let nearShare = 0.01

  private let training: Dataset
  /// The distances of held-out samples, in rising order.
  let heldOut: [Double]
  /// Where ``nearShare`` of the held-out samples are nearer.
  let limit: Double
  /// Whether ``heldOut`` are training samples and their nearest others, as nothing was held out.
  let leavesOneOut: Bool

  /// The most held-out samples whose distances are computed.
  private static let most = 2000

  /// - Parameters:
  ///   - training: what was trained on, at least two samples.
  ///   - heldOut: real samples that were not; nil where there are none: then training samples are
  ///     compared with the others.
  init(training: Dataset, heldOut: Dataset?) {
    self.training = training
    var random = Random(seed: 0)
    func some(_ set: Dataset) -> [Int] { Array(random.permutation(set.count).prefix(Self.most)) }
    let found: [Nearest]
    if let heldOut, heldOut.count > 1 {
      leavesOneOut = false
      found = Self.nearest(in: training, to: heldOut.plainFeatures(some(heldOut)))
    } else {
      leavesOneOut = true
      let chosen = some(training)
      found = Self.nearest(in: training, to: training.plainFeatures(chosen), leavingOut: chosen)
    }
    self.heldOut = found.map(\.distance).sorted()
    limit = self.heldOut[Int(Double(self.heldOut.count) * Self.nearShare)]
  }

  /// The nearest training sample of each sample.
  func nearest(to samples: Dataset) -> [Nearest] {
    Self.nearest(in: training, to: samples.plainFeatures(Array(0..<samples.count)))
  }

  /// The median of distances, each counting as often as `weights` says, or once; `order` has their
  /// indices in rising order of distance.
  static func median(_ distances: [Double], order: [Int], weights: [Double]? = nil) -> Double {
    var rest = (weights?.reduce(0, +) ?? Double(distances.count)) / 2
    for index in order {
      rest -= weights?[index] ?? 1
      if rest < 0 { return distances[index] }
    }
    return order.last.map { distances[$0] } ?? .nan
  }

  /// Goes through the training set block by block; `leavingOut` is for each sample the one that does not count.
  private static func nearest(
    in training: Dataset, to samples: Features, leavingOut: [Int]? = nil
  ) -> [Nearest] {
    // About 16 MiB of numbers at a time.
    let length = max(1, 1 << 21 / training.shape.sampleCount)
    var best = [Nearest](
      repeating: Nearest(index: 0, distance: .infinity), count: samples.count)
    for start in stride(from: 0, to: training.count, by: length) {
      let rows = start..<min(start + length, training.count)
      let block = training.plainFeatures(Array(rows))
      best.withUnsafeMutableBufferPointer { best in
        samples.forEachDistanceBlock(with: block) { _, products in
          for row in products.rows {
            let line = products[row]
            for column in 0..<products.columns where line[column] < best[row].distance {
              if start + column == leavingOut?[row] { continue }
              best[row] = Nearest(index: start + column, distance: line[column])
            }
          }
        }
      }
    }
    // Anew from the differences: products of large numbers leave something where copies have nothing.
    return best.enumerated().map { row, found in
      let sample = samples.values[row * samples.dimensions..<(row + 1) * samples.dimensions]
      let square = zip(sample, training.sample(at: found.index)).reduce(0) {
        $0 + ($1.0 - Double($1.1)) * ($1.0 - Double($1.1))
      }
      return Nearest(index: found.index, distance: square.squareRoot())
    }
  }
}

extension Dataset {
  /// The numbers of the samples at `indices` themselves as features.
  func plainFeatures(_ indices: [Int], label: String = "") -> Features {
    Features(
      values(at: indices).map { Double($0) }, dimensions: shape.sampleCount, label: label)
  }
}
