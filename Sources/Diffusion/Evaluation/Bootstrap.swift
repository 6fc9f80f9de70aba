/// How far a metric would be off with other samples of the same kind: it is computed anew from
/// samples that are drawn from those at hand, with replacement.
///
/// Only the samples that are judged are drawn anew; what they are compared with stays. Drawing the same
/// sample twice shifts some metrics, so the replicates are centred on the value itself.
///
/// Source: Efron and Tibshirani 1993, percentile intervals.
struct Bootstrap: Sendable {
  /// The number of samples that are drawn from.
  let count: Int
  /// How often they are drawn anew.
  let replicates: Int
  private let seed: UInt64

  /// Draws that start at a seed: the same for every metric.
  init(count: Int, replicates: Int, seed: UInt64 = 0) {
    (self.count, self.replicates, self.seed) = (count, replicates, seed)
  }

  /// How often each sample is drawn in a replicate; their sum is ``count``.
  func weights(_ replicate: Int) -> [Double] {
    var random = Random(seed: seed &+ UInt64(replicate) &* 0x9E37_79B9)
    var weights = [Double](repeating: 0, count: count)
    for _ in 0..<count { weights[Int(random.next32()) % count] += 1 }
    return weights
  }

  /// The interval that holds 95 % of the replicates around `value`; nil where there are too few.
  ///
  /// `statistic` computes the metric from samples that count as often as they are told to; it is called in
  /// parallel.
  func interval(
    around value: Double, _ statistic: (_ weights: [Double]) -> Double
  ) -> ClosedRange<Double>? {
    guard replicates > 1, count > 1 else { return nil }
    let found = [Double](unsafeUninitializedCapacity: replicates) { buffer, filled in
      guard let results = buffer.baseAddress else { return }
      // Each task writes its own element.
      parallelTasks(replicates) { (results + $0).initialize(to: statistic(weights($0))) }
      filled = replicates
    }
    return Self.interval(around: value, found)
  }

  /// The same for a mean of one number a sample.
  func interval(aroundMeanOf terms: [Double]) -> ClosedRange<Double>? {
    let mean = terms.reduce(0, +) / Double(max(terms.count, 1))
    return interval(around: mean) { weights in
      var sum = 0.0
      for i in weights.indices { sum += weights[i] * terms[i] }
      return sum / Double(terms.count)
    }
  }

  /// The interval from replicates that were computed elsewhere; nil where one is not finite.
  static func interval(around value: Double, _ replicates: [Double]) -> ClosedRange<Double>? {
    guard replicates.count > 1, value.isFinite, replicates.allSatisfy(\.isFinite) else {
      return nil
    }
    let mean = replicates.reduce(0, +) / Double(replicates.count)
    let sorted = replicates.sorted()
    func quantile(_ part: Double) -> Double {
      let place = part * Double(sorted.count - 1)
      let below = Int(place)
      let rest = place - Double(below)
      return sorted[below] + rest * (sorted[min(below + 1, sorted.count - 1)] - sorted[below])
    }
    let (low, high) = (value + quantile(0.025) - mean, value + quantile(0.975) - mean)
    return min(low, high)...max(low, high)
  }
}
