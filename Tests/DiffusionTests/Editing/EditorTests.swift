import Foundation
import Testing

@testable import Diffusion

@Suite("Editing with a denoiser")
struct EditorTests {
  private static let shape = Shape(1, 6, 6, 1)
  private static let data = GaussianDenoiser(mean: 0.1, deviation: 0.5)

  private func editor(
    _ sampling: SamplingConfiguration, _ denoiser: any Denoiser = data,
    along schedule: Schedule = .linear()
  ) throws -> Editor {
    try Editor(
      denoiser, SampleFormat(kind: .image, shape: Self.shape, range: -1...1), sampling,
      along: schedule)
  }

  private func noise(_ seed: UInt64) -> [Float] {
    var random = Random(seed: seed)
    return random.normals(Self.shape.count)
  }

  @Test("noise is removed along the deterministic path from its own level", arguments: [0.2, 1, 3])
  func denoising(_ deviation: Double) throws {
    let schedule = Schedule.linear()
    let given = noise(1).map { 0.1 + Float(deviation) * $0 }
    let trajectory = try editor(SamplingConfiguration(Heun(steps: 60)), along: schedule)
      .trajectory(.denoise(deviation: deviation), of: [given])
    #expect(isClose(trajectory.steps[0].level.sigmaOverAlpha, deviation))
    let end = trajectory.finish().x
    for (value, result) in zip(given, end) {
      let exact = Self.data.exactEnd(Double(value), from: deviation)
      #expect(abs(Double(result) - exact) < 0.01)
    }
  }

  @Test("noise beyond the schedule is refused with its range")
  func noiseBeyond() throws {
    let editor = try editor(
      SamplingConfiguration(), along: .logLinear(sigmaMin: 0.01, sigmaMax: 10))
    let expected =
      "noise of 20 is outside the levels of the schedule; expected σ/α from 0.01 to 10"
    #expect(message { try editor.trajectory(.denoise(deviation: 20), of: [noise(1)]) } == expected)
  }

  private func message(_ body: () throws -> Trajectory) -> String? {
    do {
      _ = try body()
      return nil
    } catch { return "\(error)" }
  }

  @Test(
    "a strength takes the last share of the steps, as diffusers counts them",
    arguments: [(0.3, 20, 6), (1, 20, 20), (0.05, 20, 1), (0.29, 100, 29), (0.99, 10, 9)])
  func strength(_ strength: Double, _ steps: Int, _ taken: Int) throws {
    let sampling = SamplingConfiguration(DDIM(steps: steps))
    let trajectory = try editor(sampling).trajectory(.vary(strength: strength), of: [noise(1)])
    #expect(trajectory.steps == Array(sampling.makeSteps(.linear()).suffix(taken + 1)))
  }

