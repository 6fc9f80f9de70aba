/// Turns samples into features.
public enum FeatureExtractor: Sendable {
  /// The last layer of a classifier that was trained on the data set.
  case classifier(FeatureClassifier)
  /// The samples' values themselves: points, or pixels.
  case plain(label: String)
  /// The log spectrum of signals.
  case logSpectrum

  /// The label of all metrics computed from these features: "features of a digits14 classifier", "points",
  /// "pixels", "log spectrum".
  public var label: String {
    switch self {
    case .classifier(let classifier): classifier.label
    case .plain(let label): label
    case .logSpectrum: "log spectrum"
    }
  }

  /// The extractor for samples of a format that needs no training; nil for images and sound, which need a trained
  /// classifier, and for text, which has no features.
  public static func untrained(for format: SampleFormat) -> FeatureExtractor? {
    switch format.kind {
    case .signal where format.sound != nil: nil
    case .points: .plain(label: "points")
    case .signal: .logSpectrum
    case .image, .text: nil
    }
  }

  /// The features of all samples of a set, which has the shape that the extractor was made for.
  public func features(of samples: Dataset) -> Features {
    switch self {
    case .classifier(let classifier): classifier.features(of: samples)
    case .plain(let label): samples.plainFeatures(Array(0..<samples.count), label: label)
    case .logSpectrum: LogSpectrum.features(of: samples)
    }
  }
}

/// The parts into which a data set is split for evaluation, each a third where a classifier is trained.
///
/// A classifier remembers what it was trained on: those samples would look more typical than any other.
/// So neither the reference nor the yardstick samples were used to train it.
public struct DataParts: Sendable, Hashable {
  /// The samples the classifier is trained on; empty without one.
  public let classifier: [Int]
  /// The samples that others are compared with.
  public let reference: [Int]
  /// Real samples that are evaluated like generated ones: the yardstick.
  public let yardstick: [Int]

  /// The parts of a set of `count` samples: halves, or thirds with one for a classifier.
  ///
  /// The same for every set of the same size.
  public init(count: Int, withClassifier: Bool) {
    var random = Random(seed: 0x5EED)
    let order = random.permutation(count)
    let first = withClassifier ? count / 3 : 0
    let second = first + (count - first) / 2
    classifier = order[..<first].sorted()
    // In the order drawn, so that the first of them are a fair sample of all.
    reference = Array(order[first..<second])
    yardstick = Array(order[second...])
  }
}
