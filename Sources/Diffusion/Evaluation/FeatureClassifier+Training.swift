internal import Platform

extension FeatureClassifier {
  /// How a classifier is trained; part of what a kept one is known by.
  struct Recipe: Sendable, Hashable {
    /// Raised when the same settings give other features.
    var version = 1
    var seed: UInt64 = 0
    var batchSize = 64
    /// Passes over the training part, at least ``leastSteps`` and at most ``mostSteps``.
    var epochs = 24
    var leastSteps = 600
    var mostSteps = 4000
    var learningRate = 3e-3
    var weightDecay = 0.02
    /// How far images are moved at most, as a part of their side.
    var shift = 0.1

    func steps(sampleCount: Int) -> Int {
      min(mostSteps, max(leastSteps, epochs * sampleCount / batchSize))
    }
  }

  /// Trains a classifier, one step per `next()`, on the part of a data set reserved for it.
  ///
  /// Same data and seed, same bits, with any number of threads. It belongs to the queue it was made on.
  public final class Training: Sequence, IteratorProtocol {
    /// The progress after a step.
    public struct Progress: Sendable {
      /// The number of completed steps, including this one.
      public let step: Int
      /// The mean cross entropy of the step's batch, in nats.
      public let loss: Double
    }

    /// The number of steps of the whole training.
    public let totalSteps: Int
    private let dataset: Dataset
    private let fingerprint: UInt64
    private let parts: DataParts
    private let recipe: Recipe
    private let network: FeatureNetwork
    private let block: ParameterBlock
    private let pass: Pass
    private let x: Tensor
    private let optimizer: Adam
    private let schedule: LearningRateSchedule
    private let labels: [Int]
    private var random: Random
    private var batches: Batches
    private var step = 0

    /// A training at step 0.
    ///
    /// - Throws: a ``FileError`` where no classifier can be trained on the data set.
    public convenience init(on dataset: Dataset) throws(FileError) {
      try self.init(on: dataset, Recipe())
    }

    init(on dataset: Dataset, _ recipe: Recipe) throws(FileError) {
      let seen = dataset.seen
      labels = try seen.labelsForClassifier()
      (self.dataset, fingerprint) = (seen, dataset.fingerprint)
      self.recipe = recipe
      parts = DataParts(count: dataset.count, withClassifier: true)
      network = FeatureNetwork(seen.shape, classes: seen.classNames.count)
      totalSteps = recipe.steps(sampleCount: parts.classifier.count)
      random = Random(seed: recipe.seed)
      block = ParameterBlock(network.table)
      block.initialize(network.table, using: &random)
      batches = Batches(count: parts.classifier.count)
      pass = Pass(.train, network.table, weights: block.weights, gradients: block.gradients)
      x = Tensor(seen.shape.with(batch: recipe.batchSize))
      optimizer = Adam(weightDecay: recipe.weightDecay)
      schedule = LearningRateSchedule(
        recipe.learningRate, warmup: Swift.min(100, totalSteps / 4), decay: .cosine)
    }

    /// Takes one step; nil when all are done.
    public func next() -> Progress? {
      guard step < totalSteps else { return nil }
      let places = batches.next(recipe.batchSize, using: &random)
      let indices = places.map { parts.classifier[$0] }
      dataset.fillCentered(x, indices: indices)
      shift(x)
      let features = network.body.forward(x, pass)
      let logits = network.head.forward(features, pass)
      let gradient = pass.make(logits.shape)
      let loss = Self.crossEntropy(logits, indices.map { labels[$0] }, gradient: gradient)
      _ = network.body.backward(network.head.backward(gradient, pass), pass)
      step += 1
      let norm = block.gradients.norm
      optimizer.step(
        block, step: step, learningRate: schedule.rate(at: step - 1, of: totalSteps),
        gradientScale: Swift.min(1, 1 / (norm + 1e-6)),
        averageDecay: Swift.min(0.99, Double(1 + step) / Double(10 + step)))
      return Progress(step: step, loss: loss)
    }

    /// The classifier with the current average of the weights, tested on the samples it is not trained on.
    public func classifier() -> FeatureClassifier {
      let weights = Weights(copying: block.average)
      let judged = dataset.select((parts.reference + parts.yardstick).sorted())
      let features = network.features(of: judged, weights: weights, label: "")
      let right = zip(features.predictedClasses, judged.labels ?? []).count { $0 == $1 }
      return FeatureClassifier(
        dataName: dataset.name, fingerprint: fingerprint, sampleShape: dataset.shape,
        classNames: dataset.classNames, heldOutAccuracy: Double(right) / Double(judged.count),
        heldOutCount: judged.count, network: network, weights: weights)
    }

    /// Moves each image by some pixels, the border repeated: so few samples would be learned by heart otherwise.
    private func shift(_ x: Tensor) {
      let shape = x.shape
      let reach = Int((Double(Swift.min(shape.height, shape.width)) * recipe.shift).rounded())
      guard reach > 0 else { return }
      let moves = random.integers(below: 2 * reach + 1, count: 2 * shape.batch).map { $0 - reach }
      for sample in 0..<shape.batch {
        let (down, right) = (moves[2 * sample], moves[2 * sample + 1])
        let start = x.pointer + sample * shape.sampleCount
        let copy = Array(UnsafeBufferPointer(start: start, count: shape.sampleCount))
        for row in 0..<shape.height {
          for column in 0..<shape.width {
            let from =
              Swift.min(Swift.max(row - down, 0), shape.height - 1) * shape.width
              + Swift.min(Swift.max(column - right, 0), shape.width - 1)
            for c in 0..<shape.channels {
              start[(row * shape.width + column) * shape.channels + c] =
                copy[from * shape.channels + c]
            }
          }
        }
      }
    }

    /// The mean cross entropy; its gradient with respect to the logits is written to `gradient`.
    private static func crossEntropy(
      _ logits: Tensor, _ labels: [Int], gradient: Tensor
    ) -> Double {
      let classes = logits.shape.channels
      var sum = 0.0
      for (row, values) in logits.values.chunked(by: classes).enumerated() {
        let probabilities = softmax(values.map { Double($0) })
        sum -= log(Swift.max(probabilities[labels[row]], .leastNormalMagnitude))
        for c in 0..<classes {
          let error = probabilities[c] - (c == labels[row] ? 1 : 0)
          gradient.pointer[row * classes + c] = Float(error / Double(labels.count))
        }
      }
      return sum / Double(labels.count)
    }
  }
}

extension Dataset {
  /// The fewest samples a classifier is trained with.
  private static let fewestForClassifier = 60

  /// The labels, where they are enough to train a classifier.
  func labelsForClassifier() throws(FileError) -> [Int] {
    func refuse(_ problem: String) -> FileError { FileError(name, .unsupported, problem) }
    guard kind == .image else {
      let kind = kind == .points ? "points" : "signals"
      throw refuse("has \(kind), whose features need no training; expected images")
    }
    guard let labels, Set(labels).count > 1 else {
      throw refuse(
        "has no labels of two or more classes to train a classifier with; expected labels, or the pixels as "
          + "features")
    }
    if let expected = FeatureNetwork.expectation(unmetBy: shape) {
      throw refuse("has images of \(shape.height)×\(shape.width); expected \(expected)")
    }
    guard count >= Self.fewestForClassifier else {
      throw refuse(
        "has \(count) samples; expected at least \(Self.fewestForClassifier) to train a classifier with"
      )
    }
    return labels
  }
}
