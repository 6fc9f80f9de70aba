internal import CKernels

/// The largest value in each window, channel by channel.
///
/// Where several are equal, the first gets the gradient, as in PyTorch. Padding counts as −∞.
public struct MaxPool2d: Layer {
  let geometry: KernelGeometry

  /// A pool over squares of `side`, by default without overlap; padding is never the largest.
  public init(_ side: Int, stride: Int? = nil, padding: Int = 0) {
    geometry = KernelGeometry(side, stride: stride ?? side, padding: padding)
  }

  public func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    let result = pass.make(geometry.output(of: x.shape, channels: x.shape.channels))
    // Which tap was the largest, a small whole number in a float.
    let taps = pass.make(result.shape)
    defer { extendLifetime(taps) }
    let kernel = geometry.cGeometry(x.shape, result.shape)
    let (y, t, x, input) = (result.pointer, taps.pointer, x.pointer, x.shape)
    let output = result.shape
    parallelTasks(output.batch) { sample in
      let start = sample * output.sampleCount
      withUnsafePointer(to: kernel) {
        ck_max_pool(y + start, t + start, x + sample * input.sampleCount, $0)
      }
    }
    pass.save(input)
    pass.save(taps)
    return result
  }

  public func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    let taps = pass.restore()
    defer { extendLifetime(taps) }
    let input = pass.restoreShape()
    let result = pass.zeros(input)
    let kernel = geometry.cGeometry(input, dy.shape)
    let (dx, t, dy, output) = (result.pointer, taps.pointer, dy.pointer, dy.shape)
    parallelTasks(output.batch) { sample in
      let start = sample * output.sampleCount
      withUnsafePointer(to: kernel) {
        ck_max_pool_backward(dx + sample * input.sampleCount, dy + start, t + start, $0)
      }
    }
    return result
  }
}

/// The mean under each place of a window, channel by channel; the border counts as zeros.
package struct AveragePool2d: Layer {
  let geometry: KernelGeometry

  /// A pool over squares of `side`, by default side by side.
  package init(_ side: Int, stride: Int? = nil, padding: Int = 0) {
    geometry = KernelGeometry(side, stride: stride ?? side, padding: padding)
  }

  /// The mean of each channel over all positions of images of that size.
  init(over height: Int, _ width: Int) { geometry = .whole(height, width) }

  package func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    let result = pass.make(geometry.output(of: x.shape, channels: x.shape.channels))
    let kernel = geometry.cGeometry(x.shape, result.shape)
    let (y, x, input, output) = (result.pointer, x.pointer, x.shape, result.shape)
    parallelTasks(output.batch) { sample in
      withUnsafePointer(to: kernel) {
        ck_average_pool(y + sample * output.sampleCount, x + sample * input.sampleCount, $0)
      }
    }
    pass.save(input)
    return result
  }

  package func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    let input = pass.restoreShape()
    let result = pass.zeros(input)
    let kernel = geometry.cGeometry(input, dy.shape)
    let (dx, dy, output) = (result.pointer, dy.pointer, dy.shape)
    parallelTasks(output.batch) { sample in
      withUnsafePointer(to: kernel) {
        ck_average_pool_backward(
          dx + sample * input.sampleCount, dy + sample * output.sampleCount, $0)
      }
    }
    return result
  }
}
