import Testing

@testable import Diffusion

@Suite("Inpainting by replacement and RePaint")
struct RePaintTests {
  @Test(
    "the list of times is that of diffusers", arguments: [(20, 5, 3), (50, 10, 10), (250, 10, 10)])
  func times(_ steps: Int, _ length: Int, _ resamplings: Int) throws {
    let expected = try Fixture("editing").ints("times.\(steps).\(length).\(resamplings)")
    let times = RePaint(jumpLength: length, resamplings: resamplings).times(steps: steps)
    #expect(times.map { $0 * (1000 / steps) } == expected)
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let steps: Int
    let repaint: RePaint
    var eta = 0.0
    var clips = false
    var deviation = 0.5
    var testDescription: String { name }
  }

  @Test(
    "each state is that of diffusers' trajectory",
    arguments: [
      Case(name: "plain", steps: 10, repaint: RePaint(jumpLength: 10, resamplings: 1)),
      Case(name: "implicit", steps: 20, repaint: RePaint(jumpLength: 5, resamplings: 3)),
      Case(name: "ancestral", steps: 12, repaint: RePaint(jumpLength: 3, resamplings: 2), eta: 1),
      Case(
        name: "clipped", steps: 12, repaint: RePaint(jumpLength: 2, resamplings: 2), eta: 1,
        clips: true, deviation: 1.5),
    ])
  func trajectory(_ it: Case) throws {
    let fixture = try Fixture("editing")
    let shape = Shape(3, 4, 3, 2)
    func tensor(_ values: some Sequence<Float>) -> Tensor {
      Tensor(channelsFirst: Array(values), shape)
    }
    let mask = try fixture.ints("mask").map { Float($0) }
    let known = Tensor(channelsFirst: mask, shape.with(batch: 1)).values.map { $0 == 1 }
    var sampling = SamplingConfiguration(
      DDIM(steps: it.steps, eta: it.eta), spacing: .leading, clipsPredictions: it.clips)
    sampling.rules = .diffusers
    let schedule = Schedule.linear()
    let noise = try fixture.floats("\(it.name).noise")
    let trajectory = Trajectory(
      sampling, it.repaint.plan(sampling.makeMoves(schedule), along: schedule),
      from: tensor(try fixture.floats("start")), dataRange: -1...1,
      denoiser: GaussianDenoiser(mean: 0.1, deviation: it.deviation),
      constraint: KnownValues(tensor(try fixture.floats("known")), where: known),
      noise: NoiseSource(
        recorded: stride(from: 0, to: noise.count, by: shape.count).map {
          tensor(noise[$0..<$0 + shape.count])
        }))
    let states = try fixture.floats("\(it.name).states")
    let frames = Array(trajectory)
    #expect(frames.count * shape.count == states.count)
    for frame in frames {
      let expected = tensor(states[frame.index * shape.count..<(frame.index + 1) * shape.count])
      #expect(
        isNear(frame.x, expected.values), "\(it.name), frame \(frame.index) of \(frames.count)")
    }
    #expect(frames.last?.noiseDraws == noise.count / shape.count)
  }

  /// Counts how often it is asked, and refuses to be where there is no noise.
  private final class Counting: Denoiser {
    var count = 0

    func predict(_ query: Query) -> Prediction {
      precondition(query.steps[0].level.sigma > 0, "a network is asked without noise")
      count += 1
      return GaussianDenoiser().predict(query)
    }
  }

  @Test("only steps to less noise ask the network: 2,410 of diffusers' standard 4,570")
  func evaluations() {
    let schedule = Schedule.linear()
    let sampling = SamplingConfiguration(DDIM(steps: 250))
    let counting = Counting()
    let shape = Shape(1, 1, 1, 2)
    let trajectory = Trajectory(
      sampling, RePaint().plan(sampling.makeMoves(schedule), along: schedule),
      from: Tensor(shape, [0.3, -0.2]), dataRange: -1...1, denoiser: counting,
      constraint: KnownValues(Tensor(shape, [0.5, 0]), where: [true, false]),
      noise: NoiseSource(seed: 1, samples: 0..<1))
    let last = trajectory.finish()
    #expect(last.frameCount == 4571)
    #expect(counting.count == 2410)
    #expect(last.x[0] == 0.5)
  }

  @Test(
    "whatever the sampler, what is known is kept and the rest finite",
    arguments: Samplers.names(forText: false))
  func samplers(_ name: String) throws {
    let schedule = Schedule.linear()
    var sampling = SamplingConfiguration(seed: 2)
    sampling.sampler = try #require(SamplerConfiguration(named: name))
    sampling.steps = 6
    let shape = Shape(3, 2, 2, 1)
    let known = Tensor(shape, (0..<shape.count).map { Float($0) / 12 - 0.5 })
    for repaint in [RePaint(resamplings: 1), RePaint(jumpLength: 2, resamplings: 2)] {
      var noise = NoiseSource(seed: 2, samples: 0..<3)
      let trajectory = Trajectory(
        sampling, repaint.plan(sampling.makeMoves(schedule), along: schedule),
        from: noise.start(shape, deviation: 1), dataRange: -1...1, denoiser: GaussianDenoiser(),
        constraint: KnownValues(known, where: [true, false, true, false]), noise: noise)
      let x = trajectory.finish().x
      for i in x.indices {
        #expect(i.isMultiple(of: 2) ? x[i] == known.values[i] : abs(x[i] - 0.1) < 4)
      }
    }
  }
}