  @Test("a strength out of range, or that takes no step, is refused")
  func wrongStrength() throws {
    let editor = try editor(SamplingConfiguration(DDIM(steps: 20)))
    func sentence(_ strength: Double) -> String? {
      message { try editor.trajectory(.vary(strength: strength), of: [noise(1)]) }
    }
    #expect(sentence(0) == "a strength of 0 is out of range; expected a number above 0 and up to 1")
    #expect(
      sentence(1.5) == "a strength of 1.5 is out of range; expected a number above 0 and up to 1")
    #expect(
      sentence(0.04)
        == "a strength of 0.04 takes none of 20 steps; expected at least 0.05, or more steps")
  }

  @Test("the higher the strength, the less is left of the image")
  func variation() throws {
    let editor = try editor(SamplingConfiguration(DDPM(steps: 50)))
    let images = (0..<20).map { seed in noise(seed).map { 0.1 + 0.5 * $0 } }
    let distances = try [0.1, 0.3, 1].map { strength in
      let end = try editor.trajectory(.vary(strength: strength), of: images).finish().x
      return zip(end, images.joined()).reduce(0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
    }
    #expect(distances[0] < distances[1] && distances[1] < distances[2])
  }

  @Test("images come back from their latents, and the way between is a great circle")
  func interpolation() throws {
    let editor = try editor(SamplingConfiguration(DDIM(steps: 500)))
    let images = [4, 5].map { seed in noise(seed).map { 0.1 + 0.5 * $0 } }
    let frames = Array(try editor.interpolation(images[0], images[1], count: 5))
    let ends = try #require(frames.last).samples
    for (found, image) in [(ends[0], images[0]), (ends[4], images[1])] {
      #expect(isClose(found, image, relative: 0, absolute: 0.02))
    }
    let lengths = try #require(frames.first).samples.map { sample in
      sample.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    }
    // Between two of about the same length all have about that length; straight, the middle would be shorter.
    let shortest = min(lengths[0], lengths[4])
    #expect(lengths.allSatisfy { $0 > 0.97 * shortest })
    let straight = zip(frames[0].samples[0], frames[0].samples[4]).reduce(0.0) {
      $0 + Double(($1.0 + $1.1) / 2 * ($1.0 + $1.1) / 2)
    }.squareRoot()
    #expect(straight < 0.9 * shortest)
  }

  @Test("an interpolation refuses samplers that draw noise")
  func stochastic() throws {
    let editor = try editor(SamplingConfiguration(DDPM(steps: 5)))
    let expected =
      "an interpolation needs a sampler that draws no noise, such as ddim with an eta of 0; ddpm draws it"
    #expect(message { try editor.interpolation(noise(1), noise(2), count: 3) } == expected)
  }

  @Test("posterior sampling refuses formulas that cannot be differentiated")
  func differentiable() throws {
    let editor = try editor(SamplingConfiguration())
    let small = [Float](repeating: 0, count: 9)
    let found = message {
      try editor.trajectory(.recover(BlockMeans(factor: 2), .ofNorm(1)), of: [small])
    }
    #expect(found?.hasSuffix("expected a trained network") == true)
  }

  @Test("a measurement and its adjoint belong together")
  func adjoints() {
    var random = Random(seed: 8)
    for (measurement, shape) in [
      (BlockMeans(factor: 3) as any LinearMeasurement, Shape(2, 6, 9, 2)),
      (Brightness(), Shape(2, 3, 4, 3)),
    ] {
      let x = Tensor(shape, random.normals(shape.count))
      let image = measurement.apply(x)
      let y = Tensor(image.shape, random.normals(image.count))
      func dot(_ a: Tensor, _ b: Tensor) -> Double {
        zip(a.values, b.values).reduce(0) { $0 + Double($1.0) * Double($1.1) }
      }
      #expect(isClose(dot(image, y), dot(x, measurement.adjoint(y)), absolute: 1e-4))
    }
    let blocks = BlockMeans(factor: 2).apply(Tensor(Shape(1, 2, 4, 1), [1, 2, 5, 6, 3, 4, 7, 8]))
    #expect(blocks.values == [2.5, 6.5])
  }

  @Test(
    "the noise of an image is estimated to a fifth, edges or not",
    arguments: [(0.1, 14), (0.5, 14), (0.3, 64)])
  func estimate(_ deviation: Double, _ side: Int) {
    let shape = Shape(1, side, side, 1)
    var random = Random(seed: 6)
    let values = random.normals(shape.count).enumerated().map { place, z in
      let isInside = (side / 4..<side / 2).contains(place % side)
      return (isInside ? 1 : -1) + Float(deviation) * z
    }
    let found = NoiseEstimate.standardDeviation(values, shape: shape)
    #expect(abs(found / deviation - 1) < 0.2)
    let signal = Shape(1, 1, 1000, 1)
    let wave = random.normals(1000).enumerated().map { sinf(Float($0) / 20) + 0.2 * $1 }
    #expect(abs(NoiseEstimate.standardDeviation(wave, shape: signal) / 0.2 - 1) < 0.2)
  }
}
