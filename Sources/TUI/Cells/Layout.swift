/// How much of a row or column of areas one of them takes.
public enum Length: Hashable, Sendable {
  /// Exactly this many cells, if there is room.
  case fixed(Int)
  /// A share of what the fixed lengths leave, in proportion to the other shares.
  case fraction(Double)
  /// A share of what is left, but at least this many cells.
  case min(Int, share: Double = 1)
}

/// Cuts a number of cells into lengths.
package enum Layout {
  /// One piece of a cut: where it starts, and how many cells it has.
  package struct Piece: Hashable, Sendable {
    /// Where the piece begins, in cells.
    package var start: Int
    /// How many cells it has.
    package var count: Int
  }

  /// Cuts `total` cells into one piece for each length.
  ///
  /// The pieces never overlap and never exceed `total`. Where the fixed and least lengths do not
  /// fit, the last pieces lose first, so that the most important one belongs in front.
  package static func cut(_ total: Int, into lengths: [Length], gap: Int = 0) -> [Piece] {
    var counts = lengths.map { length in
      switch length {
      case .fixed(let count), .min(let count, _): max(0, count)
      case .fraction: 0
      }
    }
    var left = max(0, total)
    for index in counts.indices {
      let separation = index == 0 ? 0 : min(gap, left)
      counts[index] = min(counts[index], left - separation)
      if counts[index] > 0 || isFlexible(lengths[index]) { left -= separation }
      left -= counts[index]
    }
    share(left, among: lengths, counts: &counts)

    var pieces: [Piece] = []
    var start = 0
    for count in counts {
      let clamped = min(start, max(0, total))
      pieces.append(Piece(start: clamped, count: min(count, max(0, total) - clamped)))
      if count > 0 { start += count + gap }
    }
    return pieces
  }

  private static func isFlexible(_ length: Length) -> Bool {
    if case .fixed = length { false } else { true }
  }

  /// Hands out the cells that are left, so that flexible lengths stand in proportion to their
  /// shares except where a least length is larger.
  private static func share(_ left: Int, among lengths: [Length], counts: inout [Int]) {
    var shares = lengths.map { length in
      switch length {
      case .fixed: 0.0
      case .fraction(let share), .min(_, let share): max(0, share)
      }
    }
    // A piece whose least length exceeds its share keeps it and leaves the competition.
    var pool = left
    for index in shares.indices where shares[index] > 0 { pool += counts[index] }
    var settled = false
    while !settled {
      settled = true
      let sum = shares.reduce(0, +)
      guard sum > 0 else { return }
      for index in shares.indices
      where shares[index] > 0 && Double(pool) * shares[index] / sum < Double(counts[index]) {
        pool -= counts[index]
        shares[index] = 0
        settled = false
        break
      }
    }
    let sum = shares.reduce(0, +)
    var taken = 0.0
    for index in shares.indices where shares[index] > 0 {
      let before = Int(taken.rounded())
      taken += Double(pool) * shares[index] / sum
      counts[index] = Int(taken.rounded()) - before
    }
  }
}
