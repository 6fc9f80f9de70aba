/// Precision, recall, density and coverage: how two sets of features overlap, measured by the balls that
/// reach from each sample to its k-th nearest neighbour in its own set.
///
/// - Precision: the part of the samples inside any ball of the reference. Recall: the part of the reference
///   inside any ball of the samples. (Kynkäänniemi et al. 2019, <https://arxiv.org/abs/1904.06991>)
/// - Density: how many balls of the reference a sample is in, divided by k; 1 where both are of one
///   distribution. Coverage: the part of the reference's balls that hold a sample. (Naeem et al. 2020,
///   <https://arxiv.org/abs/2002.09797>)
struct NeighborOverlap: Sendable {
  /// Which neighbour's distance is a ball's radius.
  static let standardNeighbor = 5

  /// How many of the reference's balls each sample is in.
  let ballsHoldingSample: [Int]
  /// The realism score of each sample: the greatest ratio of a ball's radius to the sample's distance from
  /// its centre, over the half of the reference with the smaller balls; at least 1 for a sample inside one of those.
  ///
  /// Source: Kynkäänniemi et al. 2019, section 5.
  let realism: [Double]
  /// For each sample of the reference, which samples have a ball that holds it.
  private let holders: BitRows
  /// For each sample of the reference, which samples its own ball holds.
  private let held: BitRows
  private let neighbor: Int

  /// - Precondition: both sets have more samples than `neighbor`.
  init(
    of samples: Features, to reference: Features, referenceRadii: [Double]? = nil,
    neighbor: Int = standardNeighbor
  ) {
    self.neighbor = neighbor
    let radii = referenceRadii ?? reference.squaredRadii(neighbor: neighbor)
    let ownRadii = samples.squaredRadii(neighbor: neighbor)
    let median = radii.sorted()[radii.count / 2]
    var counts = [Int](repeating: 0, count: samples.count)
    var realism = [Double](repeating: 0, count: samples.count)
    counts.withUnsafeMutableBufferPointer { counts in
      realism.withUnsafeMutableBufferPointer { realism in
        samples.forEachDistanceBlock(with: reference) { _, block in
          for row in block.rows {
            let line = block[row]
            var best = 0.0
            for i in 0..<block.columns {
              if line[i] <= radii[i] { counts[row] += 1 }
              // The limit keeps the ratio of a copy, whose distance is 0, a number.
              if radii[i] <= median { best = max(best, radii[i] / max(line[i], 1e-12)) }
            }
            realism[row] = best.squareRoot()
          }
        }
      }
    }
    (ballsHoldingSample, self.realism) = (counts, realism)
    var holders = BitRows(reference.count, samples.count)
    var held = BitRows(reference.count, samples.count)
    holders.withRows { holders in
      held.withRows { held in
        reference.forEachDistanceBlock(with: samples) { _, block in
          for row in block.rows {
            let line = block[row]
            for i in 0..<block.columns {
              if line[i] <= ownRadii[i] { holders.set(row, i) }
              if line[i] <= radii[row] { held.set(row, i) }
            }
          }
        }
      }
    }
    (self.holders, self.held) = (holders, held)
  }

  /// Whether each sample counts for precision, as 1 or 0.
  var precisionTerms: [Double] { ballsHoldingSample.map { $0 > 0 ? 1 : 0 } }

  /// What each sample counts for density.
  var densityTerms: [Double] { ballsHoldingSample.map { Double($0) / Double(neighbor) } }

  /// The part of the reference inside any ball of the samples that count, by default of all.
  func recall(_ weights: [Double]? = nil) -> Double { holders.partHit(by: weights) }

  /// The part of the reference's balls that hold a sample that counts, by default any.
  func coverage(_ weights: [Double]? = nil) -> Double { held.partHit(by: weights) }
}

extension Features {
  /// The squared distance of each sample to its `neighbor`-th nearest other sample.
  ///
  /// - Precondition: more samples than `neighbor`.
  func squaredRadii(neighbor: Int) -> [Double] {
    precondition(count > neighbor, "\(count) samples have no neighbour number \(neighbor)")
    var radii = [Double](repeating: 0, count: count)
    radii.withUnsafeMutableBufferPointer { radii in
      forEachDistanceBlock(with: self) { _, block in
        var nearest = [Double](repeating: 0, count: neighbor)
        for row in block.rows {
          let line = block[row]
          for i in 0..<neighbor { nearest[i] = .infinity }
          for column in 0..<block.columns
          where column != row && line[column] < nearest[neighbor - 1] {
            var place = neighbor - 1
            while place > 0, nearest[place - 1] > line[column] {
              nearest[place] = nearest[place - 1]
              place -= 1
            }
            nearest[place] = line[column]
          }
          radii[row] = nearest[neighbor - 1]
        }
      }
    }
    return radii
  }
}

/// Rows of bits: for each of one set, some of another.
struct BitRows: Sendable {
  private let rows: Int
  private let words: Int
  private var bits: [UInt64]

  init(_ rows: Int, _ columns: Int) {
    self.rows = rows
    words = (columns + 63) / 64
    bits = Array(repeating: 0, count: rows * words)
  }

  /// Bits that different rows' tasks may set at the same time.
  struct Access {
    fileprivate let base: UnsafeMutablePointer<UInt64>
    fileprivate let words: Int

    func set(_ row: Int, _ column: Int) { base[row * words + column / 64] |= 1 << (column % 64) }
  }

  mutating func withRows(_ body: (Access) -> Void) {
    let words = words
    bits.withUnsafeMutableBufferPointer { bits in
      if let base = bits.baseAddress { body(Access(base: base, words: words)) }
    }
  }

  /// The part of the rows that have a bit among those whose weight is not 0, or any where there are no weights.
  func partHit(by weights: [Double]?) -> Double {
    var mask = [UInt64](repeating: weights == nil ? .max : 0, count: words)
    for (column, weight) in (weights ?? []).enumerated() where weight > 0 {
      mask[column / 64] |= 1 << (column % 64)
    }
    var hits = 0
    for row in 0..<rows {
      for word in 0..<words where bits[row * words + word] & mask[word] != 0 {
        hits += 1
        break
      }
    }
    return Double(hits) / Double(max(rows, 1))
  }
}
