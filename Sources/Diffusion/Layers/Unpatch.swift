/// Spreads the channels of every position over a square of positions: (height, width,
/// side²·channels) becomes (height·side, width·side, channels), the channels of a position in the
/// order row, column, channel.
public struct Unpatch: Layer {
  let side: Int
  let channels: Int

  /// Squares of `side`, with `channels` per position.
  public init(_ side: Int, _ channels: Int) {
    self.side = side
    self.channels = channels
  }

  public func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    precondition(
      x.shape.channels == side * side * channels,
      "expected \(side * side * channels) channels, got \(x.shape)")
    let s = x.shape
    let result = pass.make(Shape(s.batch, s.height * side, s.width * side, channels))
    let (y, x) = (result.pointer, x.pointer)
    forEachRun(s) { patch, image in (y + image).update(from: x + patch, count: side * channels)
    }
    return result
  }

  public func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    let s = Shape(
      dy.shape.batch, dy.shape.height / side, dy.shape.width / side, side * side * channels)
    let result = pass.make(s)
    let (dx, dy) = (result.pointer, dy.pointer)
    forEachRun(s) { patch, image in
      (dx + patch).update(from: dy + image, count: side * channels)
    }
    return result
  }

  /// Calls `body` with where each line of each patch lies, in patches and in the image.
  private func forEachRun(_ s: Shape, _ body: (_ patch: Int, _ image: Int) -> Void) {
    let run = side * channels
    parallelTasks(s.batch * s.height) { line in
      for column in 0..<s.width {
        for y in 0..<side {
          body(
            ((line * s.width + column) * side + y) * run,
            ((line * side + y) * s.width + column) * run)
        }
      }
    }
  }
}
