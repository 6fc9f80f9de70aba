internal import Platform

/// How samples of text compare with real text: by a trigram model of the training data, and by their words.
public struct TextQuality: Sendable, Hashable {
  /// A figure of the samples beside that of as many held-out samples.
  public struct Figure: Sendable, Hashable {
    /// Of the samples.
    public let samples: Double
    /// Of batches of held-out samples, as many in each: the mean.
    public let heldOut: Double
    /// The range in which 95 % of these batches lie.
    public let range: ClosedRange<Double>
  }

  /// The number of samples.
  public let count: Int
  /// The perplexity per character, 2 to the power of −log₂ p averaged over the characters, by a trigram model
  /// of the training data.
  public let perplexity: Figure
  /// The fraction of words that do not occur in the training data.
  public let newWords: Figure
  /// The fraction of the samples that are different from all before them.
  public let distinct: Figure

  /// How many batches of held-out samples are drawn.
  private static let batches = 200

  /// Compares samples with held-out ones.
  ///
  /// - Parameters:
  ///   - samples: the samples.
  ///   - training: the data that gives the trigram model and the known words.
  ///   - heldOut: real samples that are not in it.
  /// - Precondition: all are text of the same format, and none is empty.
  public init(_ samples: Dataset, training: Dataset, heldOut: Dataset) {
    let model = CharacterModel(training, order: 3)
    let known = Set(training.words)
    count = samples.count
    func figures(_ dataset: Dataset) -> [Double] {
      let words = dataset.words
      let isNew = words.count { !known.contains($0) }
      let texts = Set(dataset.sampleSequences)
      return [
        exp2(model.bitsPerCharacter(of: dataset.sampleSequences)),
        Double(isNew) / Double(max(words.count, 1)), Double(texts.count) / Double(dataset.count),
      ]
    }
    let own = figures(samples)
    var random = Random(seed: 0)
    let batches = (0..<Self.batches).map { _ in
      figures(heldOut.select(random.integers(below: heldOut.count, count: samples.count)))
    }
    func figure(_ index: Int) -> Figure {
      let values = batches.map { $0[index] }.sorted()
      let cut = values.count / 40
      return Figure(
        samples: own[index], heldOut: values.reduce(0, +) / Double(values.count),
        range: values[cut]...values[values.count - 1 - cut])
    }
    (perplexity, newWords, distinct) = (figure(0), figure(1), figure(2))
  }
}

extension Dataset {
  /// The words of all samples: what stands between spaces and line ends.
  ///
  /// - Precondition: the samples are text.
  fileprivate var words: [Substring] {
    guard let text else { preconditionFailure("\(name) is not text") }
    return (0..<count).flatMap { text.text(self[$0]).split(whereSeparator: \.isWhitespace) }
  }
}
