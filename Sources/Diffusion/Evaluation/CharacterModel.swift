internal import Platform

/// An n-gram model of text: how likely a token is after the one or two before it.
///
/// Probabilities of long contexts are mixed with those of shorter ones by the number of different tokens that
/// follow a context (Witten and Bell 1991): p(c | h) = (n(hc) + t(h)·p(c | h′)) / (n(h) + t(h)), down to
/// 1 ÷ vocabulary.
public struct CharacterModel: Sendable {
  /// The number of tokens that are counted together: 1 for single ones, 3 for trigrams.
  public let order: Int
  private let vocabulary: Int
  /// How often a context with its token was seen, by the context's length.
  private var pairs: [[Int: Int]]
  /// How often a context was seen, and how many different tokens followed.
  private var contexts: [[Int: (count: Int, kinds: Int)]]

  /// Counts the text of a data set.
  ///
  /// - Precondition: its samples are text; `order` is 1 to 3.
  public init(_ dataset: Dataset, order: Int) {
    precondition((1...3).contains(order), "contexts have 0 to 2 tokens, order was \(order)")
    guard let text = dataset.text else { preconditionFailure("\(dataset.name) is not text") }
    self.order = order
    vocabulary = text.vocabulary
    pairs = Array(repeating: [:], count: order)
    contexts = Array(repeating: [:], count: order)
    for sequence in dataset.sequences { add(sequence) }
  }

  private mutating func add(_ sequence: some RandomAccessCollection<UInt16>) {
    forEach(in: sequence) { token, keys in
      for (length, key) in keys.enumerated() {
        let pair = key * (vocabulary + 1) + token
        let count = pairs[length][pair, default: 0]
        pairs[length][pair] = count + 1
        let context = contexts[length][key, default: (0, 0)]
        contexts[length][key] = (context.count + 1, context.kinds + (count == 0 ? 1 : 0))
      }
    }
  }

  /// Calls `body` with every token and the contexts before it, the shortest first; before the first token
  /// stands one that occurs nowhere else.
  private func forEach(
    in sequence: some RandomAccessCollection<UInt16>, _ body: (Int, [Int]) -> Void
  ) {
    let base = vocabulary + 1
    var (last, beforeLast) = (vocabulary, vocabulary)
    for token in sequence {
      let keys = [0, last, beforeLast * base + last]
      body(Int(token), Array(keys.prefix(order)))
      (beforeLast, last) = (last, Int(token))
    }
  }

  /// The mean of −log₂ p over the characters of a data set.
  ///
  /// - Precondition: its samples are text of the same alphabet.
  public func bitsPerCharacter(of dataset: Dataset) -> Double {
    bitsPerCharacter(of: dataset.sequences)
  }

  /// The mean of −log₂ p over the characters of texts.
  func bitsPerCharacter(of texts: [ArraySlice<UInt16>]) -> Double {
    var (bits, count) = (0.0, 0)
    for sequence in texts {
      forEach(in: sequence) { token, keys in
        bits -= log2(probability(of: token, keys))
        count += 1
      }
    }
    return bits / Double(max(count, 1))
  }

  private func probability(of token: Int, _ keys: [Int]) -> Double {
    var result = 1 / Double(vocabulary)
    for (length, key) in keys.enumerated() {
      guard let context = contexts[length][key] else { break }
      let seen = Double(pairs[length][key * (vocabulary + 1) + token, default: 0])
      let kinds = Double(context.kinds)
      result = (seen + kinds * result) / (Double(context.count) + kinds)
    }
    return result
  }
}
