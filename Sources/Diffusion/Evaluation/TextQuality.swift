internal import Platform

/// How samples of text compare with real text: by a trigram model of the training data, and by their words.
public struct TextQuality: Sendable {
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
  /// The fraction of samples that differ from all others before them, and that of as many held-out samples,
  /// or of all where they are fewer, and then of as many samples.
  public let distinct: (samples: Double, heldOut: Double)

  /// How many batches of held-out samples are drawn, with replacement.
  private static let batches = 200

  /// Compares samples with held-out ones.
  ///
  /// - Parameters:
  ///   - samples: the samples.
  ///   - training: what the trigram model and the known words are of.
  ///   - heldOut: real samples that are not in it.
  /// - Precondition: all are text of the same alphabet, and none is empty.
  public init(_ samples: Dataset, training: Dataset, heldOut: Dataset) {
    let model = CharacterModel(training, order: 3)
    let known = Set(training.sequences.flatMap { training.words(of: $0, isPart: false) })
    count = samples.count
    func perplexity(of dataset: Dataset) -> Double {
      exp2(model.bitsPerCharacter(of: dataset.sampleSequences))
    }
    func newWords(of dataset: Dataset) -> Double {
      let words = dataset.sampleSequences.flatMap { dataset.words(of: $0, isPart: true) }
      return Double(words.count { !known.contains($0) }) / Double(max(words.count, 1))
    }
    var random = Random(seed: 0)
    let batches = (0..<Self.batches).map { _ in
      heldOut.select(random.integers(below: heldOut.count, count: samples.count))
    }
    func figure(_ value: (Dataset) -> Double) -> Figure {
      let values = batches.map(value).sorted()
      let cut = values.count / 40
      return Figure(
        samples: value(samples), heldOut: values.reduce(0, +) / Double(values.count),
        range: values[cut]...values[values.count - 1 - cut])
    }
    self.perplexity = figure(perplexity)
    self.newWords = figure(newWords)
    let few = min(samples.count, heldOut.count)
    let real = heldOut.select(Array(random.permutation(heldOut.count).prefix(few)))
    distinct = (samples.select(Array(0..<few)).distinctShare, real.distinctShare)
  }
}

extension Dataset {
  /// The fraction of samples that differ from all others before them.
  fileprivate var distinctShare: Double { Double(Set(sampleSequences).count) / Double(count) }

  /// The words of a text: what stands between spaces and line ends.
  ///
  /// Where it is part of a running text, its first and its last may be cut and are left out.
  ///
  /// - Precondition: the samples are text.
  fileprivate func words(
    of sequence: ArraySlice<UInt16>, isPart: Bool
  ) -> [ArraySlice<UInt16>] {
    guard let text else { preconditionFailure("\(name) is not text") }
    let spaces = Set(
      text.alphabet.indices.filter {
        Unicode.Scalar(text.alphabet[$0])?.properties.isWhitespace == true
      }.map { UInt16($0) })
    let words = sequence.split(
      omittingEmptySubsequences: false, whereSeparator: { spaces.contains($0) })
    let whole = isPart && !text.isLines ? words.dropFirst().dropLast() : words[...]
    return whole.filter { !$0.isEmpty }
  }
}
