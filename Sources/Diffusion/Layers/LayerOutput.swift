/// What one layer of a network computed for the first sample of a batch.
package struct LayerOutput: Sendable, Equatable {
  /// The shape of ``values``, batch 1.
  package let shape: Shape
  /// The layer's output, in (height, width, channels) order.
  package let values: [Float]
  /// From what an attention layer computes its weights; nil for other layers.
  package let attention: AttentionScores?

  /// A copy of a layer's output.
  package init(shape: Shape, values: [Float], attention: AttentionScores? = nil) {
    precondition(values.count == shape.count, "\(shape) holds \(shape.count) values")
    (self.shape, self.values, self.attention) = (shape, values, attention)
  }

  init(of layer: some Layer, _ x: Tensor, _ y: Tensor) {
    shape = y.shape.with(batch: 1)
    values = y.withFirstSample { Array($0) }
    attention = (layer as? Attention).map { $0.scores(of: x) }
  }

  /// The output at one channel, (height, width) in rows.
  package func channel(_ index: Int) -> [Float] {
    stride(from: index, to: values.count, by: shape.channels).map { values[$0] }
  }
}

extension Tensor {
  /// Calls `body` with the values of the first sample.
  fileprivate func withFirstSample<Result>(
    _ body: (UnsafeBufferPointer<Float>) -> Result
  ) -> Result {
    withExtendedLifetime(self) {
      body(UnsafeBufferPointer(start: pointer, count: shape.sampleCount))
    }
  }
}
