import Diffusion

/// Tells how good samples are, always beside the same real data.
struct QualityJudge: Sendable {
  let reference: QualityReference
  /// The metric by which entries are compared.
  let metric: QualityMetric
  private let yardstick: QualityReference.Yardstick
  private let samples: Int

  /// A judge of `samples` samples at a time; `metric` is the requested one, or nil.
  init(_ reference: QualityReference, metric: QualityMetric?, samples: Int) throws {
    (self.reference, self.samples) = (reference, samples)
    let all = reference.metrics
    let standard: QualityMetric =
      all.contains(.slicedWasserstein) ? .slicedWasserstein : .frechetDistance
    self.metric = metric ?? standard
    guard all.contains(self.metric) else {
      throw ComparisonError(
        "\(self.metric.rawValue) cannot be measured for \(reference.data.source.name); expected one of "
          + all.map(\.rawValue).joined(separator: ", "))
    }
    yardstick = reference.yardstick(count: samples)
  }

  /// What its metrics mean.
  var note: ComparisonReport.QualityNote {
    ComparisonReport.QualityNote(
      metric: metric, features: reference.extractor.label, samples: samples,
      referenceSamples: reference.data.reference.count, yardstick: yardstick[metric],
      yardstickSamples: yardstick.count)
  }

  /// All metrics of samples, or only the one that entries are compared by.
  func quality(of samples: Dataset, allFigures: Bool) throws -> Quality {
    try reference.quality(
      of: samples, yardstick: yardstick, metrics: allFigures ? nil : [metric])
  }
}
