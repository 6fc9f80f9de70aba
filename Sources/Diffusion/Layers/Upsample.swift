internal import CKernels

/// Doubles height and width, repeating each position (nearest neighbour).
public struct Upsample: Layer {
  /// What is doubled.
  package enum Axes: Sendable {
    /// Height and width, of images.
    case both
    /// The width only, of signals.
    case width
  }

  let axes: Axes

  /// Twice the height and width.
  public init() { self.init(.both) }

  /// Twice the size along these axes.
  package init(_ axes: Axes) { self.axes = axes }

  private var down: Int { axes == .both ? 2 : 1 }

  public func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    let s = x.shape
    let result = pass.make(Shape(s.batch, down * s.height, 2 * s.width, s.channels))
    let (y, x, stride) = (result.pointer, x.pointer, s.sampleCount)
    parallelTasks(s.batch) { sample in
      ck_upsample(
        y + 2 * down * sample * stride, x + sample * stride, s.height, s.width, s.channels, down)
    }
    return result
  }

  public func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    let s = Shape(dy.shape.batch, dy.shape.height / down, dy.shape.width / 2, dy.shape.channels)
    let result = pass.make(s)
    let (dx, dy, stride) = (result.pointer, dy.pointer, s.sampleCount)
    parallelTasks(s.batch) { sample in
      ck_upsample_backward(
        dx + sample * stride, dy + 2 * down * sample * stride, s.height, s.width, s.channels, down)
    }
    return result
  }
}
