/// Bilinear interpolation of images to another size.
struct Bilinear {
  private let source: Shape
  private let target: Shape
  private let rows: [Mix]
  private let columns: [Mix]

  /// Where a line lies between two lines of the source.
  private struct Mix {
    let first: Int
    let second: Int
    /// The part of the second.
    let weight: Float
  }

  /// The middles of the pixels at the corners lie on each other where `alignsCorners` is true, as with PyTorch's
  /// `align_corners`; otherwise their outer edges do.
  init(_ source: Shape, height: Int, width: Int, alignsCorners: Bool = true) {
    self.source = source
    target = Shape(source.batch, height, width, source.channels)
    rows = Self.mixes(source.height, height, alignsCorners)
    columns = Self.mixes(source.width, width, alignsCorners)
  }

  private static func mixes(_ source: Int, _ target: Int, _ alignsCorners: Bool) -> [Mix] {
    let step = target > 1 ? Float(source - 1) / Float(target - 1) : 0
    return (0..<target).map { index in
      let place =
        alignsCorners
        ? step * Float(index)
        : max((Float(index) + 0.5) * Float(source) / Float(target) - 0.5, 0)
      let first = min(Int(place), source - 1)
      return Mix(
        first: first, second: min(first + 1, source - 1), weight: place - Float(first))
    }
  }

  func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    let result = pass.zeros(target)
    forEachTerm(from: x.pointer, to: result.pointer, size: (source, target)) {
      x, y, inner, outer, weight in
      for c in 0..<source.channels { y[outer + c] += weight * x[inner + c] }
    }
    return result
  }

  func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    let result = pass.zeros(source)
    forEachTerm(from: dy.pointer, to: result.pointer, size: (target, source)) {
      dy, dx, inner, outer, weight in
      for c in 0..<source.channels { dx[inner + c] += weight * dy[outer + c] }
    }
    return result
  }

  /// Calls `body` for each of the four source positions of every target position, sample by sample.
  private func forEachTerm(
    from: UnsafePointer<Float>, to: UnsafeMutablePointer<Float>, size: (Shape, Shape),
    _ body: (
      UnsafePointer<Float>, UnsafeMutablePointer<Float>, _ inner: Int, _ outer: Int, Float
    ) -> Void
  ) {
    parallelTasks(source.batch) { sample in
      let from = from + sample * size.0.sampleCount
      let to = to + sample * size.1.sampleCount
      for (y, row) in rows.enumerated() {
        for (x, column) in columns.enumerated() {
          let outer = (y * target.width + x) * target.channels
          for (line, rowPart) in [(row.first, 1 - row.weight), (row.second, row.weight)] {
            let start = line * source.width
            let (first, second) = (start + column.first, start + column.second)
            body(from, to, first * source.channels, outer, rowPart * (1 - column.weight))
            body(from, to, second * source.channels, outer, rowPart * column.weight)
          }
        }
      }
    }
  }
}
