/// The number of each sample's class, (batch, 1, 1, 1), whatever the input: for networks that embed
/// classes as they embed timesteps.
package struct ClassNumber: Layer {
  /// A layer that reads the pass's labels.
  package init() {}

  package func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    precondition(
      pass.labels.count == x.shape.batch,
      "expected \(x.shape.batch) labels, got \(pass.labels.count)")
    let result = pass.make(Shape(x.shape.batch, 1, 1, 1))
    for (sample, label) in pass.labels.enumerated() { result.pointer[sample] = Float(label) }
    return result
  }

  package func backward(_ dy: Tensor, _ pass: Pass) -> Tensor { pass.zeros(dy.shape) }
}

/// The vector that the pass has for each sample's class, (batch, 1, 1, channels), whatever the input;
/// zeros where it has none.
package struct ClassVector: Layer {
  let channels: Int

  /// Vectors of so many numbers.
  package init(_ channels: Int) { self.channels = channels }

  package func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    let shape = Shape(x.shape.batch, 1, 1, channels)
    guard let vectors = pass.classVectors else { return pass.zeros(shape) }
    precondition(vectors.shape == shape, "expected vectors of \(shape), got \(vectors.shape)")
    return vectors
  }

  package func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    pass.zeros(dy.shape.with(channels: 1))
  }
}
