import Testing

@testable import Diffusion

@Suite("Quality of samples")
struct QualityTests {
  /// Digits 0 and 1 of the built-in set: enough for a classifier that is trained in a moment.
  static let data: DataConfiguration = {
    var data = DataConfiguration()
    data.source = "digits14"
    return data
  }()

  /// One for all tests, as it takes a second.
  static let reference: QualityReference = {
    guard let real = try? RealData(data, withClassifier: true),
      let training = try? FeatureClassifier.Training(
        on: real.source, FeatureClassifier.Recipe(leastSteps: 120, mostSteps: 120))
    else { preconditionFailure("the built-in digits have labels") }
    while training.next() != nil {}
    return QualityReference(real, .classifier(training.classifier()))
  }()

  /// Held-out digits after `change`, as 8-bit images.
  private func digits(
    _ count: Int = 400, _ change: (_ sample: [Float], _ random: inout Random) -> [Float]
  ) -> Dataset {
    var random = Random(seed: 2)
    let real = Self.reference.data.yardstick
    let samples = (0..<count).map { change(real[$0], &random) }
    return Dataset(
      name: "changed", kind: .image, shape: real.shape, range: -1...1,
      values: samples.flatMap(\.self))
  }

  private func quality(_ samples: Dataset) throws -> Quality {
    try Self.reference.quality(of: samples, replicates: 0)
  }

  @Test("a short training already knows most held-out digits")
  func classifier() {
    guard case .classifier(let classifier) = Self.reference.extractor else {
      Issue.record("images with labels need a classifier")
      return
    }
    #expect(classifier.heldOutAccuracy > 0.8)
    #expect(classifier.label == "features of a digits14 classifier")
  }

  @Test("noise, blurred and mode-dropped digits are ordered as they must be")
  func ordering() throws {
    let real = try quality(digits { sample, _ in sample })
    let blurred = try quality(digits { sample, _ in Self.blur(sample, side: 14) })
    let noisy = try quality(
      digits { sample, random in zip(sample, random.normals(196)).map { $0 + 0.5 * $1 } })
    let noise = try quality(digits { _, random in random.normals(196) })
    let heldOut = Self.reference.data.yardstick
    let few = heldOut.select(
      Array((heldOut.labels ?? []).indices.filter { heldOut.labels?[$0] ?? 9 < 3 }.prefix(400)))
    let dropped = try quality(few)
    func of(_ metric: QualityMetric, _ quality: Quality) throws -> Double {
      try #require(quality[metric]).samples.value
    }
    for metric in [QualityMetric.frechetDistance, .kid] {
      let (a, b, c, d) = (
        try of(metric, real), try of(metric, blurred), try of(metric, noisy), try of(metric, noise)
      )
      #expect(a < b && b < d && a < c && c < d, "\(metric.title)")
      #expect(try a < of(metric, dropped), "\(metric.title)")
    }
    #expect(try of(.density, real) > 0.8 && of(.density, noise) < 0.4)
    #expect(try of(.precision, real) > 0.9 && of(.precision, dropped) > 0.9)
    #expect(try of(.recall, dropped) < of(.recall, real))
    #expect(try of(.recall, noise) < 0.2 && of(.coverage, noise) < 0.1)
    #expect(try of(.coverage, dropped) < of(.coverage, real) - 0.3)
    #expect(try of(.classImbalance, dropped) > 0.5 && of(.classImbalance, real) < 0.1)
    #expect(try of(.inceptionScore, dropped) < of(.inceptionScore, real) * 0.7)
  }

