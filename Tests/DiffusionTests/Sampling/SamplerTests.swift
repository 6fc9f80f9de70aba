import Diffusion
import Foundation
import Testing

@Suite("Samplers")
struct SamplerTests {
  /// Answers zero, so that a step leaves only what it does with x and with noise.
  struct Zero: Denoiser {
    func predict(_ query: Query) -> Prediction {
      Prediction(x0: Tensor(query.x.shape), epsilon: Tensor(query.x.shape))
    }
  }

  static let one = Shape(1, 1, 1, 1)

  /// The deviation of the noise that a step adds.
  static func added(_ sampler: some Sampler, _ schedule: Schedule, _ t: Int, _ p: Int) -> Double {
    let noise = NoiseSource(recorded: [Tensor(one, [1])])
    let end = sampler.walk(
      [schedule.step(at: t), schedule.step(at: p)], from: Tensor(one), Zero(), noise: noise)
    return Double(end.values[0])
  }

  @Test("DDPM adds the variance of the posterior, or of the forward step")
  func ddpmVariance() {
    let schedule = Schedule.linear()
    func variance(_ sampler: DDPM, _ t: Int) -> Double {
      pow(Self.added(sampler, schedule, t, t - 1), 2)
    }
    #expect(isClose(variance(DDPM(), 487), 0.00979, absolute: 1e-5))
    #expect(isClose(variance(DDPM(), 999), 0.02, absolute: 1e-5))
    #expect(isClose(variance(DDPM(variance: .fixedLarge), 487), schedule.betas[487]))
  }

  @Test("DDIM adds η times the deviation of the posterior")
  func ddimVariance() {
    let schedule = Schedule.linear()
    #expect(isClose(pow(Self.added(DDIM(eta: 1), schedule, 420, 400), 2), 0.14771, absolute: 1e-5))
    #expect(isClose(pow(Self.added(DDIM(eta: 1), schedule, 980, 960), 2), 0.32460, absolute: 1e-5))
    let (whole, half) = (
      Self.added(DDIM(eta: 1), schedule, 420, 400), Self.added(DDIM(eta: 0.5), schedule, 420, 400)
    )
    #expect(isClose(half, whole / 2))
  }

  /// The path of EDM: ρ = 7, from 80 to 0.002.
  static func karras(_ n: Int) -> [NoiseStep] {
    let (top, bottom) = (pow(80, 1.0 / 7), pow(0.002, 1.0 / 7))
    return variancePath(
      (0..<n).map { pow(top + Double($0) / Double(n - 1) * (bottom - top), 7) })
  }

  @Test("DDIM without noise takes Euler's steps")
  func eulerSteps() {
    let expected = [5: 0.333336895, 10: 0.464756549, 20: 0.529999705, 40: 0.564269711]
    for (n, value) in expected {
      let end = DDIM().walk(Self.karras(n), from: Tensor(Self.one, [80]), GaussianDenoiser())
      #expect(isClose(Double(end.values[0]), value, relative: 2e-5))
    }
  }

