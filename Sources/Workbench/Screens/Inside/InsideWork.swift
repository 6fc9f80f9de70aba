import Diffusion

/// One sample at one noise level, as the network is asked about it.
struct NoisedSample: Sendable {
  /// Which one it is.
  enum Source: Hashable, Sendable {
    /// A sample of the data, with noise of a seed.
    case training(index: Int, seed: UInt64)
    /// A sample of a frame that a sampling request drew.
    case generated(request: Int, frame: Int, sample: Int)
  }

  let source: Source
  let step: NoiseStep
  /// x_t.
  let x: [Float]
  /// The clean sample; of a generated one what was predicted in its frame.
  let x0: [Float]
  /// ε in x_t = α·x_0 + σ·ε; 0 where there is no noise.
  let noise: [Float]
  /// What a network that takes classes is told.
  let label: Int?
  /// What a network with self-conditioning was given in its frame; empty for nothing.
  let estimate: [Float]

  /// A sample of the data under the noise of a seed, which is the same at all levels.
  init(_ dataset: Dataset, _ index: Int, seed: UInt64, at step: NoiseStep) {
    source = .training(index: index, seed: seed)
    self.step = step
    x0 = dataset.sample(at: index)
    var random = Random(seed: UInt64(index) &+ seed &* 1_000_003)
    noise = random.normals(x0.count)
    let (alpha, sigma) = (Float(step.level.alpha), Float(step.level.sigma))
    if let text = dataset.maskedText {
      // More and more of the same positions.
      var order = Random(seed: UInt64(index) &+ seed &* 1_000_003)
      x = zip(x0, order.uniforms(x0.count)).map { $1 < sigma ? Float(text.mask) : $0 }
    } else {
      x = zip(x0, noise).map { alpha * $0 + sigma * $1 }
    }
    label = dataset.labels?[index]
    estimate = []
  }

  /// A sample of a frame.
  init(_ frame: Frame, request: Int, sample: Int, label: Int?) {
    source = .generated(request: request, frame: frame.index, sample: sample)
    step = frame.step
    x = frame.shape.sample(sample, of: frame.x)
    x0 = frame.shape.sample(sample, of: frame.x0)
    let (alpha, sigma) = (Float(step.level.alpha), Float(step.level.sigma))
    noise = zip(x, x0).map { sigma > 0 ? ($0 - alpha * $1) / sigma : 0 }
    self.label = label
    let given = frame.history.estimate
    estimate = given.isEmpty ? [] : frame.shape.sample(sample, of: given)
  }

  /// What a model's network is told of the sample; nil where that cannot be had.
  func condition(of model: Model) -> Condition? {
    let clean = Tensor(model.network.sampleShape, x0)
    var condition = model.network.condition(on: clean, labels: label.map { [$0] } ?? [])
    if model.network.enlargement > 0, case .generated(_, _, let number) = source {
      // A generated sample enlarges what it was drawn for, which its estimate is not quite.
      guard let images = try? model.smallImages(ofSamples: number..<number + 1) else { return nil }
      condition.images = images
    }
    return condition
  }

  /// x_t at the data's size, as networks see it, for levels whose variance grows without bound.
  var shown: [Float] {
    let level = step.level
    let scale = 1 / Float((level.alpha * level.alpha + level.sigma * level.sigma).squareRoot())
    return scale.isFinite ? x.map { $0 * scale } : x
  }
}

/// What one layer computed for one sample.
struct LayerCapture: Sendable {
  struct Key: Equatable, Sendable {
    var session: Int
    /// The training step of the weights.
    var weights: Int
    var layer: Int
    var source: NoisedSample.Source
    var step: NoiseStep
  }

  let key: Key
  let output: LayerOutput
  /// Its channels as images, where it has rows and columns.
  let maps: [FeatureMap]
  /// The network's estimate of the clean sample.
  let x0: [Float]

  /// One evaluation of the network; nil where it has no such layer.
  init?(_ key: Key, of model: Model, _ sample: NoisedSample) {
    let x = Tensor(model.network.sampleShape, sample.x)
    guard let condition = sample.condition(of: model) else { return nil }
    let estimate = sample.estimate.isEmpty ? nil : Tensor(x.shape, sample.estimate)
    let query = Query(x, at: sample.step, condition: condition, estimate: estimate)
    let (prediction, output) = model.denoiser().predict(query, capturing: key.layer)
    guard let output else { return nil }
    self.init(key: key, output: output, x0: prediction.x0.values)
  }

  init(key: Key, output: LayerOutput, x0: [Float]) {
    (self.key, self.output, self.x0) = (key, output, x0)
    maps = output.shape.height > 1 ? FeatureMap.all(of: output) : []
  }
}

/// The training samples nearest to a sample.
struct NearestSamples: Sendable {
  struct Key: Equatable, Sendable {
    var session: Int
    var source: NoisedSample.Source
  }

  struct Item: Sendable, Equatable {
    /// The number of the training sample.
    var index: Int
    /// The root of the mean squared difference of its values.
    var distance: Double
  }

  let key: Key
  /// The nearest first.
  let items: [Item]
  /// How far the nearest one is from its own nearest other training sample; nil where there is none.
  let ownDistance: Double?

  static let count = 16

  /// Looks through the data, twice.
  init(_ key: Key, to sample: NoisedSample, in dataset: Dataset) {
    self.key = key
    let root = Double(dataset.shape.sampleCount).squareRoot()
    var excluded: Int?
    if case .training(let index, _) = sample.source { excluded = index }
    items = dataset.nearest(to: sample.x0, count: Self.count, excluding: excluded).map {
      Item(index: $0.index, distance: $0.distance / root)
    }
    ownDistance = items.first.flatMap { first in
      dataset.nearest(
        to: dataset.sample(at: first.index), count: 1, excluding: first.index
      ).first.map { $0.distance / root }
    }
  }
}

/// The layers of the session's network.
struct NetworkFigure: Sendable {
  let session: Int
  let summary: NetworkSummary

  /// The first layer whose output has a place for each pixel or sample, which is worth a look first.
  var firstWithMaps: Int {
    summary.rows.firstIndex { $0.output.height * $0.output.width > 1 } ?? 0
  }
}
