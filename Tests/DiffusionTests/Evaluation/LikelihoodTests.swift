import Foundation
import Testing

@testable import Diffusion

@Suite("Likelihood")
struct LikelihoodTests {
  // MARK: - The variational bound

  @Test(
    "terms and prior are those of improved-diffusion",
    arguments: [DDPM.Variance.fixedSmall, .fixedLarge], [false, true])
  func bound(_ variance: DDPM.Variance, _ clips: Bool) throws {
    let fixture = try Fixture("likelihood")
    let shape = Shape(2, 4, 4, 3)
    let drawn = try fixture.floats("noise")
    var noise = NoiseSource(
      recorded: stride(from: 0, to: drawn.count, by: shape.count).map {
        Tensor(channelsFirst: Array(drawn[$0..<$0 + shape.count]), shape)
      })
    let found = try VariationalBound(
      of: Tensor(channelsFirst: try fixture.floats("x0"), shape),
      by: GaussianDenoiser(mean: 0.1, deviation: 0.5),
      along: .linear(timesteps: 40, betaStart: 25e-4, betaEnd: 0.5), variance: variance,
      clipping: clips ? .range : .none, noise: &noise)
    let name = "\(variance.rawValue).\(clips ? "clipped" : "plain")"
    // Of each image; ours are means over both.
    let terms = try fixture.doubles("\(name).terms")
    let priors = try fixture.doubles("\(name).prior")
    #expect(found.terms.count == 40)
    for (t, term) in found.terms.enumerated() {
      #expect(isClose(term, (terms[2 * t] + terms[2 * t + 1]) / 2, relative: 1e-5), "t = \(t)")
    }
    #expect(isClose(found.prior, (priors[0] + priors[1]) / 2))
    for sample in 0..<2 {
      let sum = stride(from: sample, to: 80, by: 2).reduce(priors[sample]) { $0 + terms[$1] }
      #expect(isClose(found.samples[sample], sum))
    }
    #expect(isClose(found.total, found.samples.reduce(0, +) / 2))
  }

  @Test("terms that are added piece by piece are those measured at once")
  func pieces() throws {
    let (shape, schedule) = (Shape(2, 3, 3, 1), Schedule.linear(timesteps: 30))
    let denoiser = GaussianDenoiser(mean: 0.1, deviation: 0.5)
    var random = Random(seed: 4)
    let x0 = Tensor(shape, random.normals(shape.count).map { 0.3 * $0 })
    var noise = NoiseSource(seed: 1, samples: 0..<2)
    let whole = try VariationalBound(of: x0, by: denoiser, along: schedule, noise: &noise)
    var bound = VariationalBound(of: x0, along: schedule)
    noise = NoiseSource(seed: 1, samples: 0..<2)
    for missing in [30, 17, 4] {
      #expect(bound.missing == missing)
      bound.addTerms(
        13, of: x0, by: denoiser, condition: Condition(), along: schedule, noise: &noise)
    }
    #expect(bound.missing == 0)
    #expect(bound.terms == whole.terms && bound.prior == whole.prior)
    #expect(bound.samples == whole.samples)
  }

  /// Answers that ε is 0, or knows x_0.
  private struct Fixed: Denoiser {
    let x0: Float?

    func predict(_ query: Query) -> Prediction {
      let prediction = Prediction(like: query.x)
      let alphas = query.levels.map { (1 / $0.alpha, 0.0) }
      prediction.x0.assign(query.x, query.x, samples: alphas)
      if let x0 { prediction.x0.fill(x0) }
      prediction.epsilon.fill(0)
      return prediction
    }
  }

  private func bound(_ x0: Float, _ denoiser: Fixed) throws -> VariationalBound {
    // Noise of unit square, so that the mean over it needs no draws.
    let shape = Shape(1, 1, 1, 2)
    let noise = Tensor(shape, [1, -1])
    var source = NoiseSource(recorded: Array(repeating: noise, count: 1000))
    return try VariationalBound(
      of: Tensor(shape, [x0, x0]), by: denoiser, along: .linear(), clipping: .none, noise: &source)
  }

  @Test("the bound of the linear schedule is what is known of it")
  func golden() throws {
    let blind = try bound(0, Fixed(x0: nil))
    for (t, nats) in [
      (1, 0.59967152), (10, 0.07897654), (100, 0.01017838), (500, 0.00551446), (999, 0.0102045),
    ] {
      #expect(isClose(blind.terms[t] * log(2), nats), "t = \(t)")
    }
    #expect(isClose(blind.terms[1...].reduce(0, +), 14.672920))
    #expect(isClose(blind.prior, 5.87e-10, relative: 1e-3))
    let knowing = try bound(1, Fixed(x0: 1))
    #expect(isClose(knowing.prior, 2.911e-5, relative: 2e-4))
    #expect(knowing.terms[1...].allSatisfy { abs($0) < 1e-12 })
    #expect(isClose(try bound(0, Fixed(x0: 0)).terms[0], 1.3056651))
  }