  @Test("copies of training samples are found, with what they are copies of")
  func memorization() throws {
    let training = Self.reference.data.training
    let honest = try quality(
      digits { sample, random in
        zip(sample, random.normals(196)).map { $0 + 0.3 * $1 }
      })
    let copies = (0..<20).map { training[$0 * 7] }
    let others = (0..<180).map { _ in [Float](repeating: 0.3, count: 196) }
    let stolen = try quality(
      Dataset(
        name: "stolen", kind: .image, shape: training.shape, range: -1...1,
        values: (others + copies).flatMap(\.self)))
    #expect(try #require(stolen[.nearShare]).samples.value == 0.1)
    #expect(try #require(honest[.nearShare]).samples.value < 0.05)
    #expect(
      stolen.nearestPairs.prefix(20).allSatisfy { $0.distance < 1e-6 && $0.heldOutNearer == 0 })
    #expect(Set(stolen.nearestPairs.prefix(20).map(\.sample)) == Set(180..<200))
    for pair in stolen.nearestPairs.prefix(20) {
      #expect(training[pair.training] == copies[pair.sample - 180])
    }
    // One in a hundred is the limit's meaning.
    let yardstick = try #require(stolen[.nearShare]?.yardstick).value
    #expect(yardstick <= 0.011 && yardstick >= 0.009)
  }

  @Test("real against real is what chance alone makes of it")
  func realAgainstReal() throws {
    let (reference, heldOut) = (Self.reference.features, Self.reference.yardstickFeatures)
    let together = Features(
      reference.values + heldOut.values, dimensions: reference.dimensions, label: "")
    let found = FrechetDistance(to: reference)(heldOut)
    // Other divisions of all into two.
    let others = (0..<12).map { seed -> Double in
      var random = Random(seed: UInt64(seed))
      let order = random.permutation(together.count)
      func part(_ indices: ArraySlice<Int>) -> Features {
        let size = together.dimensions
        return Features(
          indices.flatMap { together.values[$0 * size..<($0 + 1) * size] }, dimensions: size,
          label: "")
      }
      let half = reference.count
      return FrechetDistance(to: part(order[..<half]))(part(order[half...]))
    }
    let mean = others.reduce(0, +) / 12
    let spread = (others.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 11).squareRoot()
    #expect(abs(found - mean) < 4 * spread)
    let kid = KernelDistance(.cubic, to: reference)(
      heldOut, Bootstrap(count: heldOut.count, replicates: 40))
    let interval = try #require(Bootstrap.interval(around: kid.value, kid.replicates))
    let width = interval.upperBound - interval.lowerBound
    #expect(abs(kid.value) < width)
  }

  @Test("the same seed trains the same classifier, and a kept one gives the same features")
  func keeping() throws {
    let real = Self.reference.data
    func train() throws -> FeatureClassifier {
      let training = try FeatureClassifier.Training(
        on: real.source, FeatureClassifier.Recipe(leastSteps: 3, mostSteps: 3))
      while training.next() != nil {}
      return training.classifier()
    }
    let (first, second) = (try train(), try train())
    #expect(first.weights.values == second.weights.values)
    let some = real.yardstick.select(Array(0..<20))
    try withTemporaryFolder { folder in
      let path = "\(folder)/kept.safetensors"
      try first.write(to: path)
      let kept = try #require(try FeatureClassifier(contentsOf: path, for: real.source))
      #expect(kept.features(of: some) == first.features(of: some))
      #expect(kept.heldOutAccuracy == first.heldOutAccuracy)
      #expect(try FeatureClassifier(contentsOf: path, for: BuiltInData.digits28.make()) == nil)
      #expect(try FeatureClassifier(contentsOf: "\(folder)/none", for: real.source) == nil)
    }
    // Black at 0 is black all the same.
    #expect(first.fingerprint == real.source.declared(in: 0...1).fingerprint)
    let unit = first.features(of: some.declared(in: 0...1))
    #expect(isClose(unit.values, first.features(of: some).values, relative: 1e-3, absolute: 1e-4))
  }

  @Test("what cannot be judged gets a sentence")
  func refusals() throws {
    func sentence(_ body: () throws -> Void) -> String {
      do { try body() } catch { return "\(error)" }
      return ""
    }
    let large = BuiltInData.digits28.make().select(Array(0..<20))
    #expect(
      sentence { _ = try quality(large) }
        == "digits28: has samples of 28×28×1; expected 14×14×1 as digits14 has")
    #expect(
      sentence { _ = try quality(Self.reference.data.yardstick.select([1])) }
        == "digits14: has 1 sample; expected at least 12, and hundreds for reliable metrics")
    let broken = digits(20) { sample, _ in sample.map { _ in .nan } }
    #expect(
      sentence { _ = try quality(broken) } == "changed: has samples that are not finite numbers")
    let unlabelled = Dataset(name: "plain", shape: Shape(1, 4, 4, 1), bytes: [UInt8](0..<160))
    #expect(
      sentence { _ = try FeatureClassifier.Training(on: unlabelled) }.hasPrefix(
        "plain: has no labels"))
    #expect(
      sentence { _ = try FeatureClassifier.Training(on: BuiltInData.swissroll.make()) }
        == "swissroll: has points, whose features need no training; expected images")
  }

  @Test("points are judged by distances of their own")
  func points() throws {
    var data = DataConfiguration()
    data.source = "moons"
    let real = try RealData(data, withClassifier: false)
    let reference = QualityReference(real, .plain(label: "points"))
    var random = Random(seed: 1)
    func near(_ spread: Float) throws -> Quality {
      let values = real.training.values(at: Array(0..<real.training.count))
      return try reference.quality(
        of: Dataset(
          name: "near", kind: .points, shape: real.training.shape, range: -1...1,
          values: zip(values, random.normals(values.count)).map { $0 + spread * $1 }),
        replicates: 20)
    }
    let (good, bad) = (try near(0.02), try near(0.5))
    #expect(good.measurements.map(\.metric).contains(.slicedWasserstein))
    #expect(!good.measurements.map(\.metric).contains(.inceptionScore))
    for metric in [QualityMetric.slicedWasserstein, .mmd] {
      let (a, b) = (try #require(good[metric]), try #require(bad[metric]))
      #expect(a.samples.value < b.samples.value)
      let (low, high) = (try #require(a.samples.low), try #require(a.samples.high))
      #expect(low <= a.samples.value && a.samples.value <= high)
    }
    #expect(good.warnings.contains { $0.contains("100 real samples to compare with are too few") })
  }

  /// The mean over 3×3.
  private static func blur(_ sample: [Float], side: Int) -> [Float] {
    sample.indices.map { i in
      let (row, column) = (i / side, i % side)
      var (sum, count): (Float, Float) = (0, 0)
      for y in max(row - 1, 0)...min(row + 1, side - 1) {
        for x in max(column - 1, 0)...min(column + 1, side - 1) {
          sum += sample[y * side + x]
          count += 1
        }
      }
      return sum / count
    }
  }
}
