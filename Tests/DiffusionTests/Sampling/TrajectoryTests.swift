import Diffusion
import Foundation
import Testing

@Suite("Trajectories")
struct TrajectoryTests {
  static let sample = Shape(1, 2, 2, 3)

  static func path(
    _ configuration: SamplingConfiguration, _ denoiser: any Denoiser = GaussianDenoiser(),
    resuming frame: Frame? = nil
  ) -> Trajectory {
    Trajectory(
      configuration, schedule: .linear(), sample: sample, dataRange: -1...1, denoiser: denoiser,
      resuming: frame)
  }

  static let noisy = SamplingConfiguration(DDPM(steps: 12), seed: 4, count: 3)

  @Test("yields the start, one frame a step, and nothing after")
  func frames() {
    let path = Self.path(SamplingConfiguration(DDIM(steps: 10), count: 2))
    let frames = Array(path)
    #expect(frames.map(\.index) == Array(0...10))
    #expect(
      frames.allSatisfy { $0.frameCount == 11 && $0.shape == Shape(2, 2, 2, 3) && $0.isFinite })
    #expect(frames.first?.timestep == 999)
    #expect(frames.last?.level == .clean)
    #expect(frames.map(\.isLast) == Array(repeating: false, count: 10) + [true])
    #expect(path.next() == nil)
    var source = NoiseSource(seed: 0, samples: 0..<2)
    #expect(frames.first?.x == source.draw(Shape(2, 2, 2, 3)).values)
  }

  @Test("every frame shows what the network makes of exactly that frame")
  func estimates() {
    for frame in Self.path(Self.noisy) where !frame.isLast {
      let expected = GaussianDenoiser().predict(
        Query(Tensor(frame.shape, frame.x), at: frame.step))
      #expect(frame.x0 == expected.x0.values)
    }
    let last = Array(Self.path(Self.noisy)).last
    #expect(last != nil && last?.x0 == last?.x)
  }

  @Test(
    "a sample is the same in any batch, whatever the sampler",
    arguments: Samplers.names(forText: false))
  func anyBatch(_ name: String) throws {
    var sampler = try #require(SamplerConfiguration(named: name))
    for (key, value) in [("churn", 4.0), ("eta", 1), ("mu", 0.5)]
    where sampler.setting(key) != nil {
      try sampler.set(key, to: .real(value))
    }
    func end(_ samples: Range<Int>) -> [Float] {
      let steps = Schedule.logLinear().steps(6)
      var noise = NoiseSource(seed: 3, samples: samples)
      let start = noise.start(Shape(samples.count, 2, 2, 1), at: steps[0].level)
      let path = Trajectory(
        steps, from: start, sampler: sampler.value, denoiser: GaussianDenoiser(), noise: noise,
        clipping: .dynamic(quantile: 0.9, largest: 2))
      return path.map(\.x).last ?? []
    }
    #expect(isClose(Array(end(0..<5)[8..<16]), end(2..<4), relative: 0, absolute: 1e-6))
  }

  /// Counts how often it is asked.
  final class Counting: Denoiser {
    var calls = 0
    func predict(_ query: Query) -> Prediction {
      calls += 1
      return GaussianDenoiser().predict(query)
    }
  }

  @Test("asks the network as often as the sampler says")
  func calls() {
    for sampler in Samplers.all.filter({ !type(of: $0).isForText }) {
      let counting = Counting()
      var configuration = SamplingConfiguration(sampler)
      configuration.steps = 12
      #expect(Array(Self.path(configuration, counting)).count == 13)
      #expect(counting.calls == sampler.evaluations(steps: 12), "\(sampler.kindName)")
    }
  }

  @Test("goes where a plain loop over the sampler goes", arguments: Samplers.names(forText: false))
  func plainLoop(_ name: String) throws {
    var configuration = SamplingConfiguration(seed: 1, count: 2)
    configuration.sampler = try #require(SamplerConfiguration(named: name))
    configuration.steps = 9
    let steps = configuration.makeSteps(.linear())
    var source = NoiseSource(seed: 1, samples: 0..<2)
    let start = source.start(Self.sample.with(batch: 2), at: steps[0].level)
    let end = configuration.sampler.value.walk(
      steps, from: start, GaussianDenoiser(), noise: source)
    #expect(Array(Self.path(configuration)).last?.x == end.values)
  }

  @Test("the same seed gives the same bytes")
  func repeatable() {
    let (one, other) = (Array(Self.path(Self.noisy)), Array(Self.path(Self.noisy)))
    #expect(one.map(\.x) == other.map(\.x))
    var changed = Self.noisy
    changed.seed += 1
    #expect(Array(Self.path(changed)).last?.x != one.last?.x)
  }

  @Test("a sample does not depend on how many others are made")
  func independentOfBatch() {
    var single = Self.noisy
    single.count = 1
    let size = Self.sample.count
    let (many, one) = (Array(Self.path(Self.noisy)), Array(Self.path(single)))
    for (a, b) in zip(many, one) { #expect(Array(a.x[..<size]) == b.x) }
  }

  @Test(
    "resumed at any frame, goes on as before, whatever the sampler",
    arguments: Samplers.names(forText: false))
  func resuming(_ name: String) throws {
    var configuration = Self.noisy
    configuration.sampler = try #require(SamplerConfiguration(named: name))
    configuration.steps = 12
    let frames = Array(Self.path(configuration))
    for index in [0, 1, 7, 11] {
      let resumed = Array(Self.path(configuration, resuming: frames[index]))
      #expect(resumed.map(\.index) == Array(index...12))
      #expect(resumed.map(\.x) == frames[index...].map(\.x), "at \(index)")
      #expect(resumed.map(\.noiseDraws) == frames[index...].map(\.noiseDraws))
      #expect(resumed.map(\.history) == frames[index...].map(\.history))
    }
  }

  @Test("where the list of steps rises again, the path draws the noise that is missing")
  func rising() {
    let schedule = Schedule.linear()
    let steps = [900, 400, 700, 300].map { schedule.step(at: $0) } + [.clean]
    let shape = Shape(4000, 1, 1, 1)
    let path = Trajectory(
      steps, from: Tensor(shape, Array(repeating: 0.3, count: 4000)), sampler: DDIM(),
      denoiser: GaussianDenoiser(mean: 0.3, deviation: 0.001),
      noise: NoiseSource(batch: Random(seed: 5)))
    let frames = Array(path)
    // q(x_700 | x_400): α·x and the variance σ_700² − α²·σ_400², α = α_700/α_400.
    let (low, high) = (schedule[400], schedule[700])
    let alpha = high.alpha / low.alpha
    let variance = high.sigma * high.sigma - alpha * alpha * low.sigma * low.sigma
    let added = zip(frames[2].x, frames[1].x).map { Double($0) - alpha * Double($1) }
    let mean = added.reduce(0, +) / 4000
    let measured = added.reduce(0) { $0 + $1 * $1 } / 4000
    #expect(abs(mean) < 4 * (variance / 4000).squareRoot())
    #expect(abs(measured / variance - 1) < 4 * (2.0 / 4000).squareRoot())
    #expect(frames[4].isLast && frames[4].noiseDraws == 1)
  }

  /// Holds the first number of every sample to a value.
  private struct Held: TrajectoryConstraint {
    let value: Float

    func apply(_ x: Tensor, at step: NoiseStep, noise: inout NoiseSource) {
      var values = x.values
      for sample in 0..<x.shape.batch { values[sample * x.shape.sampleCount] = value }
      x.assign(values)
    }
  }

  @Test("a constraint holds the path after every step")
  func constraint() {
    let steps = Schedule.linear().steps(6)
    let path = Trajectory(
      steps, from: Tensor(Shape(2, 1, 1, 3)), sampler: DDIM(), denoiser: GaussianDenoiser(),
      constraint: Held(value: 0.25), noise: NoiseSource(recorded: []))
    for frame in path.dropFirst() { #expect(frame.x[0] == 0.25 && frame.x[3] == 0.25) }
  }

  @Test("tells how much x changed and what lies outside the data's range")
  func measures() {
    let far = GaussianDenoiser(mean: 3, deviation: 0.1)
    let frames = Array(Self.path(Self.noisy, far))
    #expect(frames[0].rmsChange == 0)
    for (before, after) in zip(frames, frames.dropFirst()) {
      let squares = zip(before.x, after.x).reduce(0.0) { $0 + pow(Double($1.1 - $1.0), 2) }
      #expect(isClose(after.rmsChange, (squares / Double(after.x.count)).squareRoot()))
    }
    #expect(frames.allSatisfy { $0.outOfRangeFraction == 1 })
    let inside = GaussianDenoiser(mean: 0, deviation: 0.01)
    #expect(Self.path(Self.noisy, inside).allSatisfy { $0.outOfRangeFraction == 0 })
  }

  /// Answers something that is not a number.
  struct Broken: Denoiser {
    func predict(_ query: Query) -> Prediction {
      let nan = Tensor(query.x.shape, Array(repeating: .nan, count: query.x.count))
      return Prediction(x0: nan.copy(), epsilon: nan)
    }
  }

  @Test("says when numbers are no longer finite")
  func notFinite() {
    #expect(Self.path(Self.noisy, Broken()).allSatisfy { !$0.isFinite })
  }

  @Test("clipping acts on the step, not on the image of what was predicted")
  func clipping() {
    let configuration = SamplingConfiguration(DDIM(steps: 5), count: 1, clipsPredictions: true)
    let frames = Array(Self.path(configuration, GaussianDenoiser(mean: 3, deviation: 0.1)))
    #expect(frames.dropLast().allSatisfy { $0.outOfRangeFraction == 1 })
    #expect(frames.last?.x == Array(repeating: 1, count: 12))
  }

  @Test("more steps than levels walk level by level")
  func manySteps() {
    let steps = SamplingConfiguration(DDIM(steps: 500)).makeSteps(.linear(timesteps: 20))
    #expect(steps.count == 21)
  }
}
