internal import Platform

/// exp(E KL(p(y|x) ‖ p(y))): high where a classifier is sure of every sample and every class occurs as
/// often; at most the number of classes.
///
/// Source: Salimans et al. 2016, <https://arxiv.org/abs/1606.03498>; the mean over 10 splits, in a random
/// order that is always the same.
struct InceptionScore: Sendable {
  /// The order in which samples are cut into splits.
  private let order: [Int]
  private let features: Features
  private let splits: Int

  /// The score of samples with probabilities, in `splits` parts.
  ///
  /// - Precondition: the features have classes.
  init(_ features: Features, splits: Int = 10, shuffled: Bool = true) {
    precondition(features.classes > 0, "an inception score needs probabilities of classes")
    self.features = features
    self.splits = max(1, min(splits, features.count))
    var random = Random(seed: 0)
    order = shuffled ? random.permutation(features.count) : Array(0..<features.count)
  }

  /// The mean of the splits' scores, each sample counting as often as `weights` says, or once.
  func callAsFunction(weights: [Double]? = nil) -> Double {
    let scores = (0..<splits).compactMap { split -> Double? in
      score(order[order.count * split / splits..<order.count * (split + 1) / splits], weights)
    }
    return scores.reduce(0, +) / Double(max(scores.count, 1))
  }

  /// The score of some samples; nil where none of them counts.
  private func score(_ samples: ArraySlice<Int>, _ weights: [Double]?) -> Double? {
    let classes = features.classes
    var marginal = [Double](repeating: 0, count: classes)
    var (entropy, total) = (0.0, 0.0)
    for sample in samples {
      let weight = weights?[sample] ?? 1
      if weight == 0 { continue }
      total += weight
      for c in 0..<classes {
        let p = features.probabilities[sample * classes + c]
        marginal[c] += weight * p
        if p > 0 { entropy += weight * p * log(p) }
      }
    }
    guard total > 0 else { return nil }
    let mixed = marginal.reduce(0) { sum, p in p > 0 ? sum + p / total * log(p / total) : sum }
    return exp(entropy / total - mixed)
  }
}
