/// How often each class occurs among samples, by the classes that a classifier finds.
struct ClassBalance: Sendable {
  /// The part of the reference in each class, by the same classifier: its errors are on both sides.
  let reference: [Double]

  /// - Precondition: the features have classes.
  init(to reference: Features) {
    self.reference = Self.shares(reference.predictedClasses, classes: reference.classes)
  }

  /// The part of samples in each class.
  static func shares(_ labels: [Int], weights: [Double]? = nil, classes: Int) -> [Double] {
    var sums = [Double](repeating: 0, count: classes)
    for (sample, label) in labels.enumerated() { sums[label] += weights?[sample] ?? 1 }
    let total = sums.reduce(0, +)
    return sums.map { $0 / max(total, .leastNormalMagnitude) }
  }

  /// The part of the samples that would have to be of another class for the reference's balance: half the sum of
  /// the differences (total variation), from 0 to 1.
  func imbalance(_ labels: [Int], weights: [Double]? = nil) -> Double {
    let shares = Self.shares(labels, weights: weights, classes: reference.count)
    return zip(shares, reference).reduce(0) { $0 + abs($1.0 - $1.1) } / 2
  }
}
