/// One vector for each token: the rows of a table, chosen by x, (batch, height, width, 1).
///
/// Parameter `weight` (tokens, channels), initially normal. Tokens are whole numbers, with respect to which
/// nothing is differentiated.
public struct TokenEmbedding: Layer {
  let tokens: Int
  let channels: Int
  let weight: Slot

  /// `tokens` includes the mask.
  public init(_ tokens: Int, _ channels: Int, _ name: String, _ table: inout ParameterTable) {
    self.tokens = tokens
    self.channels = channels
    weight = table.add(name + ".weight", [tokens, channels], .normal(deviation: 1))
  }

  public func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    precondition(x.shape.channels == 1, "tokens have one channel, got \(x.shape)")
    pass.save(x)
    let result = pass.make(x.shape.with(channels: channels))
    let (y, rows) = (result.pointer, pass.weight(weight))
    for position in 0..<x.count {
      (y + position * channels).update(
        from: rows + row(x.pointer[position]) * channels, count: channels)
    }
    return result
  }

  public func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    let saved = pass.restore()
    defer { extendLifetime(saved) }
    if let rows = pass.gradient(weight) {
      for position in 0..<saved.count {
        let (sums, slopes) = (
          rows + row(saved.pointer[position]) * channels, dy.pointer + position * channels
        )
        for c in 0..<channels { sums[c] += slopes[c] }
      }
    }
    return pass.zeros(saved.shape)
  }

  private func row(_ token: Float) -> Int {
    precondition(
      token >= 0 && token < Float(tokens), "expected tokens from 0 to \(tokens - 1), got \(token)")
    return Int(token)
  }
}
