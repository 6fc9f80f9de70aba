/// The metrics of sample quality.
public enum QualityMetric: String, CaseIterable, Codable, Sendable {
  /// The Fréchet distance of features.
  case frechetDistance = "frechet_distance"
  /// The kernel inception distance: the unbiased squared MMD of features with the cubic kernel.
  case kid
  /// The Inception Score by the data's own classifier.
  case inceptionScore = "inception_score"
  /// The fraction of the samples that lie among the real ones.
  case precision
  /// The fraction of the real samples that lie among the samples.
  case recall
  /// How densely real samples lie around the samples; about 1 for equal distributions.
  case density
  /// The fraction of the real samples that have a sample near them.
  case coverage
  /// The fraction of the samples in over-represented classes.
  case classImbalance = "class_imbalance"
  /// The sliced Wasserstein distance of points.
  case slicedWasserstein = "sliced_wasserstein"
  /// The squared maximum mean discrepancy of points, with a Gaussian kernel.
  case mmd
  /// The median distance to the nearest training sample.
  case nearestTraining = "nearest_training_distance"
  /// The fraction of the samples that are closer to a training sample than 99 % of held-out samples.
  case nearShare = "near_training_share"

  /// Which values are better.
  public enum Direction: String, Codable, Sendable {
    /// Lower values.
    case lower
    /// Higher values.
    case higher
    /// Values close to the yardstick.
    case yardstick
  }

  /// Which values are better.
  public var better: Direction {
    switch self {
    case .frechetDistance, .kid, .classImbalance, .slicedWasserstein, .mmd: .lower
    case .inceptionScore, .precision, .recall, .density, .coverage: .higher
    case .nearestTraining, .nearShare: .yardstick
    }
  }

  /// The name in tables and figures.
  public var title: String {
    switch self {
    case .frechetDistance: "Fréchet distance"
    case .kid: "KID"
    case .inceptionScore: "Inception Score"
    case .precision: "precision"
    case .recall: "recall"
    case .density: "density"
    case .coverage: "coverage"
    case .classImbalance: "class imbalance"
    case .slicedWasserstein: "sliced Wasserstein"
    case .mmd: "MMD²"
    case .nearestTraining: "nearest training sample"
    case .nearShare: "nearer than 99 % of held-out samples"
    }
  }

  /// Between which values it lies, by its definition.
  var bounds: ClosedRange<Double> {
    switch self {
    case .precision, .recall, .coverage, .classImbalance, .nearShare: 0...1
    case .frechetDistance, .density, .slicedWasserstein, .nearestTraining: 0...(.infinity)
    case .inceptionScore: 1...(.infinity)
    // Without bias, they are as often below 0 as above where distributions are equal.
    case .kid, .mmd: -.infinity...(.infinity)
    }
  }

  /// The fewest samples on either side that give a value to be trusted.
  func fewest(dimensions: Int, classes: Int) -> Int {
    switch self {
    case .frechetDistance: max(10 * dimensions, 100)
    case .kid, .nearestTraining: 100
    case .inceptionScore: 1000
    case .precision, .recall, .density, .coverage: 500
    case .classImbalance: 20 * max(classes, 1)
    case .slicedWasserstein, .mmd: 200
    case .nearShare: 300
    }
  }

  /// The metrics there are for samples of a kind with such features.
  static func applicable(to kind: Dataset.Kind, classes: Int) -> [QualityMetric] {
    allCases.filter { metric in
      switch metric {
      case .inceptionScore, .classImbalance: classes > 1
      case .slicedWasserstein, .mmd: kind == .points
      default: true
      }
    }
  }
}
