/// Samples as rows of floats, in memory or converted from a data set block by block.
enum DataRows: Sendable {
  /// One after the other.
  case floats([Float])
  /// Those of a data set at some places, in that order, or all.
  case dataset(Dataset, [Int]?)

  /// How many rows a block has at most, of `size` numbers each: they fit into a processor's cache.
  static func blockLength(of rows: Range<Int>, size: Int) -> Int {
    min(rows.count, max(1, 131_072 / max(size, 32)))
  }

  /// Goes through rows in blocks; `body` gets the indices of the rows, and where their values begin.
  func forEachBlock(
    of rows: Range<Int>, size: Int, _ body: (Range<Int>, UnsafePointer<Float>) -> Void
  ) {
    let length = Self.blockLength(of: rows, size: size)
    let blocks = stride(from: rows.lowerBound, to: rows.upperBound, by: max(length, 1)).map {
      $0..<min($0 + length, rows.upperBound)
    }
    switch self {
    case .floats(let data):
      data.withUnsafeBufferPointer { data in
        guard let start = data.baseAddress else { return }
        for block in blocks { body(block, start + block.lowerBound * size) }
      }
    case .dataset(let dataset, let indices):
      withUnsafeTemporaryAllocation(of: Float.self, capacity: length * size) { scratch in
        guard let start = scratch.baseAddress else { return }
        for block in blocks {
          for (place, row) in block.enumerated() {
            dataset.write(indices?[row] ?? row, to: start + place * size)
          }
          body(block, start)
        }
      }
    }
  }
}
