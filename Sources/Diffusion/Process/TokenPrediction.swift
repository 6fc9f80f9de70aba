internal import Platform

extension Prediction {
  /// What logits say of masked tokens: the most likely token of each masked position; the others are as in x.
  ///
  /// - Precondition: `logits` is (B, H, W, V) for x of (B, H, W, 1), whose masked positions have the number V.
  public init(logits: Tensor, at x: Tensor) {
    let vocabulary = logits.shape.channels
    precondition(
      logits.shape.with(channels: 1) == x.shape.with(channels: 1),
      "logits of \(logits.shape) do not fit tokens of \(x.shape)")
    let (tokens, confidence) = (x.copy(), Tensor(x.shape))
    withExtendedLifetime(logits) {
      let (row, token, sure) = (logits.pointer, tokens.pointer, confidence.pointer)
      for i in 0..<x.count {
        guard Int(token[i]) == vocabulary else {
          sure[i] = 1
          continue
        }
        let row = row + i * vocabulary
        let best = (1..<vocabulary).reduce(0) { row[$1] > row[$0] ? $1 : $0 }
        (token[i], sure[i]) = (Float(best), Float(probability(of: best, in: row, vocabulary)))
      }
    }
    self.init(x0: tokens, epsilon: Tensor(x.shape))
    (self.logits, self.confidence) = (logits, confidence)
  }
}

/// softmax(logits)[token].
func probability(of token: Int, in logits: UnsafePointer<Float>, _ count: Int) -> Double {
  var sum = 0.0
  for k in 0..<count { sum += exp(Double(logits[k] - logits[token])) }
  return 1 / sum
}

/// Draws tokens from logits.
struct TokenDraw {
  /// Logits are divided by it; at 0 the most likely token is taken.
  let temperature: Double

  /// The token at which the distribution function passes `u`, from 0 to below 1, and its probability at a
  /// temperature of 1.
  func token(
    _ logits: UnsafePointer<Float>, _ count: Int, _ u: Double
  ) -> (token: Int, probability: Double) {
    let best = (1..<count).reduce(0) { logits[$1] > logits[$0] ? $1 : $0 }
    guard temperature > 0 else { return (best, probability(of: best, in: logits, count)) }
    let weights = (0..<count).map { exp(Double(logits[$0] - logits[best]) / temperature) }
    var rest = u * weights.reduce(0, +)
    var chosen = best
    for (k, weight) in weights.enumerated() where weight > 0 {
      chosen = k
      rest -= weight
      if rest < 0 { break }
    }
    return (chosen, probability(of: chosen, in: logits, count))
  }
}
