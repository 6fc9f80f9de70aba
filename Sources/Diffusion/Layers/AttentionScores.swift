internal import Platform

/// The queries and keys of an attention layer for one sample, from which the weights of single queries
/// are computed when they are asked for.
///
/// The layer itself never holds all weights (see ``Attention``).
package struct AttentionScores: Sendable, Equatable {
  /// The number of heads.
  package let heads: Int
  /// The positions that are attended to, row by row.
  package let height: Int
  /// Positions in a row.
  package let width: Int
  /// Queries and keys at each position, `2 · channels` numbers.
  private let values: [Float]

  /// The number of positions, and so of queries.
  package var count: Int { height * width }
  private var channels: Int { values.count / (2 * count) }

  init(heads: Int, height: Int, width: Int, values: [Float]) {
    (self.heads, self.height, self.width, self.values) = (heads, height, width, values)
  }

  /// How strongly a position attends to every other: softmax(q·K/√d), which sums to 1, of one head or, if
  /// nil, averaged over all heads.
  ///
  /// - Complexity: `count` · channels multiplications for all heads.
  package func weights(query: Int, head: Int? = nil) -> [Float] {
    precondition(
      query >= 0 && query < count && head.map { $0 >= 0 && $0 < heads } != false,
      "there are \(count) queries and \(heads) heads, got query \(query), head \(head ?? 0)")
    if let head { return softmax(query, head).map { Float($0) } }
    var sums = [Double](repeating: 0, count: count)
    for head in 0..<heads {
      for (key, weight) in softmax(query, head).enumerated() { sums[key] += weight }
    }
    return sums.map { Float($0 / Double(heads)) }
  }

  private func softmax(_ query: Int, _ head: Int) -> [Double] {
    let (stride, dimension) = (2 * channels, channels / heads)
    let q = query * stride + head * dimension
    let scale = 1 / Double(dimension).squareRoot()
    let scores = (0..<count).map { position in
      let k = position * stride + channels + head * dimension
      return scale
        * (0..<dimension).reduce(0.0) { $0 + Double(values[q + $1]) * Double(values[k + $1]) }
    }
    let largest = scores.max() ?? 0
    let powers = scores.map { exp($0 - largest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }
}

extension Attention {
  /// The queries and keys of the first sample of an input.
  func scores(of x: Tensor) -> AttentionScores {
    let (stride, kept) = (x.shape.channels, x.shape.channels / 3 * 2)
    let positions = x.shape.height * x.shape.width
    let values = withExtendedLifetime(x) {
      (0..<positions).flatMap { position in
        UnsafeBufferPointer(start: x.pointer + position * stride, count: kept)
      }
    }
    return AttentionScores(
      heads: heads, height: x.shape.height, width: x.shape.width, values: values)
  }
}
