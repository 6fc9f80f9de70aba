/// A border of zeros around every image, or, where a side is negative, less of it.
package struct Pad: Layer {
  let top: Int
  let left: Int
  let bottom: Int
  let right: Int

  /// So many lines above and below, and columns left and right; negative numbers crop.
  package init(top: Int = 0, left: Int = 0, bottom: Int = 0, right: Int = 0) {
    self.top = top
    self.left = left
    self.bottom = bottom
    self.right = right
  }

  package func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    let s = x.shape
    pass.save(s)
    let result = pass.zeros(
      Shape(s.batch, s.height + top + bottom, s.width + left + right, s.channels))
    copyOverlap(from: x, to: result, top: top, left: left)
    return result
  }

  package func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    let result = pass.zeros(pass.restoreShape())
    copyOverlap(from: dy, to: result, top: -top, left: -left)
    return result
  }
}

/// Copies what two images share when `source` lies `top` lines and `left` columns into `target`.
func copyOverlap(from source: Tensor, to target: Tensor, top: Int, left: Int) {
  let (s, t) = (source.shape, target.shape)
  let lines = max(0, -top)..<min(s.height, t.height - top)
  let columns = max(0, -left)..<min(s.width, t.width - left)
  guard !lines.isEmpty, !columns.isEmpty else { return }
  let (x, y) = (source.pointer, target.pointer)
  parallelTasks(s.batch) { sample in
    for line in lines {
      let from = ((sample * s.height + line) * s.width + columns.lowerBound) * s.channels
      let to = (sample * t.height + line + top) * t.width + columns.lowerBound + left
      (y + to * t.channels).update(from: x + from, count: columns.count * s.channels)
    }
  }
}

/// Swaps positions and channels: (batch, height, width, channels) becomes
/// (batch, 1, channels, height·width).
public struct Transpose: Layer {
  /// The layer; it has no parameters.
  public init() {}

  public func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    pass.save(x.shape)
    let (positions, channels) = (x.shape.height * x.shape.width, x.shape.channels)
    let result = pass.make(Shape(x.shape.batch, 1, channels, positions))
    transposeSamples(x, rows: positions, columns: channels, into: result)
    return result
  }

  public func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    let result = pass.make(pass.restoreShape())
    transposeSamples(dy, rows: dy.shape.width, columns: dy.shape.channels, into: result)
    return result
  }

  private func transposeSamples(_ x: Tensor, rows: Int, columns: Int, into result: Tensor) {
    let (source, target) = (x.pointer, result.pointer)
    parallelTasks(x.shape.batch) { sample in
      let start = sample * rows * columns
      transpose(source + start, rows: rows, columns: columns, into: target + start)
    }
  }
}
