/// Everything about the real samples that is computed once: features of the reference and of held-out
/// samples, distances among them, and distances to training samples.
///
/// It can be kept while a network trains, and used from any queue.
public struct QualityReference: Sendable {
  /// The feature extractor.
  public let extractor: FeatureExtractor
  /// The real samples.
  public let data: RealData
  let features: Features
  let yardstickFeatures: Features
  let memorization: Memorization
  private let frechet: FrechetDistance
  private let kid: KernelDistance
  private let radii: [Double]
  private let balance: ClassBalance?
  private let points: (wasserstein: SlicedWassersteinDistance, mmd: KernelDistance)?

  /// The reference for samples of a data set.
  public init(_ data: RealData, _ extractor: FeatureExtractor) {
    self.data = data
    self.extractor = extractor
    features = extractor.features(of: data.reference)
    yardstickFeatures = extractor.features(of: data.yardstick)
    memorization = Memorization(training: data.training, heldOut: data.heldOut)
    frechet = FrechetDistance(to: features)
    kid = KernelDistance(.cubic, to: features)
    radii = features.squaredRadii(neighbor: NeighborOverlap.standardNeighbor)
    balance = features.classes > 1 ? ClassBalance(to: features) : nil
    points =
      data.reference.kind == .points
      ? (
        SlicedWassersteinDistance(to: features),
        KernelDistance(KernelDistance.gaussian(medianOf: features), to: features)
      ) : nil
  }

  /// The metrics that apply to samples of this data.
  public var metrics: [QualityMetric] {
    .init(QualityMetric.applicable(to: data.reference.kind, classes: features.classes))
  }

  /// Why samples cannot be evaluated; nil if they can.
  public func problem(with samples: Dataset) -> FileError? {
    if samples.shape != data.reference.shape {
      let (own, real) = (samples.shape, data.reference.shape)
      return FileError(
        samples.name, .mismatch,
        "has samples of \(own.height)×\(own.width)×\(own.channels); expected "
          + "\(real.height)×\(real.width)×\(real.channels) as \(data.source.name) has")
    }
    if samples.count < RealData.fewest {
      return FileError(
        samples.name, .mismatch,
        "has \(samples.count) sample\(samples.count == 1 ? "" : "s"); expected at least "
          + "\(RealData.fewest), and hundreds for reliable metrics")
    }
    return nil
  }

  /// The metrics of held-out real samples, as many as are evaluated or as there are: what perfect samples
  /// would reach.
  public func yardstick(
    count: Int, metrics: Set<QualityMetric>? = nil, replicates: Int = 200
  ) -> Yardstick {
    let features = yardstickFeatures.prefix(count)
    let judged = judge(
      features, replicates: replicates, metrics: metrics, nearest: nil)
    return Yardstick(count: features.count, values: judged.values)
  }

  /// The metrics of held-out real samples.
  public struct Yardstick: Sendable {
    /// The number of samples.
    public let count: Int
    let values: [QualityMetric: Quality.Value]

    /// The value of a metric, or nil.
    public subscript(metric: QualityMetric) -> Quality.Value? { values[metric] }
  }

  /// Evaluates samples, which lie in the data's range.
  ///
  /// Without a `yardstick`, that of equally many held-out samples is computed; without `metrics`, all that
  /// apply; with no `replicates`, no intervals.
  ///
  /// - Throws: a ``FileError`` where samples cannot be evaluated: ``problem(with:)``, or values that are
  ///   not finite.
  public func quality(
    of samples: Dataset, yardstick: Yardstick? = nil, metrics: Set<QualityMetric>? = nil,
    replicates: Int = 200
  ) throws(FileError) -> Quality {
    if let problem = problem(with: samples) { throw problem }
    // In the range of the data, distances to training samples are in its units.
    let samples = samples.declared(in: data.reference.range)
    let own = extractor.features(of: samples)
    guard own.isFinite else {
      throw FileError(samples.name, .malformed, "has samples that are not finite numbers")
    }
    let wanted = metrics ?? Set(self.metrics)
    let nearest =
      wanted.contains(.nearestTraining) || wanted.contains(.nearShare)
      ? memorization.nearest(to: samples) : nil
    let judged = judge(own, replicates: replicates, metrics: metrics, nearest: nearest)
    let yardstick =
      yardstick ?? self.yardstick(count: own.count, metrics: metrics, replicates: replicates)
    let measurements = self.metrics.compactMap { metric in
      judged.values[metric].map {
        Quality.Measurement(
          metric: metric, better: metric.better, samples: $0, yardstick: yardstick.values[metric])
      }
    }
    let shares = balance.map { balance in
      let found = ClassBalance.shares(own.predictedClasses, classes: own.classes)
      return zip(data.source.classNames, zip(found, balance.reference)).map {
        Quality.ClassShare(name: $0, samples: $1.0, real: $1.1)
      }
    }
    return Quality(
      data: data.source.name, features: extractor.label, count: own.count,
      referenceCount: features.count, yardstickCount: yardstick.count,
      trainingCount: data.training.count, measurements: measurements, classShares: shares ?? [],
      nearestPairs: nearest.map { pairs($0) } ?? [],
      typicalOrder: judged.realism.indices.sorted {
        (judged.realism[$1], $0) < (judged.realism[$0], $1)
      }, warnings: warnings(measurements.map(\.metric), own, yardstick))
  }

  // MARK: - Measurements

