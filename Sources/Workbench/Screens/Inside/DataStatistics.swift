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

  /// Goes through the data twice.
  init(of dataset: Dataset, session: Int) {
    self.session = session
    let count = Double(dataset.count * dataset.shape.sampleCount)
    var (sum, squares) = (0.0, 0.0)
    var (least, greatest) = (Float.infinity, -Float.infinity)
    for index in 0..<dataset.count {
      for value in dataset.sample(at: index) {
        sum += Double(value)
        squares += Double(value) * Double(value)
        least = min(least, value)
        greatest = max(greatest, value)
      }
    }
    guard least <= greatest else { return }
    mean = sum / count
    standardDeviation = max(squares / count - mean * mean, 0).squareRoot()
    range = Double(least)...Double(greatest)
    let scale = Float(Self.bins) / max(greatest - least, .leastNormalMagnitude)
    for index in 0..<dataset.count {
      for value in dataset.sample(at: index) {
        histogram[min(Int((value - least) * scale), Self.bins - 1)] += 1
      }
    }
    guard let labels = dataset.labels else { return }
    classCounts = Array(repeating: 0, count: dataset.classNames.count)
    for label in labels { classCounts[label] += 1 }
  }
}
