internal import CKernels

/// Normalises the channels of every position: y = γ·(x − mean)/√(var + ε) + β.
///
/// Parameters `weight` γ and `bias` β (channels), initially 1 and 0; or none, for norms whose
/// factors come from a condition.
///
/// Source: Ba, Kiros and Hinton 2016, <https://arxiv.org/abs/1607.06450>.
public struct LayerNorm: Layer {
  let epsilon: Float
  /// γ and β, where it has its own.
  let factors: (weight: Slot, bias: Slot)?

  private static let grain = 64

  /// A norm without learned factors.
  public init(epsilon: Float = 1e-5) {
    self.epsilon = epsilon
    factors = nil
  }

  /// A norm with learned factors for `channels`, with tensors `name`.weight and `name`.bias.
  public init(
    _ channels: Int, epsilon: Float = 1e-5, _ name: String, _ table: inout ParameterTable
  ) {
    self.epsilon = epsilon
    factors = (
      table.add(name + ".weight", [channels], .constant(1)),
      table.add(name + ".bias", [channels], .constant(0))
    )
  }

  public func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    let (rows, channels) = (x.shape.positions, x.shape.channels)
    let result = pass.make(x.shape)
    let statistics = pass.make(Shape(2, 1, 1, rows))  // means, then scales
    defer { extendLifetime(statistics) }
    pass.save(x)
    pass.save(statistics)
    let (y, x, mean, scale) = (
      result.pointer, x.pointer, statistics.pointer, statistics.pointer + rows
    )
    parallelFor(rows, grain: Self.grain) { range in
      let (first, start) = (range.lowerBound, range.lowerBound * channels)
      ck_layer_norm(
        y + start, mean + first, scale + first, x + start, range.count, channels, epsilon)
    }
    return factors.map { scaled(result, $0, pass) } ?? result
  }

  /// γ·x̂ + β; x̂ is kept for backward.
  private func scaled(
    _ normal: Tensor, _ factors: (weight: Slot, bias: Slot), _ pass: Pass
  ) -> Tensor {
    pass.save(normal)
    let result = pass.make(normal.shape)
    ck_scale_rows(
      result.pointer, normal.pointer, pass.weight(factors.weight), pass.weight(factors.bias),
      normal.shape.positions, normal.shape.channels, 0)
    return result
  }

  /// dx̂ = γ·dy; adds dγ = Σ dy·x̂ and dβ = Σ dy where they are needed.
  private func unscaled(
    _ dy: Tensor, _ factors: (weight: Slot, bias: Slot), _ pass: Pass
  ) -> Tensor {
    let normal = pass.restore()
    let (rows, channels) = (dy.shape.positions, dy.shape.channels)
    let gamma = pass.weight(factors.weight)
    let result = pass.make(dy.shape)
    for start in stride(from: 0, to: rows * channels, by: channels) {
      for c in 0..<channels { result.pointer[start + c] = gamma[c] * dy.pointer[start + c] }
    }
    if let dBeta = pass.gradient(factors.bias) {
      ck_column_sums(dBeta, dy.pointer, rows, channels)
    }
    if let dGamma = pass.gradient(factors.weight) {
      for start in stride(from: 0, to: rows * channels, by: channels) {
        for c in 0..<channels { dGamma[c] += dy.pointer[start + c] * normal.pointer[start + c] }
      }
    }
    return result
  }

  public func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    let normalGradient = factors.map { unscaled(dy, $0, pass) } ?? dy
    let statistics = pass.restore()
    let saved = pass.restore()
    defer { extendLifetime((normalGradient, statistics, saved)) }
    let (rows, channels) = (dy.shape.positions, dy.shape.channels)
    let result = pass.make(dy.shape)
    let (dx, dy, x) = (result.pointer, normalGradient.pointer, saved.pointer)
    let (mean, scale) = (statistics.pointer, statistics.pointer + rows)
    parallelFor(rows, grain: Self.grain) { range in
      let (first, start) = (range.lowerBound, range.lowerBound * channels)
      ck_layer_norm_backward(
        dx + start, dy + start, x + start, mean + first, scale + first, range.count, channels)
    }
    return result
  }
}
