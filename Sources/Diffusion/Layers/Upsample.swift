internal import CKernels

/// Doubles height and width, each position repeated (nearest neighbour).
public struct Upsample: Layer {
  public init() {}

  public func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    let s = x.shape
    let result = pass.make(Shape(s.batch, 2 * s.height, 2 * s.width, s.channels))
    let (y, x, stride) = (result.pointer, x.pointer, s.sampleCount)
    parallelTasks(s.batch) { sample, _ in
      ck_upsample(y + 4 * sample * stride, x + sample * stride, s.height, s.width, s.channels)
    }
    return result
  }

  public func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    let s = Shape(dy.shape.batch, dy.shape.height / 2, dy.shape.width / 2, dy.shape.channels)
    let result = pass.make(s)
    let (dx, dy, stride) = (result.pointer, dy.pointer, s.sampleCount)
    parallelTasks(s.batch) { sample, _ in
      ck_upsample_backward(
        dx + sample * stride, dy + 4 * sample * stride, s.height, s.width, s.channels)
    }
    return result
  }
}