  private func judge(
    _ own: Features, replicates: Int, metrics: Set<QualityMetric>?, nearest: [Memorization.Nearest]?
  ) -> (values: [QualityMetric: Quality.Value], realism: [Double]) {
    let wanted = Set(self.metrics).intersection(metrics ?? Set(self.metrics))
    let bootstrap = Bootstrap(count: own.count, replicates: replicates)
    var values: [QualityMetric: Quality.Value] = [:]
    func add(_ metric: QualityMetric, _ value: Double, _ interval: ClosedRange<Double>?) {
      values[metric] = Quality.Value(value, interval?.clamped(to: metric.bounds))
    }
    if wanted.contains(.frechetDistance) {
      // Eigenvalues of many features take long.
      let size = own.dimensions
      let affordable = size <= 128 ? replicates : max(20, replicates * (128 * 128) / (size * size))
      let value = frechet(own)
      add(
        .frechetDistance, value,
        Bootstrap(count: own.count, replicates: min(replicates, affordable)).interval(
          around: value
        ) { frechet(own, weights: $0) })
    }
    if wanted.contains(.kid) {
      let (value, others) = kid(own, bootstrap)
      add(.kid, value, Bootstrap.interval(around: value, others))
    }
    if wanted.contains(.inceptionScore) {
      let score = InceptionScore(own)
      let value = score()
      add(.inceptionScore, value, bootstrap.interval(around: value) { score(weights: $0) })
    }
    if let balance, wanted.contains(.classImbalance) {
      let labels = own.predictedClasses
      let value = balance.imbalance(labels)
      add(
        .classImbalance, value,
        bootstrap.interval(around: value) { balance.imbalance(labels, weights: $0) })
    }
    if let points, wanted.contains(.slicedWasserstein) {
      let sorted = points.wasserstein.sort(own)
      let value = points.wasserstein(sorted)
      add(
        .slicedWasserstein, value,
        bootstrap.interval(around: value) { points.wasserstein(sorted, weights: $0) })
    }
    if let points, wanted.contains(.mmd) {
      let (value, others) = points.mmd(own, bootstrap)
      add(.mmd, value, Bootstrap.interval(around: value, others))
    }
    var realism: [Double] = []
    if !wanted.isDisjoint(with: [.precision, .recall, .density, .coverage]) {
      let overlap = NeighborOverlap(of: own, to: features, referenceRadii: radii)
      realism = overlap.realism
      for (metric, terms) in [
        (QualityMetric.precision, overlap.precisionTerms), (.density, overlap.densityTerms),
      ] where wanted.contains(metric) {
        add(
          metric, terms.reduce(0, +) / Double(terms.count),
          bootstrap.interval(aroundMeanOf: terms))
      }
      if wanted.contains(.recall) {
        let value = overlap.recall()
        add(.recall, value, bootstrap.interval(around: value) { overlap.recall($0) })
      }
      if wanted.contains(.coverage) {
        let value = overlap.coverage()
        add(.coverage, value, bootstrap.interval(around: value) { overlap.coverage($0) })
      }
    }
    addMemorization(wanted, nearest?.map(\.distance), bootstrap, add)
    return (values, realism)
  }

  /// Without distances of samples, those of held-out samples are used.
  private func addMemorization(
    _ wanted: Set<QualityMetric>, _ sampled: [Double]?, _ bootstrap: Bootstrap,
    _ add: (QualityMetric, Double, ClosedRange<Double>?) -> Void
  ) {
    let distances = sampled ?? memorization.heldOut
    let bootstrap =
      sampled == nil
      ? Bootstrap(count: distances.count, replicates: bootstrap.replicates) : bootstrap
    if wanted.contains(.nearestTraining) {
      let order = distances.indices.sorted { distances[$0] < distances[$1] }
      let value = Memorization.median(distances, order: order)
      add(
        .nearestTraining, value,
        bootstrap.interval(around: value) {
          Memorization.median(distances, order: order, weights: $0)
        })
    }
    if wanted.contains(.nearShare) {
      let terms = distances.map { $0 <= memorization.limit ? 1.0 : 0 }
      add(
        .nearShare, terms.reduce(0, +) / Double(terms.count),
        bootstrap.interval(aroundMeanOf: terms))
    }
  }

  /// The number of pairs to report.
  private static let mostPairs = 64

  private func pairs(_ nearest: [Memorization.Nearest]) -> [Quality.Pair] {
    let order = nearest.indices.sorted {
      (nearest[$0].distance, $0) < (nearest[$1].distance, $1)
    }
    let heldOut = memorization.heldOut
    return order.prefix(Self.mostPairs).map { sample in
      let distance = nearest[sample].distance
      let nearer = heldOut.prefix { $0 < distance }.count
      return Quality.Pair(
        sample: sample, training: nearest[sample].index, distance: distance,
        heldOutNearer: Double(nearer) / Double(heldOut.count))
    }
  }

  // MARK: - Warnings

  private func warnings(
    _ metrics: [QualityMetric], _ own: Features, _ yardstick: Yardstick
  ) -> [String] {
    var result: [String] = []
    let counts = [
      (own.count, "samples"), (features.count, "real samples to compare with"),
      (yardstick.count, "yardstick samples"),
    ]
    for (count, what) in counts {
      let short = metrics.filter {
        count < $0.fewest(dimensions: own.dimensions, classes: own.classes)
      }
      guard !short.isEmpty else { continue }
      let names = short.map {
        "\($0.title) (\($0.fewest(dimensions: own.dimensions, classes: own.classes)))"
      }
      result.append("\(count) \(what) are too few for a reliable \(names.joined(separator: ", "))")
    }
    if yardstick.count < own.count, metrics.contains(.frechetDistance) {
      result.append(
        "the yardstick uses only \(yardstick.count) samples; with \(own.count), its Fréchet "
          + "distance would be slightly lower")
    }
    if radii.allSatisfy({ $0 == 0 }) {
      result.append(
        "the real samples are all identical, so precision, recall, density and coverage only count exact copies"
      )
    }
    return result
  }
}
