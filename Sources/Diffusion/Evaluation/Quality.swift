/// The quality of samples: metrics, each with its interval and beside the same metric of real data.
public struct Quality: Codable, Sendable {
  /// A value and, where there is one, the interval that holds 95 % of bootstrap replicates.
  public struct Value: Codable, Sendable, Equatable {
    /// The value itself.
    public let value: Double
    /// The lower end of the interval; nil without replicates.
    public let low: Double?
    /// The upper end of the interval; nil without replicates.
    public let high: Double?

    init(_ value: Double, _ interval: ClosedRange<Double>?) {
      (self.value, low, high) = (value, interval?.lowerBound, interval?.upperBound)
    }
  }

  /// One metric of the samples, measured.
  public struct Measurement: Codable, Sendable, Equatable {
    /// The metric.
    public let metric: QualityMetric
    /// Whether lower or higher values are better.
    public let better: QualityMetric.Direction
    /// Its value for the samples.
    public let samples: Value
    /// Its value for held-out real samples; nil where it was not requested.
    public let yardstick: Value?
  }

  /// How often a class occurs.
  public struct ClassShare: Codable, Sendable, Equatable {
    /// The class.
    public let name: String
    /// The fraction of the samples in it, according to the classifier.
    public let samples: Double
    /// The fraction of the real data in it, according to the same classifier.
    public let real: Double
  }

  /// A sample and the training sample nearest to it.
  public struct Pair: Codable, Sendable, Equatable {
    /// The sample's number, from 0.
    public let sample: Int
    /// The training sample's number, from 0.
    public let training: Int
    /// Their Euclidean distance, in units of the data.
    public let distance: Double
    /// The fraction of held-out samples that are closer to the training set than this sample.
    public let heldOutNearer: Double
  }

  /// The data set that the samples are compared with.
  public let data: String
  /// The features used, such as "features of a digits14 classifier".
  ///
  /// Metrics of different features cannot be compared.
  public let features: String
  /// The number of evaluated samples.
  public let count: Int
  /// The number of real samples they are compared with.
  public let referenceCount: Int
  /// The number of real samples in the yardstick.
  public let yardstickCount: Int
  /// The number of training samples searched for the nearest ones.
  public let trainingCount: Int
  /// The requested metrics that apply to such samples, in the order of ``QualityMetric``.
  public let measurements: [Measurement]
  /// How often each class occurs; empty without a classifier.
  public let classShares: [ClassShare]
  /// The samples closest to training samples, the closest first; empty where no distances were requested.
  public let nearestPairs: [Pair]
  /// The samples' indices, the most typical first, by their realism score; empty where no neighbours were
  /// requested.
  public let typicalOrder: [Int]
  /// Reasons not to trust some of the metrics, as sentences.
  public let warnings: [String]

  /// The value of a metric, or nil.
  public subscript(metric: QualityMetric) -> Measurement? {
    measurements.first { $0.metric == metric }
  }
}
