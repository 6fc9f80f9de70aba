import Foundation
import Testing

@testable import Diffusion

@Suite("Whole pipelines of diffusers")
struct PipelineFixtureTests {
  private func folder(_ name: String) throws -> DiffusersFolder {
    try DiffusersFolder(contentsOf: Fixture.folder.appending(path: name).path)
  }

  private func denoiser(_ folder: DiffusersFolder, _ shape: Shape) throws -> NetworkDenoiser {
    let network = Network.unet2D(shape, folder.unet)
    return NetworkDenoiser(
      network, weights: try network.table.weights(from: folder.tensors()),
      predicting: folder.scheduler?.parameterization ?? .epsilon)
  }

  /// The path of the fixture, from the same noise, against diffusers' frames and final image.
  private func compare(_ fixtureName: String, _ sampling: SamplingConfiguration) throws {
    let fixture = try Fixture(fixtureName)
    let folder = try folder("diffusers-tiny")
    let scheduler = try #require(folder.scheduler)
    let shape = Shape(2, 8, 8, 3)
    let schedule = try scheduler.schedule.make()
    let steps = sampling.makeSteps(schedule)
    #expect(steps.dropLast().map { Int($0.timestep) } == (try fixture.ints("timesteps")))

    // One generator for the batch, as in the pipeline: first x_T, then every step's noise.
    var noise = NoiseSource(batch: Random(seed: 0))
    let start = noise.start(shape, at: steps[0].level)
    let expectedStart = try fixture.floats("x_T")
    #expect(isNear(start.channelsFirst, expectedStart, tolerance: 1e-6))
    let path = Trajectory(
      steps, from: start, sampler: sampling.sampler.value,
      denoiser: try denoiser(folder, shape.with(batch: 1)), noise: noise,
      clipping: sampling.clipping)

    let frameSteps = try fixture.ints("frame_steps")
    let frames = try fixture.floats("frames")
    var last: [Float] = []
    for frame in path {
      last = Tensor(shape, frame.x).channelsFirst
      guard let place = frameSteps.firstIndex(of: frame.index) else { continue }
      let expected = Array(frames[place * shape.count..<(place + 1) * shape.count])
      #expect(isNear(last, expected, tolerance: 2e-4), "after \(frame.index) steps")
    }
    let image = last.map { min(max($0 / 2 + 0.5, 0), 1) }
    let worst = zip(image, try fixture.floats("image")).map { abs($0 - $1) }.max() ?? 1
    #expect(worst < 1 / 255, "the final images differ by \(worst * 255)/255")
  }

  @Test("1,000 steps of DDPM end in diffusers' image, to 1/255")
  func ddpm() throws {
    let scheduler = try #require(try folder("diffusers-tiny").scheduler)
    #expect(scheduler.sampling.steps == 1000)
    #expect(scheduler.sampling.sampler.name == "ddpm")
    #expect(scheduler.sampling.rules == .diffusers)
    try compare("pipeline-ddpm", scheduler.sampling)
  }

  @Test("50 steps of DDIM end in diffusers' image, to 1/255")
  func ddim() throws {
    var sampling = try #require(try folder("diffusers-tiny").scheduler).sampling
    sampling.sampler = SamplerConfiguration(DDIM(steps: 50))
    try compare("pipeline-ddim", sampling)
  }

  @Test("a folder of 2022 with the old names of attention answers as in diffusers")
  func oldNames() throws {
    let fixture = try Fixture("pipeline-old")
    let folder = try folder("diffusers-old")
    let shape = Shape(2, 8, 8, 1)
    let network = Network.unet2D(shape.with(batch: 1), folder.unet)
    let block = network.table.makeBlock()
    try network.table.load(folder.tensors(), into: block)
    let pass = Pass(.evaluate, network.table, weights: block)
    let output = network.forward(
      Tensor(channelsFirst: try fixture.floats("x"), shape),
      noise: Tensor(Shape(2, 1, 1, 1), try fixture.floats("noise")), pass)
    #expect(isNear(output.channelsFirst, try fixture.floats("output"), tolerance: 1e-4))
  }
}
