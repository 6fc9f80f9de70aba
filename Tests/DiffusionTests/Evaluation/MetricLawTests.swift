import Foundation
import Testing

@testable import Diffusion

@Suite("Metrics, by their laws")
struct MetricLawTests {
  /// Normal features with a standard deviation for each number.
  static func normal(
    _ count: Int, seed: UInt64, scale: Double = 1, shift: Double = 0, dimensions: Int = 4
  ) -> Features {
    var random = Random(seed: seed)
    return Features(
      random.normals(count * dimensions).map { Double($0) * scale + shift },
      dimensions: dimensions, label: "")
  }

  @Test("weights count as copies do")
  func weights() {
    let (x, y) = (Self.normal(30, seed: 1), Self.normal(25, seed: 2, scale: 1.3))
    // The first sample three times, the second not at all.
    let weights = (0..<30).map { $0 == 0 ? 3.0 : $0 == 1 || $0 == 2 ? 0 : 1 }
    let copies = Features(
      Array(x.values[0..<4]) + Array(x.values[0..<4]) + Array(x.values[0..<4])
        + Array(x.values[12...]), dimensions: 4, label: "")
    let frechet = FrechetDistance(to: y)
    #expect(isClose(frechet(x, weights: weights), frechet(copies), relative: 1e-9))
    let wasserstein = SlicedWassersteinDistance(to: y)
    #expect(
      isClose(
        wasserstein(wasserstein.sort(x), weights: weights), wasserstein(copies), relative: 1e-9))
  }

  @Test("equal distributions have a kernel distance of about 0, on either side of it")
  func unbiased() {
    let distances = (0..<12).map { seed in
      KernelDistance(.cubic, to: Self.normal(100, seed: 100 + seed))(Self.normal(100, seed: seed))
        .value
    }
    #expect(distances.contains { $0 < 0 } && distances.contains { $0 > 0 })
    let mean = distances.reduce(0, +) / 12
    let spread = (distances.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 11).squareRoot()
    #expect(abs(mean) < 3 * spread / 12.0.squareRoot())
  }

  @Test("bootstrap intervals are as wide as figures of other samples differ")
  func bootstrapWidth() throws {
    let reference = Self.normal(400, seed: 1)
    let (frechet, kernel) = (FrechetDistance(to: reference), KernelDistance(.cubic, to: reference))
    let sets = (0..<40).map { Self.normal(200, seed: 50 + $0, scale: 1.2, shift: 0.3) }
    func spread(_ values: [Double]) -> Double {
      let mean = values.reduce(0, +) / Double(values.count)
      return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1))
        .squareRoot()
    }
    let bootstrap = Bootstrap(count: 200, replicates: 200)
    let distance = frechet(sets[0])
    let interval = try #require(
      bootstrap.interval(around: distance) { frechet(sets[0], weights: $0) })
    #expect(interval.contains(distance))
    let expected = 2 * 1.96 * spread(sets.map { frechet($0) })
    #expect(isClose(interval.upperBound - interval.lowerBound, expected, relative: 0.4))

    let (value, replicates) = kernel(sets[0], bootstrap)
    let second = try #require(Bootstrap.interval(around: value, replicates))
    let also = 2 * 1.96 * spread(sets.map { kernel($0).value })
    #expect(isClose(second.upperBound - second.lowerBound, also, relative: 0.4))
  }

  @Test("figures do not depend on the number of threads")
  func threads() {
    let (x, y) = (Self.normal(300, seed: 3), Self.normal(290, seed: 4))
    func figures() -> [Double] {
      let overlap = NeighborOverlap(of: x, to: y)
      let (kid, replicates) = KernelDistance(.cubic, to: y)(x, Bootstrap(count: 300, replicates: 3))
      return [kid, overlap.recall(), overlap.coverage()] + replicates + overlap.realism
    }
    let one = Parallel.$ownWorkers.withValue(1, operation: figures)
    #expect(Parallel.$ownWorkers.withValue(3, operation: figures) == one)
  }

  @Test("samples amid the real ones are typical, those far off are not")
  func realism() {
    let reference = Self.normal(200, seed: 5)
    let samples = Features(
      [0, 0, 0, 0, 9, 9, 9, 9] + Self.normal(20, seed: 6).values, dimensions: 4, label: "")
    let realism = NeighborOverlap(of: samples, to: reference).realism
    #expect(realism[0] > 1 && realism[1] < 0.2)
    #expect(realism.max() != realism[1])
  }

  @Test("a missing class shows in recall, coverage, class imbalance and the Inception Score")
  func missingClass() {
    func classes(_ wanted: [Int], seed: UInt64) -> Features {
      var random = Random(seed: seed)
      var (values, probabilities): ([Double], [Double]) = ([], [])
      for i in 0..<300 {
        let c = wanted[i % wanted.count]
        values += random.normals(2).enumerated().map {
          Double($1) * 0.3 + ($0 == 0 ? 4 * Double(c) : 0)
        }
        probabilities += (0..<3).map { $0 == c ? 0.98 : 0.01 }
      }
      return Features(values, dimensions: 2, probabilities: probabilities, classes: 3, label: "")
    }
    let (real, whole, partial) = (
      classes([0, 1, 2], seed: 1), classes([0, 1, 2], seed: 2), classes([0, 1], seed: 3)
    )
    let (a, b) = (NeighborOverlap(of: whole, to: real), NeighborOverlap(of: partial, to: real))
    #expect(a.recall() > 0.9 && b.recall() < 0.72)
    #expect(a.coverage() > 0.85 && b.coverage() < 0.72)
    #expect(b.precisionTerms.reduce(0, +) / 300 > 0.9)
    let balance = ClassBalance(to: real)
    #expect(balance.imbalance(whole.predictedClasses) == 0)
    #expect(isClose(balance.imbalance(partial.predictedClasses), 1.0 / 3))
    #expect(InceptionScore(whole)() > 2.5 && InceptionScore(partial)() < 2)
  }

  @Test("a signal's log spectrum has its peak at its frequency, whatever its phase")
  func logSpectrum() throws {
    func wave(_ length: Int, _ cycles: Double, phase: Double) -> [Float] {
      (0..<length).map { Float(sin(2 * .pi * cycles * Double($0) / Double(length) + phase)) }
    }
    func features(_ length: Int, _ waves: [[Float]]) -> Features {
      LogSpectrum.features(
        of: Dataset(
          name: "waves", kind: .signal, shape: Shape(1, 1, length, 1), range: -1...1,
          values: waves.flatMap(\.self)))
    }
    let short = features(100, [wave(100, 7, phase: 0), wave(100, 7, phase: 1)])
    #expect(short.dimensions == 51)
    let first = Array(short.values[..<51])
    #expect(first.indices.max { first[$0] < first[$1] } == 7)
    // cos² + sin² of half the amplitude
    #expect(isClose(first[7], 10 * log10(0.25), relative: 1e-5))
    #expect(isClose(first[7], short.values[51 + 7], relative: 1e-5))
    let long = features(1000, [wave(1000, 125, phase: 0.3)])
    #expect(long.dimensions == 129)
    #expect(long.values.indices.max { long.values[$0] < long.values[$1] } == 32)
  }
}
