import Diffusion

/// How good the samples of a run were after a step.
struct QualityRecord: Sendable, Equatable, Codable {
  /// What they were judged by.
  var metric: QualityMetric
  /// What the features are of: values of other features cannot be compared.
  var features: String
  /// The value of samples by the averaged weights.
  var averaged: Quality.Value
  /// The value of samples by the raw weights.
  var raw: Quality.Value
  /// The value of as many real samples that were held out.
  var heldOut: Double
  /// The number of samples of each.
  var count: Int
  /// Seconds of one processor that it took to draw and to judge them.
  var seconds: Double
  /// The part of the processors' time that all evaluations of this process took so far.
  var costShare: Double?
  /// Whether no earlier evaluation of the run was better, so that its checkpoint is kept.
  var isBest: Bool?
}

extension QualityRecord {
  /// Whether values of two records can be compared.
  func isComparable(to other: QualityRecord) -> Bool {
    metric == other.metric && features == other.features && count == other.count
  }

  /// Whether the averaged weights are better than those of another record.
  func isBetter(than other: QualityRecord) -> Bool {
    metric.better == .higher
      ? averaged.value > other.averaged.value : averaged.value < other.averaged.value
  }
}

extension EvaluationConfiguration.Metric {
  /// The figure it is.
  var figure: QualityMetric {
    switch self {
    case .kid: .kid
    case .frechet: .frechetDistance
    case .slicedWasserstein: .slicedWasserstein
    }
  }
}

/// What live evaluation is doing.
enum EvaluationStatus: Sendable, Equatable {
  /// Something that takes a while, in words.
  case working(String)
  /// Nothing until the next evaluation is due.
  case waiting
  /// Why there will be none; the sentence to show.
  case problem(String)
}
