import Testing

@testable import Diffusion

@Suite("Resuming edits")
struct ResumingTests {
  private static let shape = Shape(1, 4, 4, 1)
  private static let data = GaussianDenoiser(mean: 0.1, deviation: 0.5)

  private func editor(_ sampling: SamplingConfiguration) throws -> Editor {
    try Editor(
      Self.data, SampleFormat(kind: .image, shape: Self.shape, range: -1...1), sampling,
      along: .linear())
  }

  private static func image(_ seed: UInt64) -> [Float] {
    var random = Random(seed: seed)
    return random.normals(shape.count).map { 0.1 + 0.5 * $0 }
  }

  private static let known = (0..<16).map { $0 % 4 < 2 }

  /// Some edits; the last is an interpolation.
  private func frames(
    _ kind: Int, _ editor: Editor, resuming frame: Frame? = nil
  ) throws -> [Frame] {
    let images = [Self.image(1), Self.image(2)]
    let trajectory =
      switch kind {
      case 0: try editor.trajectory(.denoise(deviation: 2), of: images, resuming: frame)
      case 1: try editor.trajectory(.vary(strength: 0.7), of: images, resuming: frame)
      case 2:
        try editor.trajectory(
          .fill(known: Self.known, RePaint(jumpLength: 3, resamplings: 2)), of: images,
          resuming: frame)
      default: try editor.interpolation(images[0], images[1], count: 2, resuming: frame)
      }
    return Array(trajectory)
  }

  @Test(
    "after any frame an edit goes on bit for bit",
    arguments: [
      (0, "dpm++2m"), (0, "ddpm"), (1, "ddpm"), (1, "unipc"), (2, "ddpm"), (2, "dpm++2m"),
      (3, "dpm++2m"),
    ])
  func exact(_ kind: Int, _ name: String) throws {
    var sampler = try #require(SamplerConfiguration(named: name))
    sampler.value.steps = 9
    var sampling = SamplingConfiguration(DDIM(), seed: 3, count: 2)
    sampling.sampler = sampler
    let editor = try editor(sampling)
    let whole = try frames(kind, editor)
    for frame in whole {
      let rest = try frames(kind, editor, resuming: frame)
      #expect(rest.map(\.index) == Array(frame.index..<whole.count))
      for (again, before) in zip(rest, whole[frame.index...]) {
        #expect(again.x == before.x && again.x0 == before.x0, "frame \(before.index)")
        #expect(again.history == before.history && again.noiseDraws == before.noiseDraws)
      }
    }
  }

  @Test("a changed frame begins its multistep history anew, an unchanged one keeps it")
  func changed() throws {
    let sampling = SamplingConfiguration(DPMSolver(steps: 8), count: 2)
    func path(resuming frame: Frame? = nil) -> Trajectory {
      Trajectory(
        sampling, schedule: .linear(), sample: Self.shape, dataRange: -1...1,
        denoiser: Self.data, resuming: frame)
    }
    let frames = Array(path())
    let frame = frames[4]
    #expect(frame.replacing(x: frame.x).history == frame.history)
    #expect(!frame.history.tensors.isEmpty)
    var x = frame.x
    x[5] = 1
    let changed = frame.replacing(x: x)
    #expect(changed.x == x && changed.history == SamplerHistory())
    // As a trajectory of its own that begins there.
    let steps = Array(sampling.makeSteps(.linear())[4...])
    let fresh = Array(
      Trajectory(
        steps, from: Tensor(frame.shape, x), sampler: sampling.sampler.value,
        denoiser: Self.data, noise: NoiseSource(recorded: [])))
    let resumed = Array(path(resuming: changed))
    #expect(resumed.map(\.x) == fresh.map(\.x) && resumed.count == 5)
    // With the history of the old values the next step would be another one.
    var old = frame
    old.x = x
    #expect(Array(path(resuming: old))[1].x != resumed[1].x)
  }

  @Test("a frame of another trajectory is refused")
  func otherFrame() throws {
    let frame = try frames(1, editor(SamplingConfiguration(DDIM(steps: 9), count: 2)))[2]
    let other = try editor(SamplingConfiguration(DDIM(steps: 10), count: 2))
    #expect(throws: ModelError.self) { try frames(1, other, resuming: frame) }
    #expect(throws: ModelError.self) {
      try editor(SamplingConfiguration(DDIM(steps: 9))).trajectory(
        .vary(strength: 0.7), of: [Self.image(1)], resuming: frame)
    }
  }

  @Test(
    "the first frames of a recording can be gone on from, and leave it as it was",
    arguments: [0, 1 << 20])
  func prefix(_ memory: Int) throws {
    let frames = try frames(0, editor(SamplingConfiguration(DPMSolver(steps: 6), count: 2)))
    let whole = Recording(memory: memory)
    for frame in frames { try whole.append(frame) }
    let part = whole.prefix(3)
    #expect(part.count == 3 && part.spilled == (memory == 0 ? 3 : 0))
    try part.append(frames[5].replacing(x: frames[0].x))
    for (index, frame) in frames.enumerated() {
      #expect(try whole.frame(at: index).x == frame.x)
      if index < 3 { #expect(try part.frame(at: index).history == frame.history) }
    }
    #expect(try part.frame(at: 3).x == frames[0].x)
  }
}
