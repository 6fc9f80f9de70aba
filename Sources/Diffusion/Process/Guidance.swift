/// Classifier-free guidance: evaluates another denoiser with and without the condition, in one batch of
/// twice the size, and extrapolates from the unconditional prediction beyond the conditional one.
///
/// ε̂ = ε̂(∅) + scale·(ε̂(c) − ε̂(∅)), and x̂_0 likewise; 1 is the conditional prediction, 0 the unconditional.
///
/// Source: Ho and Salimans 2022, <https://arxiv.org/abs/2207.12598>, whose w is `scale` − 1.
public struct GuidedDenoiser<Base: Denoiser>: Denoiser {
  private let base: Base
  private let scale: Double
  private let nullLabel: Int

  /// Guides `base`, for which `nullLabel` stands for any class.
  public init(_ base: Base, scale: Double, nullLabel: Int) {
    self.base = base
    self.scale = scale
    self.nullLabel = nullLabel
  }

  public func predict(_ query: Query) -> Prediction {
    let batch = query.x.shape.batch
    let labels = query.condition.labels
    guard !labels.isEmpty else { return base.predict(query) }
    let both = base.predict(
      Query(
        Tensor(joining: query.x, query.x), steps: query.steps + query.steps,
        condition: Condition(
          labels: (0..<batch).map { labels[$0 % labels.count] }
            + Array(repeating: nullLabel, count: batch))))
    var prediction = Prediction(x0: guided(both.x0), epsilon: guided(both.epsilon))
    prediction.variance = both.variance?.halves.0
    return prediction
  }

  /// The first half with the condition, the second without: n + scale·(c − n).
  private func guided(_ both: Tensor) -> Tensor {
    let (conditional, free) = both.halves
    let result = Tensor(uninitialized: conditional.shape, MemoryPool())
    result.assign(Float(scale), conditional, plus: Float(1 - scale), free)
    return result
  }
}

extension Tensor {
  /// Two batches concatenated.
  init(joining first: Tensor, _ second: Tensor) {
    let batch = first.shape.batch + second.shape.batch
    self.init(uninitialized: first.shape.with(batch: batch), MemoryPool())
    pointer.update(from: first.pointer, count: first.count)
    (pointer + first.count).update(from: second.pointer, count: second.count)
  }

  /// The first and the second half of a batch, copied.
  fileprivate var halves: (Tensor, Tensor) {
    let shape = shape.with(batch: shape.batch / 2)
    let first = Tensor(uninitialized: shape, MemoryPool())
    let second = Tensor(uninitialized: shape, MemoryPool())
    first.pointer.update(from: pointer, count: shape.count)
    second.pointer.update(from: pointer + shape.count, count: shape.count)
    return (first, second)
  }
}
