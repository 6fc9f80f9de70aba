internal import CKernels

/// Multi-head scaled dot-product attention between all positions of a sample.
///
/// x holds queries, keys and values one after another, (batch, height, width, 3·channels), each split
/// into heads; y is (batch, height, width, channels). Scores exist one tile at a time: the softmax of a
/// row is assembled from its tiles, and backward recomputes them.
///
/// Source: Vaswani et al. 2017, <https://arxiv.org/abs/1706.03762>; the tiles as in Dao et al.
/// 2022, <https://arxiv.org/abs/2205.14135>.
public struct Attention: Layer {
  let heads: Int

  /// Queries and keys of a tile.
  fileprivate static let tileRows = 64
  fileprivate static let tileColumns = 256

  /// Attention with this many heads, which must divide the channels of a query.
  public init(heads: Int = 1) {
    precondition(heads > 0, "attention needs at least one head, got \(heads)")
    self.heads = heads
  }

  public func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    let geometry = Geometry(x.shape, heads: heads)
    let result = pass.make(x.shape.with(channels: geometry.channels))
    // Of every row: the logarithm of Σ exp(score).
    let normalizers = pass.make(Shape(x.shape.batch, heads, 1, geometry.length))
    defer { extendLifetime(normalizers) }
    pass.save(x)
    pass.save(result)
    pass.save(normalizers)
    let rowBlocks = (geometry.length + Self.tileRows - 1) / Self.tileRows
    let (y, logs, x) = (result.pointer, normalizers.pointer, x.pointer)
    let products = SmallProducts()
    let scratch = geometry.tileSize + 2 * Self.tileRows + geometry.productSize
    pass.parallelTasks(geometry.headCount * rowBlocks, scratch: scratch) { task, buffer in
      let first = task % rowBlocks * Self.tileRows
      let rows = first..<min(geometry.length, first + Self.tileRows)
      let head = geometry.head(task / rowBlocks)
      attend(
        head, rows, x: x, y: y, logs: logs + head.index * geometry.length, products, buffer)
    }
    return result
  }

  /// The output of some rows of one head, tile after tile of keys.
  private func attend(
    _ head: Head, _ rows: Range<Int>, x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>,
    logs: UnsafeMutablePointer<Float>, _ products: SmallProducts,
    _ buffer: UnsafeMutablePointer<Float>
  ) {
    let (g, d) = (head.geometry, head.geometry.dimension)
    let queries = x + head.input + rows.lowerBound * g.inputStride
    let out = y + head.output + rows.lowerBound * g.channels
    let scores = buffer
    let largest = buffer + g.tileSize
    let sums = largest + Self.tileRows
    let scratch = sums + Self.tileRows
    for row in 0..<rows.count {
      (largest[row], sums[row]) = (-.infinity, 0)
      (out + row * g.channels).update(repeating: 0, count: d)
    }
    for start in stride(from: 0, to: g.length, by: Self.tileColumns) {
      let columns = min(Self.tileColumns, g.length - start)
      let keys = x + head.input + g.channels + start * g.inputStride
      products.multiply(
        Matrix(queries, stride: g.inputStride), Matrix(keys, stride: g.inputStride).transposed,
        into: scores, stride: columns, m: rows.count, n: columns, k: d, scratch: scratch)
      ck_softmax_tile(
        scores, largest, sums, out, rows.count, columns, g.scale, d, g.channels)
      products.multiply(
        Matrix(scores, stride: columns), Matrix(keys + g.channels, stride: g.inputStride),
        into: out, stride: g.channels, m: rows.count, n: d, k: columns, adds: true,
        scratch: scratch)
    }
    for row in 0..<rows.count {
      let factor = 1 / sums[row]
      for i in 0..<d { out[row * g.channels + i] *= factor }
      logs[rows.lowerBound + row] = ck_log_sum(largest[row], sums[row])
    }
  }

  public func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    let normalizers = pass.restore()
    let output = pass.restore()
    let x = pass.restore()
    defer { extendLifetime((normalizers, output, x)) }
    let geometry = Geometry(x.shape, heads: heads)
    let result = pass.zeros(x.shape)
    let tape = BackwardTape(
      dx: result.pointer, dy: dy.pointer, x: x.pointer, y: output.pointer,
      logs: normalizers.pointer)
    let products = SmallProducts()
    let scratch = 2 * geometry.tileSize + Self.tileRows + geometry.productSize
    pass.parallelTasks(geometry.headCount, scratch: scratch) { task, buffer in
      backpropagate(geometry.head(task), tape, products, buffer)
    }
    return result
  }

  /// What backward reads and writes, of all samples.
  private struct BackwardTape {
    let dx: UnsafeMutablePointer<Float>
    let dy: UnsafePointer<Float>
    let x: UnsafePointer<Float>
    let y: UnsafePointer<Float>
    let logs: UnsafePointer<Float>
  }

  /// All gradients of one head: with P the softmax of the scores S = scale·QKᵀ,
  /// dV = Pᵀ·dY, dP = dY·Vᵀ, dS = P∘(dP − rowsum(dY∘Y)), dQ = scale·dS·K, dK = scale·dSᵀ·Q.
  private func backpropagate(
    _ head: Head, _ tape: BackwardTape, _ products: SmallProducts,
    _ buffer: UnsafeMutablePointer<Float>
  ) {
    let (g, d) = (head.geometry, head.geometry.dimension)
    let probabilities = buffer
    let slopes = buffer + g.tileSize
    let rowSums = slopes + g.tileSize
    let scratch = rowSums + Self.tileRows
    let logs = tape.logs + head.index * g.length
    for first in stride(from: 0, to: g.length, by: Self.tileRows) {
      let rows = min(Self.tileRows, g.length - first)
      let queries = tape.x + head.input + first * g.inputStride
      let dQueries = tape.dx + head.input + first * g.inputStride
      let dOut = tape.dy + head.output + first * g.channels
      let out = tape.y + head.output + first * g.channels
      for row in 0..<rows {
        var sum: Float = 0
        for i in 0..<d { sum += dOut[row * g.channels + i] * out[row * g.channels + i] }
        rowSums[row] = sum
      }
      for start in stride(from: 0, to: g.length, by: Self.tileColumns) {
        let columns = min(Self.tileColumns, g.length - start)
        let offset = head.input + start * g.inputStride
        let (keys, values) = (tape.x + offset + g.channels, tape.x + offset + 2 * g.channels)
        let (dKeys, dValues) = (tape.dx + offset + g.channels, tape.dx + offset + 2 * g.channels)
        products.multiply(
          Matrix(queries, stride: g.inputStride), Matrix(keys, stride: g.inputStride).transposed,
          into: probabilities, stride: columns, m: rows, n: columns, k: d, scratch: scratch)
        products.multiply(
          Matrix(dOut, stride: g.channels), Matrix(values, stride: g.inputStride).transposed,
          into: slopes, stride: columns, m: rows, n: columns, k: d, scratch: scratch)
        ck_attention_slopes(
          probabilities, slopes, logs + first, rowSums, rows, columns, g.scale)
        products.multiply(
          Matrix(probabilities, stride: columns).transposed, Matrix(dOut, stride: g.channels),
          into: dValues, stride: g.inputStride, m: columns, n: d, k: rows, adds: true,
          scratch: scratch)
        products.multiply(
          Matrix(slopes, stride: columns), Matrix(keys, stride: g.inputStride),
          into: dQueries, stride: g.inputStride, m: rows, n: d, k: columns, adds: true,
          scratch: scratch)
        products.multiply(
          Matrix(slopes, stride: columns).transposed, Matrix(queries, stride: g.inputStride),
          into: dKeys, stride: g.inputStride, m: columns, n: d, k: rows, adds: true,
          scratch: scratch)
      }
    }
  }

  /// Where queries, keys and values lie.
  private struct Geometry {
    let batch: Int
    let heads: Int
    /// Positions of a sample.
    let length: Int
    /// Channels of y.
    let channels: Int

    init(_ x: Shape, heads: Int) {
      precondition(
        x.channels % (3 * heads) == 0,
        "attention with \(heads) heads cannot divide \(x.channels) channels into queries, keys and values"
      )
      batch = x.batch
      self.heads = heads
      length = x.height * x.width
      channels = x.channels / 3
    }

    var headCount: Int { batch * heads }
    /// Floats in a tile of scores.
    var tileSize: Int { min(length, Attention.tileRows) * min(length, Attention.tileColumns) }
    /// Floats of scratch memory for the products of a tile.
    var productSize: Int {
      let (rows, columns) = (min(length, Attention.tileRows), min(length, Attention.tileColumns))
      return max(
        SmallProducts.scratchCount(rows, columns, dimension),
        SmallProducts.scratchCount(rows, dimension, columns),
        SmallProducts.scratchCount(columns, dimension, rows))
    }
    /// Channels of one head.
    var dimension: Int { channels / heads }
    var inputStride: Int { 3 * channels }
    /// 1/√dimension.
    var scale: Float { 1 / Float(dimension).squareRoot() }

    func head(_ index: Int) -> Head { Head(geometry: self, index: index) }
  }

  /// One head of one sample.
  private struct Head {
    let geometry: Geometry
    let index: Int

    private var sample: Int { index / geometry.heads }
    private var channel: Int { index % geometry.heads * geometry.dimension }
    /// Where its queries start in x.
    var input: Int { sample * geometry.length * geometry.inputStride + channel }
    /// Where it starts in y.
    var output: Int { sample * geometry.length * geometry.channels + channel }
  }
}
