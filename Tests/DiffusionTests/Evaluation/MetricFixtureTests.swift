import Testing

@testable import Diffusion

@Suite("Metrics, against other libraries")
struct MetricFixtureTests {
  private let fixture: Fixture

  init() throws { fixture = try Fixture("metrics") }

  private func features(_ name: String, _ dimensions: Int) throws -> Features {
    Features(try fixture.doubles(name), dimensions: dimensions, label: name)
  }

  private func number(_ name: String) throws -> Double { try fixture.doubles(name)[0] }

  @Test("the Fréchet distance is that of scipy's matrix square root")
  func frechet() throws {
    let distance = FrechetDistance(to: try features("y", 6))
    #expect(isClose(distance(try features("x", 6)), try number("frechet"), relative: 1e-9))
  }

  @Test("covariances without full rank need nothing added to them")
  func rankDeficient() throws {
    let distance = FrechetDistance(to: try features("other", 20))
    #expect(isClose(distance(try features("few", 20)), try number("frechet.few"), relative: 1e-5))
  }

  @Test("the kernel distance without bias is that of torch-fidelity")
  func kernelDistance() throws {
    let cubic = KernelDistance(.cubic, to: try features("y", 6))
    #expect(isClose(cubic(try features("x", 6)).value, try number("kid"), relative: 1e-9))
    let gaussian = KernelDistance(.gaussian(bandwidth: 0.7), to: try features("q", 2))
    let p = try features("p", 2).prefix(50)
    #expect(isClose(gaussian(p).value, try number("mmd"), relative: 1e-9))
  }

  @Test("precision, recall, density and coverage are those of prdc", arguments: [(3, 45), (5, 60)])
  func neighbors(k: Int, few: Int) throws {
    let overlap = NeighborOverlap(
      of: try features("y", 6).prefix(few), to: try features("x", 6), neighbor: k)
    func mean(_ terms: [Double]) -> Double { terms.reduce(0, +) / Double(terms.count) }
    #expect(isClose(mean(overlap.precisionTerms), try number("precision.\(k).\(few)")))
    #expect(isClose(mean(overlap.densityTerms), try number("density.\(k).\(few)")))
    #expect(isClose(overlap.recall(), try number("recall.\(k).\(few)")))
    #expect(isClose(overlap.coverage(), try number("coverage.\(k).\(few)")))
  }

  @Test("the Inception Score is that of torch-fidelity", arguments: [1, 10])
  func inceptionScore(splits: Int) throws {
    let probabilities = try fixture.doubles("probabilities")
    let features = Features(
      Array(repeating: 0, count: 57), dimensions: 1, probabilities: probabilities, classes: 4,
      label: "")
    let score = InceptionScore(features, splits: splits, shuffled: false)
    #expect(isClose(score(), try number("inception_score.\(splits)"), relative: 1e-9))
  }

  @Test("the sliced Wasserstein distance of sets of different size is that of POT")
  func wasserstein() throws {
    let directions = DenseMatrix(5, 2, try fixture.doubles("directions"))
    let distance = SlicedWassersteinDistance(to: try features("q", 2), along: directions)
    #expect(isClose(distance(try features("p", 2)), try number("wasserstein"), relative: 1e-9))
  }

  @Test("small sets give the figures that were worked out by hand")
  func golden() throws {
    let x = Features([0, 0, 1, 0, 0, 1, 1, 1], dimensions: 2, label: "")
    let y = Features([1, 0, 2, 0, 1, 1, 2, 2], dimensions: 2, label: "")
    #expect(isClose(FrechetDistance(to: y)(x), 1.2264192791, relative: 1e-9))
    #expect(isClose(KernelDistance(.cubic, to: y)(x).value, 4.5416667, relative: 1e-7))
    let score = InceptionScore(
      Features(
        [0, 0, 0], dimensions: 1, probabilities: [0.9, 0.1, 0.2, 0.8, 0.5, 0.5], classes: 2,
        label: ""),
      splits: 1)
    #expect(isClose(score(), 1.2028725, relative: 1e-7))
  }

  @Test("N(0, 1) and N((1, 0), 4) are 3 apart")
  func normals() {
    // Four points have exactly these moments.
    func cross(_ reach: Double, at x: Double) -> Features {
      let side = reach * 1.5.squareRoot()
      return Features([x + side, 0, x - side, 0, x, side, x, -side], dimensions: 2, label: "")
    }
    #expect(isClose(FrechetDistance(to: cross(2, at: 1))(cross(1, at: 0)), 3, relative: 1e-12))
  }
}
