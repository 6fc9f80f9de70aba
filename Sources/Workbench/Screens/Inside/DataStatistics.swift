import Diffusion

/// What can be said of a data set as a whole.
struct DataStatistics: Sendable, Equatable {
  /// Whose data it is.
  let session: Int
  private(set) var mean = 0.0
  private(set) var standardDeviation = 0.0
  private(set) var range: ClosedRange<Double> = 0...0
  /// How many samples each class has; empty without classes.
  private(set) var classCounts: [Int] = []
  /// How many values lie in each of ``bins`` equal parts of ``range``.
  private(set) var histogram: [Int] = Array(repeating: 0, count: bins)

  /// ``mean``, or 0 where only rounding keeps it from that.
  var shownMean: Double { abs(mean) < 1e-9 * standardDeviation ? 0 : mean }

  static let bins = 32

  /// Goes through the data twice; values that are not finite do not count.
  init(of dataset: Dataset, session: Int) {
    self.session = session
    var count = 0.0
    var (sum, squares) = (0.0, 0.0)
    var (least, greatest) = (Float.infinity, -Float.infinity)
    Self.forEachSample(of: dataset) { sample in
      for value in sample where value.isFinite {
        count += 1
        sum += Double(value)
        squares += Double(value) * Double(value)
        least = min(least, value)
        greatest = max(greatest, value)
      }
    }
    countClasses(of: dataset)
    guard least <= greatest else { return }
    mean = sum / count
    standardDeviation = max(squares / count - mean * mean, 0).squareRoot()
    range = Double(least)...Double(greatest)
    let span = range.upperBound - range.lowerBound
    Self.forEachSample(of: dataset) { sample in
      for value in sample where value.isFinite {
        let place = span > 0 ? (Double(value) - range.lowerBound) / span : 0
        histogram[min(Int(place * Double(Self.bins)), Self.bins - 1)] += 1
      }
    }
  }

  /// All samples; of masked text, whose samples overlap, each part once.
  private static func forEachSample(of dataset: Dataset, _ body: ([Float]) -> Void) {
    guard dataset.maskedText != nil else {
      for index in 0..<dataset.count { body(dataset.sample(at: index)) }
      return
    }
    for sequence in dataset.sequences { body(sequence.map { Float($0) }) }
  }

  private mutating func countClasses(of dataset: Dataset) {
    guard let labels = dataset.labels else { return }
    classCounts = Array(repeating: 0, count: dataset.classNames.count)
    for label in labels { classCounts[label] += 1 }
  }
}
