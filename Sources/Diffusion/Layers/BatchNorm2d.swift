internal import CKernels

/// Normalises every channel over all positions of the batch: y = γ·(x − mean)/√(var + ε) + β.
///
/// In training, mean and variance are those of the batch, and the running ones move towards them by
/// `momentum`; otherwise the running ones are used. Parameters `weight` γ and `bias` β, initially 1 and
/// 0; statistics `running_mean`, `running_var` (initially 0 and 1; the unbiased variance) and
/// `num_batches_tracked`.
///
/// Source: Ioffe and Szegedy 2015, <https://arxiv.org/abs/1502.03167>.
public struct BatchNorm2d: Layer {
  let channels: Int
  let epsilon: Float
  let momentum: Float
  let weight: Slot
  let bias: Slot
  let runningMean: Slot
  let runningVariance: Slot
  let batchesTracked: Slot
  /// Whether a ReLU follows in the same loop; ``Sequential`` decides.
  private(set) var appliesReLU = false

  /// A norm over `channels`; its tensors are called `name`.weight and so on, in PyTorch's order.
  public init(
    _ channels: Int, epsilon: Float = 1e-5, momentum: Float = 0.1, _ name: String,
    _ table: inout ParameterTable
  ) {
    self.channels = channels
    self.epsilon = epsilon
    self.momentum = momentum
    weight = table.add(name + ".weight", [channels], .constant(1))
    bias = table.add(name + ".bias", [channels], .constant(0))
    runningMean = table.add(name + ".running_mean", [channels], role: .statistic, .constant(0))
    runningVariance = table.add(name + ".running_var", [channels], role: .statistic, .constant(1))
    batchesTracked = table.add(name + ".num_batches_tracked", [], role: .counter, .constant(0))
  }

  /// The same norm with the ReLU that follows it, in one loop.
  var followedByReLU: BatchNorm2d {
    var norm = self
    norm.appliesReLU = true
    return norm
  }

  public func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    precondition(
      x.shape.channels == channels, "BatchNorm2d expects \(channels) channels, got \(x.shape)")
    let statistics = pass.make(Shape(2, 1, 1, channels))  // means, then variances
    let (mean, variance) = (statistics.pointer, statistics.pointer + channels)
    if pass.mode == .train {
      measure(x, mean, variance, pass)
      learn(mean, variance, count: x.shape.positions, pass)
    } else {
      mean.update(from: pass.weight(runningMean), count: channels)
      variance.update(from: pass.weight(runningVariance), count: channels)
    }
    pass.save(x)
    pass.save(statistics)

