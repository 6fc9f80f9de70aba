/// y = x + p, where p is a vector for every position: a frozen one, or one that is learned.
///
/// Tensor `name` (1, positions, channels) of frozen vectors; parameter `name`.weight (positions, channels) of
/// learned ones, initially normal.
package struct AddPositions: Layer {
  let positions: Int
  let channels: Int
  let weight: Slot

  /// `values` gives the vectors, one position after the other.
  package init(
    _ positions: Int, _ channels: Int, _ name: String, _ table: inout ParameterTable,
    values: @escaping @Sendable () -> [Float]
  ) {
    self.positions = positions
    self.channels = channels
    weight = table.add(name, [1, positions, channels], role: .frozen, .drawn { _, _ in values() })
  }

  /// Vectors that are learned.
  package init(
    learned positions: Int, _ channels: Int, _ name: String, _ table: inout ParameterTable
  ) {
    self.positions = positions
    self.channels = channels
    weight = table.add(name + ".weight", [positions, channels], .normal(deviation: 1))
  }

  package func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    precondition(
      x.shape.height * x.shape.width == positions && x.shape.channels == channels,
      "expected \(positions) positions of \(channels) channels, got \(x.shape)")
    let result = pass.make(x.shape)
    let (y, x, p) = (result.pointer, x.pointer, pass.weight(weight))
    let size = result.shape.sampleCount
    parallelTasks(result.shape.batch) { sample in
      let (x, y) = (x + sample * size, y + sample * size)
      for i in 0..<size { y[i] = x[i] + p[i] }
    }
    return result
  }

  package func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    guard weight.isTrainable, let sums = pass.gradient(weight) else { return dy }
    let size = dy.shape.sampleCount
    for start in stride(from: 0, to: dy.count, by: size) {
      for i in 0..<size { sums[i] += dy.pointer[start + i] }
    }
    return dy
  }
}