  @Test("more steps come closer to the exact path, in proportion")
  func convergence() {
    let exact = GaussianDenoiser().exactEnd(80, from: 80)
    #expect(isClose(exact, 0.599365247, relative: 1e-9))
    let errors = [10, 20, 40, 80, 160].map { n in
      let end = DDIM().walk(Self.karras(n), from: Tensor(Self.one, [80]), GaussianDenoiser())
      return abs(Double(end.values[0]) - exact)
    }
    for (coarse, fine) in zip(errors, errors.dropFirst()) { #expect(fine < 0.6 * coarse) }
  }

  @Test("DDIM with η = 1 is DDPM with the posterior's variance")
  func ddimIsDDPM() {
    let shape = Shape(8, 1, 1, 3)
    for schedule in [Schedule.linear(), .cosine(), .logLinear()] {
      let steps = schedule.steps(20)
      var source = NoiseSource(seed: 3, samples: 0..<8)
      let start = source.start(shape, at: steps[0].level)
      let ddim = DDIM(eta: 1).walk(steps, from: start, GaussianDenoiser(), noise: source)
      let ddpm = DDPM().walk(steps, from: start, GaussianDenoiser(), noise: source)
      #expect(isClose(ddim.values, ddpm.values, absolute: 2e-5))
    }
  }

  @Test("a scaled process and one that is not give the same samples")
  func scaledIsUnscaled() {
    let scaled = Schedule.linear()
    let unscaled = Schedule(.sigmas(scaled.sigmas))
    let ideal = IdealDenoiser([-1, 0.5, 0.2, 1, 0.7, -0.6], Shape(3, 1, 1, 2))
    let shape = Shape(5, 1, 1, 2)
    for (sampler, tolerance) in [(DDIM(), 1e-5), (DDIM(eta: 1), 1e-5)] {
      var source = NoiseSource(seed: 1, samples: 0..<5)
      let start = source.draw(shape).copy()
      let (a, b) = (scaled.steps(30), unscaled.steps(30))
      let grown = Tensor(shape, start.values.map { $0 / Float(a[0].level.alpha) })
      let one = sampler.walk(a, from: start, ideal, noise: source)
      let other = sampler.walk(b, from: grown, ideal, noise: source)
      #expect(isClose(one.values, other.values, absolute: tolerance))
    }
  }

  @Test("both kinds of variance sample the data they were made for")
  func distribution() {
    // Long enough paths from normal data: mean 0.1 and deviation 0.5 within sampling error.
    let shape = Shape(4000, 1, 1, 1)
    let samplers: [any Sampler] = [
      DDPM(), DDPM(variance: .fixedLarge), DDIM(), DDIM(eta: 0.5), DDIM(eta: 1),
    ]
    for schedule in [Schedule.linear(), .logLinear()] {
      let steps = schedule.steps(200)
      for sampler in samplers {
        var source = NoiseSource(batch: Random(seed: 2))
        let start = source.start(shape, at: steps[0].level)
        let end = sampler.walk(steps, from: start, GaussianDenoiser(), noise: source)
        let values = end.values.map { Double($0) }
        let mean = values.reduce(0, +) / 4000
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 4000
        #expect(abs(mean - 0.1) < 0.04)
        #expect(abs(variance.squareRoot() - 0.5) < 0.04)
      }
    }
  }

  @Test("clipping keeps x̂_0 in the data's range, and the end with it")
  func clipping() {
    let steps = Schedule.linear().steps(10)
    let far = GaussianDenoiser(mean: 3, deviation: 0.1)
    for sampler in Samplers.all.filter({ !type(of: $0).isForText }) {
      var source = NoiseSource(seed: 1, samples: 0..<4)
      let start = source.start(Shape(4, 1, 1, 1), at: steps[0].level)
      let end = sampler.walk(steps, from: start, far, noise: source, clip: -1...1)
      // Those that extrapolate slopes come there within rounding.
      #expect(isClose(end.values, [1, 1, 1, 1], absolute: 1e-5), "\(sampler.kindName)")
    }
  }

  /// The diffusers test suite's samples and model.
  struct Fixed: Denoiser {
    static let shape = Shape(4, 8, 8, 3)

    /// 0/768, 1/768 … laid out as (3, 8, 8, 4), the last axis being the batch.
    static var sample: Tensor {
      let values = (0..<4).flatMap { batch in
        (0..<192).map { Float($0 * 4 + batch) / 768 }
      }
      return Tensor(channelsFirst: values, shape)
    }

    func predict(_ query: Query) -> Prediction {
      let x = query.x
      let t = Float(query.steps[0].timestep)
      let output = Tensor(x.shape, x.values.map { $0 * t / (t + 1) })
      return Parameterization.epsilon.prediction(output, x: x, levels: query.steps.map(\.level))
    }
  }

  @Test("DDIM ends where diffusers' does")
  func diffusersDDIM() {
    let steps = Schedule.linear().steps(10, spacing: .leading)
    let end = DDIM().walk(steps, from: Fixed.sample, Fixed(), clip: -1...1)
    let sum = end.values.reduce(0.0) { $0 + Double(abs($1)) }
    #expect(isClose(sum, 172.0067, absolute: 1e-2))
  }

  @Test("DDPM ends where diffusers' does, with PyTorch's noise")
  func diffusersDDPM() {
    let end = DDPM().walk(
      Schedule.linear().steps(1000), from: Fixed.sample, Fixed(),
      noise: NoiseSource(batch: Random(seed: 0)), clip: -1...1)
    let sum = end.values.reduce(0.0) { $0 + Double(abs($1)) }
    #expect(isClose(sum, 258.9606, absolute: 1e-2))
  }
}
