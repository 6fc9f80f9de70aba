internal import CKernels

/// Products of many rows, divided among workers by shape alone.
///
/// Where there are rows enough, the right matrix is packed once for all of them; OpenBLAS would pack it for every
/// block of rows.
extension Pass {
  /// Rows a worker multiplies at a time, whole blocks of the kernels.
  ///
  /// Products of fewer are slower, and more keep fewer workers busy.
  private static let rowsPerTask = 264
  /// Rows of B that ``addProductOfTranspose(_:_:to:rows:columns:depth:)`` packs at a time.
  private static let rowsPerChunk = 2048

  /// C ← start + A·B, where A is (rows, depth), B is (depth, columns) and C is (rows, columns) without gaps.
  ///
  /// `start` may initialise the given rows of C, and returns whether it did. `slot` names the weights that B views, so
  /// that packed fixed weights are kept; without it, B is packed in every call.
  func multiplyRows(
    _ a: Matrix, _ b: Matrix, slot: Slot? = nil, into c: UnsafeMutablePointer<Float>, rows: Int,
    columns: Int, depth: Int, start: (_ rows: Range<Int>) -> Bool = { _ in false }
  ) {
    let shape = Panels(columns: columns, depth: depth)
    // Outside training the batch does not count, so that a sample is the same bits whatever is beside it.
    let isShared = mode == .train ? rows >= 128 : keeps(slot, .panels, count: shape.count)
    guard isShared, Panels.areFast, columns >= 8 else {
      return forEachBlock(of: rows, columns * depth, few: 72) { block in
        let isStarted = start(block)
        BLAS.multiply(
          a.fromRow(block.lowerBound), b, into: c + block.lowerBound * columns, stride: columns,
          m: block.count, n: columns, k: depth, beta: isStarted ? 1 : 0)
      }
    }
    let packed = transformedWeight(slot, .panels, count: shape.count) { shape.pack(b, into: $0) }
    let panels = packed.pointer
    forEachBlock(of: rows, columns * depth, few: 24) { block in
      let isStarted = start(block)
      shape.multiply(
        a.fromRow(block.lowerBound), panels, into: c + block.lowerBound * columns, stride: columns,
        rows: block.count, adds: isStarted)
    }
    extendLifetime(packed)
  }

  /// C += Aᵀ·B, where A is (depth, rows), B is (depth, columns) and C is (rows, columns), all without gaps.
  func addProductOfTranspose(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, to c: UnsafeMutablePointer<Float>,
    rows: Int, columns: Int, depth: Int
  ) {
    let left = Matrix(a, stride: rows).transposed
    guard depth >= 256, Panels.areFast, columns >= 8, rows >= 8 else {
      return forEachPart(of: rows, columns * depth) { part in
        BLAS.multiply(
          left.fromRow(part.lowerBound), Matrix(b, stride: columns),
          into: c + part.lowerBound * columns, stride: columns, m: part.count, n: columns,
          k: depth, beta: 1)
      }
    }
    for first in stride(from: 0, to: depth, by: Self.rowsPerChunk) {
      let count = min(Self.rowsPerChunk, depth - first)
      let shape = Panels(columns: columns, depth: count)
      let packed = workspace(shape.count)
      shape.pack(Matrix(b + first * columns, stride: columns), into: packed.pointer)
      let panels = packed.pointer
      let (parts, size) = partition(rows, columns * count)
      parallelTasks(parts, scratch: size * Int(CK_PRODUCT_DEPTH)) { index, scratch in
        let part = index * size..<min(rows, (index + 1) * size)
        shape.multiply(
          Matrix(a + first * rows + part.lowerBound, stride: rows).transposed, panels,
          into: c + part.lowerBound * columns, stride: columns, rows: part.count, adds: true,
          scratch: scratch)
      }
      extendLifetime(packed)
    }
  }

  /// Runs `body` on blocks of rows, in parallel; their size depends on shapes alone.
  ///
  /// Fewer than eight blocks are evened out to an even number. Small batches are split into `few` rows each, where the
  /// right matrix is large enough.
  private func forEachBlock(
    of rows: Int, _ rightSize: Int, few: Int, _ body: (Range<Int>) -> Void
  ) {
    let size = blockSize(rows, rightSize, few)
    Diffusion.parallelTasks((rows + size - 1) / size) { index in
      body(index * size..<min(rows, (index + 1) * size))
    }
  }

  private func blockSize(_ rows: Int, _ rightSize: Int, _ few: Int) -> Int {
    if rightSize < 4096 { return 8 * Self.rowsPerTask }
    if rows <= Self.rowsPerTask { return rightSize < 8192 ? Self.rowsPerTask : few }
    let count = (rows + Self.rowsPerTask - 1) / Self.rowsPerTask
    guard count < 8 else { return Self.rowsPerTask }
    let even = (count + 1) / 2 * 2
    return ((rows + even - 1) / even + 23) / 24 * 24
  }

  private func forEachPart(of rows: Int, _ rowCost: Int, _ body: (Range<Int>) -> Void) {
    let (parts, size) = partition(rows, rowCost)
    Diffusion.parallelTasks(parts) { index in
      body(index * size..<min(rows, (index + 1) * size))
    }
  }

  /// Divides rows into parts of a multiple of 16, no more than the work is worth.
  ///
  /// Products with few rows, or with other heights, are slower.
  private func partition(_ rows: Int, _ rowCost: Int) -> (parts: Int, size: Int) {
    let most = rows >= 1024 ? 16 : rows >= 512 ? 8 : 4
    let worthwhile = min(most, rows * rowCost / 1_000_000)
    let size = worthwhile < 2 ? rows : ((rows + worthwhile - 1) / worthwhile + 15) / 16 * 16
    return ((rows + size - 1) / size, size)
  }
}
