internal import CKernels

/// Normalises the channels of every position: (x − mean)/√(var + ε), without factors of its own.
///
/// Source: Ba, Kiros and Hinton 2016, <https://arxiv.org/abs/1607.06450>.
public struct LayerNorm: Layer {
  let epsilon: Float

  private static let grain = 64

  public init(epsilon: Float = 1e-5) { self.epsilon = epsilon }

  public func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    let (rows, channels) = (x.shape.positions, x.shape.channels)
    let result = pass.make(x.shape)
    let statistics = pass.make(Shape(2, 1, 1, rows))  // means, then scales
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
    return result
  }

  public func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    let statistics = pass.restore()
    let saved = pass.restore()
    let (rows, channels) = (dy.shape.positions, dy.shape.channels)
    let result = pass.make(dy.shape)
    let (dx, dy, x) = (result.pointer, dy.pointer, saved.pointer)
    let (mean, scale) = (statistics.pointer, statistics.pointer + rows)
    parallelFor(rows, grain: Self.grain) { range in
      let (first, start) = (range.lowerBound, range.lowerBound * channels)
      ck_layer_norm_backward(
        dx + start, dy + start, x + start, mean + first, scale + first, range.count, channels)
    }
    return result
  }
}
