import Diffusion
import Foundation
import Testing

@Suite("Trajectories")
struct TrajectoryTests {
  static let sample = Shape(1, 2, 2, 3)

  static func path(
    _ configuration: SamplingConfiguration, _ denoiser: any Denoiser = GaussianDenoiser(),
    from x: [Float]? = nil, draws: Int = 1
  ) -> Trajectory {
    Trajectory(
      configuration, schedule: .linear(), sample: sample, dataRange: -1...1, denoiser: denoiser,
      from: x, draws: draws)
  }

  static let noisy = SamplingConfiguration(sampler: .ddpm, steps: 12, seed: 4, count: 3)

  @Test("yields the start, one frame a step, and nothing after")
  func frames() {
    let path = Self.path(SamplingConfiguration(steps: 10, count: 2))
    let frames = Array(path)
    #expect(frames.map(\.index) == Array(0...10))
    #expect(frames.allSatisfy { $0.total == 11 && $0.shape == Shape(2, 2, 2, 3) && $0.isFinite })
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
        Tensor(frame.shape, frame.x), at: frame.step)
      #expect(frame.x0 == expected.x0.values)
    }
    let last = Array(Self.path(Self.noisy)).last
    #expect(last != nil && last?.x0 == last?.x)
  }

  /// Counts how often it is asked.
  final class Counting: Denoiser {
    var calls = 0
    func predict(_ x: Tensor, at step: NoiseStep) -> Prediction {
      calls += 1
      return GaussianDenoiser().predict(x, at: step)
    }
  }

  @Test("asks the network once a step")
  func calls() {
    let counting = Counting()
    #expect(Array(Self.path(Self.noisy, counting)).count == 13)
    #expect(counting.calls == 12)
  }

  @Test("goes where a plain loop over the sampler goes", arguments: SamplerKind.allCases)
  func plainLoop(_ kind: SamplerKind) {
    let configuration = SamplingConfiguration(sampler: kind, steps: 9, eta: 0.3, seed: 1, count: 2)
    let steps = configuration.makeSteps(.linear())
    var source = NoiseSource(seed: 1, samples: 0..<2)
    let start = source.start(Self.sample.with(batch: 2), at: steps[0].level)
    let sampler = configuration.makeSampler(dataRange: -1...1)
    let end = sampler.walk(steps, from: start, GaussianDenoiser(), noise: source)
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

  @Test("resumed at any frame, goes on as before", arguments: [0, 1, 7, 11])
  func resuming(_ index: Int) {
    let frames = Array(Self.path(Self.noisy))
    var configuration = Self.noisy
    configuration.first = index
    let resumed = Array(
      Self.path(configuration, from: frames[index].x, draws: frames[index].draws))
    #expect(resumed.map(\.index) == Array(index...12))
    #expect(resumed.map(\.x) == frames[index...].map(\.x))
    #expect(resumed.map(\.draws) == frames[index...].map(\.draws))
  }

  @Test("tells how much x changed and what lies outside the data's range")
  func measures() {
    let far = GaussianDenoiser(mean: 3, deviation: 0.1)
    let frames = Array(Self.path(Self.noisy, far))
    #expect(frames[0].change == 0)
    for (before, after) in zip(frames, frames.dropFirst()) {
      let squares = zip(before.x, after.x).reduce(0.0) { $0 + pow(Double($1.1 - $1.0), 2) }
      #expect(isClose(after.change, (squares / Double(after.x.count)).squareRoot()))
    }
    #expect(frames.allSatisfy { $0.outside == 1 })
    let inside = GaussianDenoiser(mean: 0, deviation: 0.01)
    #expect(Self.path(Self.noisy, inside).allSatisfy { $0.outside == 0 })
  }

  /// Answers something that is not a number.
  struct Broken: Denoiser {
    func predict(_ x: Tensor, at step: NoiseStep) -> Prediction {
      let nan = Tensor(x.shape, Array(repeating: .nan, count: x.count))
      return Prediction(x0: nan.copy(), epsilon: nan)
    }
  }

  @Test("says when numbers are no longer finite")
  func notFinite() {
    #expect(Self.path(Self.noisy, Broken()).allSatisfy { !$0.isFinite })
  }

  @Test("clipping acts on the step, not on the picture of what was predicted")
  func clipping() {
    let configuration = SamplingConfiguration(steps: 5, count: 1, clip: true)
    let frames = Array(Self.path(configuration, GaussianDenoiser(mean: 3, deviation: 0.1)))
    #expect(frames.dropLast().allSatisfy { $0.outside == 1 })
    #expect(frames.last?.x == Array(repeating: 1, count: 12))
  }

  @Test("more steps than levels walk level by level")
  func manySteps() {
    let steps = SamplingConfiguration(steps: 500).makeSteps(.linear(timesteps: 20))
    #expect(steps.count == 21)
  }
}
