/// How many numbers a pass holds beside the weights and the scratch memory of workers.
package struct PassSize: Sendable {
  /// With a batch of one sample.
  let first: Int
  /// With each sample more.
  let next: Int

  /// With a batch of so many samples.
  package func numbers(batch: Int) -> Double { Double(first) + Double(next) * Double(batch - 1) }
}

extension Network {
  /// What a pass holds, found by running it; in training, with activations either kept or recomputed.
  ///
  /// - Complexity: a run with one sample and one with two, with the weights given or with zeros.
  package func passSize(
    _ mode: Pass.Mode, _ weights: Weights? = nil, recomputing: Bool = false
  ) -> PassSize {
    let weights = weights?.tensor ?? table.makeBlock()
    func size(_ batch: Int) -> Int {
      let gradients = mode == .train ? table.makeTrainableBlock() : nil
      let pass = Pass(mode, table, weights: weights, gradients: gradients)
      pass.recomputes = recomputing
      let y = forwardZeros(batch, pass)
      if mode != .evaluate { backward(y, pass) }
      return pass.size
    }
    let one = size(1)
    return PassSize(first: one, next: max(0, size(2) - one))
  }

  /// The answer to so many samples of zeros.
  func forwardZeros(_ batch: Int, _ pass: Pass) -> Tensor {
    let labels = classes > 0 ? [Int](repeating: nullLabel ?? 0, count: batch) : []
    return forward(
      Tensor(sampleShape.with(batch: batch)), noise: Tensor(Shape(batch, 1, 1, 1)),
      labels: labels, images: enlargement > 0 ? Tensor(smallShape.with(batch: batch)) : nil, pass)
  }
}
