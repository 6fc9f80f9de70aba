internal import CKernels

/// Normalises the channels of every position: y = γ·(x − mean)/√(var + ε) + β.
///
/// Parameters `weight` γ and `bias` β (channels), initially 1 and 0; or none, for norms whose
/// factors come from a condition.
///
/// Source: Ba, Kiros and Hinton 2016, <https://arxiv.org/abs/1607.06450>.
public struct LayerNorm: BackwardAddingLayer {
  /// What multiplies x̂ and what is added.
  enum Factors {
    case none
    case own(weight: Slot, bias: Slot)
    /// Those of a ``Modulate`` that follows, in the same loop; ``Sequential`` decides.
    case condition(Modulate)
  }

  let epsilon: Float
  let factors: Factors

  /// Rows that a worker takes at a time, or more.
  private static let grain = 64

  /// A norm without learned factors.
  public init(epsilon: Float = 1e-5) { self.init(epsilon, .none) }

  /// A norm with learned factors for `channels`, with tensors `name`.weight and `name`.bias.
  public init(
    _ channels: Int, epsilon: Float = 1e-5, _ name: String, _ table: inout ParameterTable
  ) {
    let weight = table.add(name + ".weight", [channels], .constant(1))
    let bias = table.add(name + ".bias", [channels], .constant(0))
    self.init(epsilon, .own(weight: weight, bias: bias))
  }

  private init(_ epsilon: Float, _ factors: Factors) {
    (self.epsilon, self.factors) = (epsilon, factors)
  }

  /// The same norm with a modulation that follows it, in one loop; nil where it has factors of its own.
  func followed(by modulate: Modulate) -> LayerNorm? {
    guard case .none = factors else { return nil }
    return LayerNorm(epsilon, .condition(modulate))
  }

  public func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    let result = pass.make(x.shape)
    let statistics = pass.make(Shape(2, 1, 1, x.shape.positions))  // means, then scales
    let condition = isConditioned ? pass.requiredCondition : nil
    defer { extendLifetime((statistics, condition)) }
    pass.save(x)
    pass.save(statistics)
    if let condition { pass.save(condition) }
    let rows = rows(of: x.shape, condition, pass)
    let (mean, scale) = (statistics.pointer, statistics.pointer + x.shape.positions)
    let (y, x, n) = (result.pointer, x.pointer, rows.channels)
    rows.forEachBlock(max(1, rows.count / Self.grain)) { group, _, range in
      let first = range.lowerBound
      ck_layer_norm(
        y + first * n, mean + first, scale + first, x + first * n, rows.factors(group),
        rows.summands(group), rows.offset, range.count, n, epsilon)
    }
    return result
  }

  public func backward(_ dy: Tensor, _ pass: Pass) -> Tensor { backward(dy, other: nil, pass) }

  func backward(_ dy: Tensor, addedTo other: Tensor, _ pass: Pass) -> Tensor {
    backward(dy, other: other, pass)
  }

  private func backward(_ dy: Tensor, other: Tensor?, _ pass: Pass) -> Tensor {
    let condition = isConditioned ? pass.restore() : nil
    let statistics = pass.restore()
    let saved = pass.restore()
    let rows = rows(of: saved.shape, condition, pass)
    let result = pass.make(dy.shape)
    // Where the gradients of the factors go: of a condition to each sample's own, else a sum for each block,
    // those of γ before those of β.
    let blocks = isConditioned ? 1 : max(1, min(8, rows.count / Self.grain))
    let n = rows.channels
    let partial = pass.workspace(2 * blocks * n)
    partial.fill(0)
    let gradient = isConditioned ? pass.requiredConditionGradient : partial
    defer { extendLifetime((condition, statistics, saved, partial, gradient)) }
    let (dFactors, dSummands, stride) = places(in: gradient, blocks * n)
    let (mean, scale) = (statistics.pointer, statistics.pointer + saved.shape.positions)
    let (dx, dy, x, plus) = (result.pointer, dy.pointer, saved.pointer, other?.pointer)
    rows.forEachBlock(blocks) { group, block, range in
      let (first, place) = (range.lowerBound, group * stride + block * n)
      ck_layer_norm_backward(
        dx + first * n, dFactors + place, dSummands + place, dy + first * n, x + first * n,
        mean + first, scale + first, rows.factors(group), plus.map { $0 + first * n }, rows.offset,
        range.count, n)
    }
    if case .own(let weight, let bias) = factors {
      if let sum = pass.gradient(weight) { ck_column_sums(sum, dFactors, blocks, n) }
      if let sum = pass.gradient(bias) { ck_column_sums(sum, dSummands, blocks, n) }
    }
    return result
  }

  private var isConditioned: Bool { if case .condition = factors { true } else { false } }

  /// Where the gradients of factors and summands begin, and how far apart those of samples are.
  private func places(
    in gradient: Tensor, _ size: Int
  ) -> (factors: UnsafeMutablePointer<Float>, summands: UnsafeMutablePointer<Float>, stride: Int) {
    let base = gradient.pointer
    guard case .condition(let modulate) = factors else { return (base, base + size, 0) }
    return (base + modulate.scale, base + modulate.shift, gradient.shape.channels)
  }

  private func rows(of shape: Shape, _ condition: Tensor?, _ pass: Pass) -> Rows {
    var rows = Rows(groups: 1, count: shape.positions, channels: shape.channels)
    switch factors {
    case .none: break
    case .own(let weight, let bias):
      (rows.factor, rows.summand) = (pass.weight(weight), pass.weight(bias))
    case .condition(let modulate):
      guard let condition else { break }
      rows.groups = shape.batch
      rows.count = shape.height * shape.width
      rows.factor = UnsafePointer(condition.pointer + modulate.scale)
      rows.summand = UnsafePointer(condition.pointer + modulate.shift)
      (rows.stride, rows.offset) = (condition.shape.channels, 1)
    }
    return rows
  }
}

/// The rows that are normalised, in groups that share what multiplies them and what is added.
private struct Rows {
  var groups: Int
  /// Rows of a group.
  var count: Int
  let channels: Int
  var factor: UnsafePointer<Float>?
  var summand: UnsafePointer<Float>?
  /// How far apart the factors of groups are.
  var stride = 0
  /// What is added to a factor.
  var offset: Float = 0

  func factors(_ group: Int) -> UnsafePointer<Float>? { factor.map { $0 + group * stride } }
  func summands(_ group: Int) -> UnsafePointer<Float>? { summand.map { $0 + group * stride } }

  /// Calls `body` in parallel for so many blocks of each group, with the range of their rows.
  func forEachBlock(_ blocks: Int, _ body: (_ group: Int, _ block: Int, Range<Int>) -> Void) {
    parallelTasks(groups * blocks) { task in
      let (group, block) = (task / blocks, task % blocks)
      let start = group * count
      body(group, block, start + count * block / blocks..<start + count * (block + 1) / blocks)
    }
  }
}
