/// Classifier-free guidance: evaluates another denoiser with and without the condition, in one batch of
/// twice the size, and extrapolates from the unconditional prediction beyond the conditional one.
///
/// ε̂ = ε̂(∅) + g·(ε̂(c) − ε̂(∅)), and x̂_0 likewise, with the scale g: 1 is the conditional prediction, 0 the
/// unconditional. Papers also count the weight w = g − 1, of which 0 is the conditional prediction.
///
/// Source: Ho and Salimans 2022, <https://arxiv.org/abs/2207.12598>.
public struct GuidedDenoiser<Base: Denoiser>: Denoiser {
  private let base: Base
  private let nullLabel: Int
  private let guidance: Guidance
  private let parameterization: Parameterization

  /// Guides `base`, for which `nullLabel` stands for any class.
  public init(_ base: Base, scale: Double, nullLabel: Int) {
    self.init(base, Guidance(scale: scale), nullLabel: nullLabel)
  }

  /// Guides `base`, for which `nullLabel` stands for any class; ``Guidance/rescale`` acts on what
  /// `parameterization` says that the network predicts.
  public init(
    _ base: Base, _ guidance: Guidance, nullLabel: Int,
    predicting parameterization: Parameterization = .epsilon
  ) {
    self.base = base
    self.guidance = guidance
    self.nullLabel = nullLabel
    self.parameterization = parameterization
  }

  public var takesEstimate: Bool { base.takesEstimate }

  public func predict(_ query: Query) -> Prediction {
    guard acts(on: query) else { return base.predict(query) }
    return guided(base.predict(both(query)), query)
  }

  /// Whether any sample is guided; others would give the conditional prediction.
  private func acts(on query: Query) -> Bool {
    !query.condition.labels.isEmpty && query.levels.contains { guidance.scale(at: $0) != 1 }
  }

  /// The samples twice: with their classes, then without; with their small images and estimates both times.
  private func both(_ query: Query) -> Query {
    let batch = query.x.shape.batch
    return Query(
      Tensor(joining: query.x, query.x), steps: query.steps + query.steps,
      condition: Condition(
        labels: query.condition.labels(for: batch) + Array(repeating: nullLabel, count: batch),
        images: query.condition.images?.doubled(batch)),
      estimate: query.estimate.map { Tensor(joining: $0, $0) })
  }

  private func guided(_ both: Prediction, _ query: Query) -> Prediction {
    let (x0, epsilon) = (both.x0.halves, both.epsilon.halves)
    var prediction = Prediction(like: query.x)
    // n + g·(c − n)
    let weights = query.levels.map { (guidance.scale(at: $0), 1 - guidance.scale(at: $0)) }
    prediction.x0.assign(x0.0, x0.1, samples: weights)
    prediction.epsilon.assign(epsilon.0, epsilon.1, samples: weights)
    if guidance.rescale > 0 {
      prediction = rescaled(prediction, like: Prediction(x0: x0.0, epsilon: epsilon.0), query)
    }
    prediction.variance = both.variance?.halves.0
    return prediction
  }

  /// A guided prediction whose network output has the spread of the conditional one's, as far as wished.
  private func rescaled(
    _ guided: Prediction, like conditional: Prediction, _ query: Query
  ) -> Prediction {
    let output = Tensor(uninitialized: query.x.shape, MemoryPool())
    parameterization.target(
      x0: conditional.x0, epsilon: conditional.epsilon, levels: query.levels, into: output)
    let wanted = output.sampleDeviations
    parameterization.target(
      x0: guided.x0, epsilon: guided.epsilon, levels: query.levels, into: output)
    let found = output.sampleDeviations
    // Where nothing is guided, the prediction stays as it is to the last bit.
    let factors = query.levels.indices.map { sample -> Double in
      guard guidance.scale(at: query.levels[sample]) != 1, found[sample] > 0 else { return 1 }
      return guidance.rescale * wanted[sample] / found[sample] + 1 - guidance.rescale
    }
    guard factors.contains(where: { $0 != 1 }) else { return guided }
    output.assign(output, output, samples: factors.map { ($0, 0) })
    return parameterization.prediction(output, x: query.x, levels: query.levels)
  }
}

extension GuidedDenoiser: DifferentiableDenoiser where Base: DifferentiableDenoiser {
  /// - Precondition: nothing is rescaled.
  public func predictWithPullback(
    _ query: Query
  ) -> (prediction: Prediction, pullback: (Tensor) -> Tensor) {
    precondition(guidance.rescale == 0, "a rescaled prediction has no pullback")
    guard acts(on: query) else { return base.predictWithPullback(query) }
    let (prediction, pullback) = base.predictWithPullback(both(query))
    let scales = query.levels.map { guidance.scale(at: $0) }
    return (
      guided(prediction, query),
      { v in
        let parts = [scales, scales.map { 1 - $0 }].map { weights in
          let part = Tensor(uninitialized: v.shape, MemoryPool())
          part.assign(v, v, samples: weights.map { ($0, 0) })
          return part
        }
        let (first, second) = pullback(Tensor(joining: parts[0], parts[1])).halves
        first.assign(first, plus: second)
        return first
      }
    )
  }
}

/// How strongly, and where, classifier-free guidance acts.
public struct Guidance: Sendable, Hashable {
  /// The scale g, 1 for none; the weight w of other conventions is g − 1.
  public var scale: Double
  /// φ, how far the guided output of the network is scaled to the standard deviation of the conditional one, sample by
  /// sample: from 0, not at all, to 1.
  ///
  /// Source: Lin et al. 2024, section 3.4, <https://arxiv.org/abs/2305.08891>; `rescale_noise_cfg` of diffusers.
  public var rescale: Double
  /// The σ/α above which guidance acts.
  public var lowest: Double
  /// The σ/α up to which guidance acts; at other levels the prediction is the conditional one, in a batch of single size.
  ///
  /// Source: Kynkäänniemi et al. 2024, <https://arxiv.org/abs/2404.07724>.
  public var highest: Double

  /// Guidance of this scale, by default at all levels and not rescaled.
  ///
  /// - Precondition: `rescale` lies in 0 to 1.
  public init(
    scale: Double, rescale: Double = 0, above lowest: Double = 0, upTo highest: Double = .infinity
  ) {
    precondition((0...1).contains(rescale), "rescale lies in 0 to 1, got \(rescale)")
    self.scale = scale
    self.rescale = rescale
    self.lowest = lowest
    self.highest = highest
  }

  /// The scale at a level: 1 outside the interval.
  func scale(at level: NoiseLevel) -> Double {
    level.sigmaOverAlpha > lowest && level.sigmaOverAlpha <= highest ? scale : 1
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

  /// The standard deviation of each sample's numbers.
  fileprivate var sampleDeviations: [Double] {
    let size = shape.sampleCount
    return withValues { numbers in
      (0..<shape.batch).map { sample in
        let range = sample * size..<(sample + 1) * size
        let mean = range.reduce(0.0) { $0 + Double(numbers[$1]) } / Double(size)
        let squares = range.reduce(0.0) { sum, i in
          let difference = Double(numbers[i]) - mean
          return sum + difference * difference
        }
        return (squares / Double(max(size - 1, 1))).squareRoot()
      }
    }
  }
}
