/// How good samples are: figures, each with its interval and beside the same figure of real data.
public struct Quality: Codable, Sendable {
  /// A value and, where there is one, the interval that holds 95 % of bootstrap replicates.
  public struct Value: Codable, Sendable, Equatable {
    /// The figure itself.
    public let value: Double
    /// The lower end of the interval; nil without replicates.
    public let low: Double?
    /// The upper end of the interval; nil without replicates.
    public let high: Double?

    init(_ value: Double, _ interval: ClosedRange<Double>?) {
      (self.value, low, high) = (value, interval?.lowerBound, interval?.upperBound)
    }
  }

  /// One metric of the samples.
  public struct Figure: Codable, Sendable, Equatable {
    /// What it is.
    public let metric: QualityMetric
    /// Which values are good.
    public let better: QualityMetric.Direction
    /// What it is of the samples.
    public let samples: Value
    /// The same of real samples that were held out; nil where it was not asked for.
    public let yardstick: Value?
  }

  /// How often a class occurs.
  public struct ClassShare: Codable, Sendable, Equatable {
    /// The class.
    public let name: String
    /// The part of the samples in it, by the classifier.
    public let samples: Double
    /// The part of the real data in it, by the same classifier.
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
    /// The part of held-out samples that are nearer to the training set than this.
    public let heldOutNearer: Double
  }

  /// The data set that the samples are compared with.
  public let data: String
  /// What made the features, such as "own features of digits14".
  ///
  /// Figures of other features cannot be compared.
  public let features: String
  /// The number of samples judged.
  public let count: Int
  /// The number of real samples they are compared with.
  public let referenceCount: Int
  /// The number of real samples that the yardstick is of.
  public let yardstickCount: Int
  /// The number of training samples that the nearest ones are looked for among.
  public let trainingCount: Int
  /// What was asked for and can be told of such samples, in the order of ``QualityMetric``.
  public let figures: [Figure]
  /// How often each class occurs; empty without a classifier.
  public let classShares: [ClassShare]
  /// The samples that are nearest to training samples, the nearest first; empty where no distances were asked for.
  public let nearestPairs: [Pair]
  /// The samples' numbers, the most typical first, by their realism score; empty where no neighbours were asked for.
  public let typicalOrder: [Int]
  /// What keeps figures from being trusted, in sentences.
  public let warnings: [String]

  /// The figure of a metric, or nil.
  public subscript(metric: QualityMetric) -> Figure? { figures.first { $0.metric == metric } }
}
