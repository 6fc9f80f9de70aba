/// The features of samples: one vector for each and, from a classifier, the probability of each class.
///
/// All distances between sets of samples are computed from these, and mean nothing without the name of
/// the extractor: ``label``.
public struct Features: Sendable, Equatable {
  /// The number of samples.
  public let count: Int
  /// The number of features per sample.
  public let dimensions: Int
  /// count × dimensions values, sample by sample.
  public let values: [Double]
  /// The number of classes; 0 without a classifier.
  public let classes: Int
  /// count × classes probabilities, sample by sample; empty without a classifier.
  public let probabilities: [Double]
  /// What computed them: "features of a digits14 classifier", "points", "log spectrum".
  public let label: String

  /// Features, sample by sample.
  ///
  /// - Precondition: `values` are a whole number of samples, with as many rows of probabilities if any.
  public init(
    _ values: [Double], dimensions: Int, probabilities: [Double] = [], classes: Int = 0,
    label: String
  ) {
    precondition(
      dimensions > 0 && values.count.isMultiple(of: dimensions),
      "\(values.count) values are not a whole number of samples of \(dimensions)")
    count = values.count / dimensions
    precondition(
      probabilities.count == count * classes,
      "\(probabilities.count) probabilities for \(count) samples of \(classes) classes")
    self.dimensions = dimensions
    self.values = values
    self.classes = classes
    self.probabilities = probabilities
    self.label = label
  }

  /// The features of the first `limit` samples, or of all if there are fewer.
  public func prefix(_ limit: Int) -> Features {
    guard limit < count else { return self }
    return Features(
      Array(values.prefix(limit * dimensions)), dimensions: dimensions,
      probabilities: Array(probabilities.prefix(limit * classes)), classes: classes, label: label)
  }

  /// The most likely class of each sample; empty without a classifier.
  public var predictedClasses: [Int] {
    guard classes > 0 else { return [] }
    return (0..<count).map { sample in
      let row = probabilities[sample * classes..<(sample + 1) * classes]
      return row.indices.max { row[$0] < row[$1] }.map { $0 - row.startIndex } ?? 0
    }
  }

  /// Whether every number is finite.
  public var isFinite: Bool { values.allSatisfy(\.isFinite) }

  /// The mean of each number over all samples.
  var mean: [Double] {
    var sums = [Double](repeating: 0, count: dimensions)
    for sample in 0..<count {
      for i in 0..<dimensions { sums[i] += values[sample * dimensions + i] }
    }
    return sums.map { $0 / Double(max(count, 1)) }
  }

  /// ‖x‖² of each sample.
  var squares: [Double] {
    values.withUnsafeBufferPointer { values in
      (0..<count).map { sample in
        var sum = 0.0
        for i in sample * dimensions..<(sample + 1) * dimensions { sum += values[i] * values[i] }
        return sum
      }
    }
  }
}

// MARK: - All pairs

/// A range of rows of all products of two sets of features, x·y.
struct ProductBlock {
  /// Which samples of the first set.
  let rows: Range<Int>
  /// The number of samples of the second set.
  let columns: Int
  /// rows.count × columns products, to be changed at will.
  let values: UnsafeMutablePointer<Double>

  /// The products of one sample of the first set with all of the second.
  subscript(row: Int) -> UnsafeMutablePointer<Double> {
    values + (row - rows.lowerBound) * columns
  }
}

extension Features {
  /// Rows of products that are computed together: 256 KiB to 4 MiB a worker.
  private static func blockLength(_ columns: Int) -> Int {
    max(1, min(128, 500_000 / max(columns, 1)))
  }

  /// How many blocks ``forEachBlock(with:_:)`` cuts the samples into, for sums by block.
  func blockCount(with other: Features) -> Int {
    let length = Self.blockLength(other.count)
    return (count + length - 1) / length
  }

  /// Calls `body` with the products of all samples with all of another set, some rows at a time, in
  /// parallel; the cut depends on the counts alone.
  ///
  /// The rule for `body`: write only what belongs to the block's rows, or to its number.
  func forEachBlock(with other: Features, _ body: (_ number: Int, ProductBlock) -> Void) {
    precondition(
      dimensions == other.dimensions,
      "features of \(dimensions) numbers are compared with some of \(other.dimensions)")
    let length = Self.blockLength(other.count)
    values.withUnsafeBufferPointer { a in
      other.values.withUnsafeBufferPointer { b in
        guard let a = a.baseAddress, let b = b.baseAddress else { return }
        parallelTasks(blockCount(with: other)) { task in
          let rows = task * length..<min((task + 1) * length, count)
          withUnsafeTemporaryAllocation(of: Double.self, capacity: rows.count * other.count) {
            guard let products = $0.baseAddress else { return }
            BLAS.multiply(
              a + rows.lowerBound * dimensions, b, into: products, m: rows.count,
              n: other.count, k: dimensions, transposingB: true)
            body(task, ProductBlock(rows: rows, columns: other.count, values: products))
          }
        }
      }
    }
  }

  /// The same with squared distances ‖x − y‖², none below 0.
  func forEachDistanceBlock(with other: Features, _ body: (_ number: Int, ProductBlock) -> Void) {
    let (own, others) = (squares, other.squares)
    forEachBlock(with: other) { number, block in
      for row in block.rows {
        let line = block[row]
        for column in 0..<block.columns {
          line[column] = max(own[row] + others[column] - 2 * line[column], 0)
        }
      }
      body(number, block)
    }
  }
}