  @Test("data and schedules without a bound in bits are told")
  func problems() {
    func problem(_ kind: Dataset.Kind, _ range: ClosedRange<Float>, _ schedule: Schedule) -> String?
    {
      VariationalBound.problem(
        with: schedule, SampleFormat(kind: kind, shape: Shape(1, 2, 2, 1), range: range))
    }
    #expect(problem(.image, -1...1, .linear()) == nil)
    #expect(problem(.points, -1...1, .linear())?.contains("needs images") == true)
    #expect(problem(.image, 0...1, .linear())?.contains("data.range") == true)
    #expect(problem(.image, -1...1, Schedule(.alphaBars([1, 0.5])))?.contains("noise") == true)
  }

  // MARK: - The flow

  @Test("the integrator takes the steps of SciPy's RK45")
  func oscillator() throws {
    let fixture = try Fixture("likelihood")
    let found = try DormandPrince(tolerance: 1e-6).integrate([2, 0], from: 0, to: 10) { _, y in
      [y[1], 3 * (1 - y[0] * y[0]) * y[1] - y[0]]
    }
    let result = try #require(found)
    #expect(isClose(result.y, try fixture.doubles("oscillator.end"), relative: 1e-8))
    #expect(result.evaluations == (try fixture.ints("oscillator.evaluations")[0]))
  }

  @Test("the tolerance is kept, and a slope that is not finite ends the integration")
  func integrator() throws {
    for tolerance in [1e-4, 1e-7, 1e-10] {
      let found = try DormandPrince(tolerance: tolerance).integrate([1], from: 0, to: 3) { _, y in
        [-y[0]]
      }
      #expect(abs(try #require(found).y[0] - exp(-3)) < 20 * tolerance)
    }
    let broken = try DormandPrince().integrate([1], from: 0, to: 1) { place, _ in
      [place > 0.5 ? .nan : 1]
    }
    #expect(broken == nil)
    #expect(try DormandPrince().integrate([1], from: 0, to: 1) { _, _ in [.nan] } == nil)
  }

  /// ln p of samples of a correlated normal distribution, less what the flow says.
  private func differences(
    _ data: CorrelatedGaussian, count: Int, along schedule: Schedule
  ) throws -> [Double] {
    let (values, vectors) = data.covariance.symmetricEigen()
    var random = Random(seed: 3)
    let drawn = random.normals(count * data.size).map { Double($0) }
    var (samples, exact) = ([Float](), [Double]())
    for start in stride(from: 0, to: drawn.count, by: data.size) {
      let z = drawn[start..<start + data.size]
      let scaled = zip(z, values).map { $0 * $1.squareRoot() }
      samples += zip(data.mean, vectors.transposed.applied(to: scaled)).map { Float($0 + $1) }
      exact.append(
        zip(z, values).reduce(0) { $0 - ($1.0 * $1.0 + log(2 * Double.pi * $1.1)) / 2 })
    }
    let flow = try #require(
      try FlowLikelihood(
        of: Tensor(Shape(count, 1, 1, data.size), samples), by: data, along: schedule,
        random: &random))
    return zip(flow.logDensities, exact).map { found, exact in
      FlowLikelihood.bits(found, size: data.size) - FlowLikelihood.bits(exact, size: data.size)
    }
  }

  @Test(
    "that of independent normal values is exact to 0.001 bits, whatever the process",
    arguments: ["linear", "log-linear", "flow"])
  func independent(_ name: String) throws {
    let schedule =
      switch name {
      case "linear": Schedule.linear()
      case "log-linear": Schedule.logLinear(sigmaMin: 0.005, sigmaMax: 80)
      default: try #require(ScheduleConfiguration(named: "flow")).make()
      }
    let data = CorrelatedGaussian(
      mean: [0.2, -0.1, 0.4], covariance: .diagonal([0.25, 0.16, 0.36]))
    let differences = try differences(data, count: 20, along: schedule)
    let mean = differences.reduce(0, +) / 20
    #expect(abs(mean) < 1e-3, "\(mean)")
    Bars.report(
      "flow of normal data, \(name) | \(String(format: "%.5f", mean)) bits too many, expected 0 ± 0.001"
    )
  }

  @Test("that of correlated values is right on average: a random vector sees them only in part")
  func correlated() throws {
    let count = Bars.areFull ? 20_000 : 2000
    let differences = try differences(
      EditingMomentTests.data, count: count, along: .linear())
    let mean = differences.reduce(0, +) / Double(count)
    let variance = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
    let error = (variance / Double(count)).squareRoot()
    #expect(abs(mean) < 1e-3 + 3 * error, "\(mean) ± \(error)")
    Bars.report(
      "flow of correlated normal data | \(String(format: "%.5f ± %.5f", mean, error)) bits too many"
    )
  }
}