    // γ·(x − mean)/√(var + ε) + β as one multiplication and one addition.
    let factors = pass.make(Shape(2, 1, 1, channels))
    defer { extendLifetime((statistics, factors)) }
    let (a, b) = (factors.pointer, factors.pointer + channels)
    let (gamma, beta) = (pass.weight(weight), pass.weight(bias))
    for c in 0..<channels {
      a[c] = gamma[c] / (variance[c] + epsilon).squareRoot()
      b[c] = beta[c] - mean[c] * a[c]
    }
    let result = pass.make(x.shape)
    let (y, x) = (result.pointer, x.pointer)
    forEachBlock(of: result.shape.positions) { rows, _ in
      let start = rows.lowerBound * channels
      ck_scale_rows(y + start, x + start, a, b, rows.count, channels, appliesReLU ? 1 : 0)
    }
    return result
  }

  public func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    let statistics = pass.restore()
    let saved = pass.restore()
    let (mean, variance) = (statistics.pointer, statistics.pointer + channels)
    let factors = pass.make(Shape(3, 1, 1, channels))
    let (a, b) = (factors.pointer, factors.pointer + channels)
    let scale = factors.pointer + 2 * channels  // 1/√(var + ε)
    let (gamma, beta) = (pass.weight(weight), pass.weight(bias))
    for c in 0..<channels {
      scale[c] = 1 / (variance[c] + epsilon).squareRoot()
      a[c] = gamma[c] * scale[c]
      b[c] = beta[c] - mean[c] * a[c]
    }
    let terms = Terms(
      dy: dy.pointer, x: saved.pointer, mean: mean, scale: scale, a: a, b: b,
      count: saved.shape.positions)
    let means = pass.mode == .train ? meanGradients(terms, pass) : pass.zeros(pairs)
    defer { extendLifetime((statistics, saved, factors, means)) }
    let (plain, slope) = (means.pointer, means.pointer + channels)
    // dx = a·(dz − mean(dz) − x̂·mean(dz·x̂)); running statistics do not depend on x, and the means
    // are zero.
    let result = pass.make(saved.shape)
    let dx = result.pointer
    forEachBlock(of: terms.count) { rows, _ in
      let start = rows.lowerBound * channels
      ck_batch_norm_backward(
        dx + start, terms.dy + start, terms.x + start, mean, scale, a, b, plain, slope, rows.count,
        channels, appliesReLU ? 1 : 0)
    }
    return result
  }

  /// What backward reads.
  private struct Terms {
    let dy: UnsafePointer<Float>
    let x: UnsafePointer<Float>
    let mean: UnsafePointer<Float>
    /// 1/√(var + ε).
    let scale: UnsafePointer<Float>
    /// The norm is x·a + b.
    let a: UnsafePointer<Float>
    let b: UnsafePointer<Float>
    /// Rows of x.
    let count: Int
  }

  /// Two numbers a channel.
  private var pairs: Shape { Shape(1, 1, 2, channels) }

  /// The means of dz and of dz·x̂ of every channel, where dz is the gradient before the activation;
  /// adds their sums to the gradients of β and γ.
  private func meanGradients(_ terms: Terms, _ pass: Pass) -> Tensor {
    let blocks = blocks(of: terms.count)
    let sums = pass.zeros(Shape(blocks, 1, 2, channels))
    defer { extendLifetime(sums) }
    let s = sums.pointer
    forEachBlock(of: terms.count) { rows, block in
      let start = rows.lowerBound * channels
      let s = s + block * 2 * channels
      ck_batch_norm_sums(
        s, s + channels, terms.dy + start, terms.x + start, terms.mean, terms.scale, terms.a,
        terms.b, rows.count, channels, appliesReLU ? 1 : 0)
    }
    let totals = pass.zeros(pairs)
    let (plain, slope) = (totals.pointer, totals.pointer + channels)
    ck_column_sums(plain, sums.pointer, blocks, 2 * channels)
    if let dBeta = pass.gradient(bias) { ck_column_sums(dBeta, plain, 1, channels) }
    if let dGamma = pass.gradient(weight) { ck_column_sums(dGamma, slope, 1, channels) }
    for c in 0..<2 * channels { plain[c] /= Float(terms.count) }
    return totals
  }

  /// Mean and variance of every channel, each over blocks of a fixed size, in two passes.
  private func measure(
    _ x: Tensor, _ mean: UnsafeMutablePointer<Float>, _ variance: UnsafeMutablePointer<Float>,
    _ pass: Pass
  ) {
    let count = x.shape.positions
    let sums = pass.make(Shape(blocks(of: count), 1, 1, channels))
    defer { extendLifetime(sums) }
    let (s, x) = (sums.pointer, x.pointer)
    for (result, isVariance) in [(mean, false), (variance, true)] {
      sums.fill(0)
      forEachBlock(of: count) { rows, block in
        let (s, x) = (s + block * channels, x + rows.lowerBound * channels)
        if isVariance {
          ck_column_squares(s, x, mean, rows.count, channels)
        } else {
          ck_column_sums(s, x, rows.count, channels)
        }
      }
      for c in 0..<channels {
        var total = 0.0
        for block in 0..<sums.shape.batch { total += Double(s[block * channels + c]) }
        result[c] = Float(total / Double(count))
      }
    }
  }

  private func learn(
    _ mean: UnsafePointer<Float>, _ variance: UnsafePointer<Float>, count: Int, _ pass: Pass
  ) {
    let unbiased = Float(count) / Float(max(count - 1, 1))
    let (means, variances) = (
      pass.make(Shape(1, 1, 1, channels)), pass.make(Shape(1, 1, 1, channels))
    )
    let (oldMean, oldVariance) = (pass.statistic(runningMean), pass.statistic(runningVariance))
    for c in 0..<channels {
      means.pointer[c] = (1 - momentum) * oldMean[c] + momentum * mean[c]
      variances.pointer[c] = (1 - momentum) * oldVariance[c] + momentum * unbiased * variance[c]
    }
    let tracked = pass.make(Shape(1, 1, 1, 1))
    tracked.pointer[0] = pass.statistic(batchesTracked)[0] + 1
    pass.learn(runningMean, means)
    pass.learn(runningVariance, variances)
    pass.learn(batchesTracked, tracked)
  }

  /// Rows summed in float32 before the sums meet; so few that nothing is lost.
  private static let rowsPerBlock = 512

  private func blocks(of rows: Int) -> Int { (rows + Self.rowsPerBlock - 1) / Self.rowsPerBlock }

  private func forEachBlock(of rows: Int, _ body: (_ rows: Range<Int>, _ block: Int) -> Void) {
    parallelTasks(blocks(of: rows)) { block in
      let start = block * Self.rowsPerBlock
      body(start..<min(rows, start + Self.rowsPerBlock), block)
    }
  }
}
