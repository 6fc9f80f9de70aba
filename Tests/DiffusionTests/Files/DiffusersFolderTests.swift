import Foundation
import Testing

@testable import Diffusion

@Suite("Folders of diffusers")
struct DiffusersFolderTests {
  private static let tiny = Fixture.folder.appending(path: "diffusers-tiny").path

  /// A copy of the fixture with some of its files changed.
  private func withCopy<Result>(_ body: (String) throws -> Result) throws -> Result {
    try withTemporaryFolder { folder in
      let copy = folder + "/copy"
      try FileManager.default.copyItem(atPath: Self.tiny, toPath: copy)
      return try body(copy)
    }
  }

  private func change(_ path: String, _ old: String, _ new: String) throws {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    try #require(text.contains(old), "\(path) has no \(old)")
    try FileManager.default.removeItem(atPath: path)
    try put(text.replacingOccurrences(of: old, with: new), path)
  }

  private func problem(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  @Test("a network that takes ln t is asked above 0 only, and what works is said")
  func logarithmOfTime() throws {
    var unet = UNet2DConfiguration()
    (unet.inChannels, unet.outChannels, unet.blockOutChannels) = (1, 1, [4, 8])
    (unet.normNumGroups, unet.timeEmbedding) = (2, .fourier)
    (unet.downBlocks, unet.upBlocks) = ([.plain, .plain], [.plain, .plain])
    let network = Network.unet2D(Shape(1, 8, 8, 1), unet)
    let data = BuiltInData.digits14.make()
    let weights = Trainer(
      .unet2D(Shape(1, 8, 8, 1), unet),
      on: Dataset(name: "grey", shape: Shape(1, 8, 8, 1), bytes: Array(repeating: 9, count: 64)),
      schedule: .linear(), TrainingConfiguration(batchSize: 1, steps: 1)
    ).rawWeights
    let model = Model(Recipe(name: "grey"), network: network, weights: weights, format: data.format)
    for (spacing, steps, offset, isFine) in [
      (StepSpacing.trailing, 10, 0, true), (.leading, 10, 1, true), (.leading, 10, 0, false),
      (.linspace, 10, 0, false), (.trailing, 1000, 0, false),
    ] {
      var sampling = SamplingConfiguration(DDIM(steps: steps), spacing: spacing, count: 1)
      sampling.offset = offset
      for rules in [StepRules.workbench, .diffusers] {
        sampling.rules = rules
        let sentence = problem { _ = try model.trajectory(sampling) }
        #expect(sentence.contains("these steps visit t = 0; choose the spacing trailing") != isFine)
        #expect((sentence == "no error") == isFine, "\(sentence)")
      }
    }
    #expect(
      problem { try network.checkTraining(along: .linear(), ObjectiveConfiguration()) }
        == "unet2d takes ln t, but training draws t = 0; expected a network whose time_embedding_type "
        + "is positional")
  }

  @Test("the configuration, the process and the sampler are read")
  func reads() throws {
    let folder = try DiffusersFolder(contentsOf: Self.tiny)
    #expect(folder.unet.blockOutChannels == [8, 16])
    #expect(folder.unet.sampleSize == .init(height: 8, width: 8))
    let scheduler = try #require(folder.scheduler)
    #expect(scheduler.schedule.name == "linear")
    #expect(scheduler.schedule.timesteps == 1000)
    #expect(scheduler.parameterization == .epsilon)
    #expect((scheduler.sampling.sampler.value as? DDPM)?.variance == .fixedSmall)
    #expect(scheduler.sampling.clipsPredictions)
  }

  @Test(
    "what is not computed here is refused by file, key, what was found and expected",
    arguments: [
      ("unet/config.json", "\"DownBlock2D\"", "\"SkipDownBlock2D\"", "down_block_types"),
      ("unet/config.json", "\"UNet2DModel\"", "\"UNet2DConditionModel\"", "_class_name"),
      ("scheduler/scheduler_config.json", "\"linear\"", "\"linear_2\"", "beta_schedule"),
      ("scheduler/scheduler_config.json", "\"epsilon\"", "\"flow\"", "prediction_type"),
      ("model_index.json", "\"DDPMScheduler\"", "\"DEISMultistepScheduler\"", "scheduler"),
    ])
  func refuses(_ file: String, _ old: String, _ new: String, _ key: String) throws {
    try withCopy { copy in
      try change("\(copy)/\(file)", old, new)
      let sentence = problem { _ = try DiffusersFolder(contentsOf: copy) }
      #expect(sentence.hasPrefix("\(copy)/\(file): has \(key) = "), "\(sentence)")
      #expect(sentence.contains("expected "), "\(sentence)")
      #expect(sentence.contains(new.filter { $0 != "\"" }), "\(sentence)")
    }
  }

  @Test("missing weights and damaged JSON are sentences")
  func damaged() throws {
    try withCopy { copy in
      try FileManager.default.removeItem(
        atPath: copy + "/unet/diffusion_pytorch_model.safetensors")
      #expect(
        problem { _ = try DiffusersFolder(contentsOf: copy) }
          .contains("has no weights; expected a file diffusion_pytorch_model.safetensors"))
    }
    try withCopy { copy in
      try change(copy + "/unet/config.json", "{", "{{")
      #expect(
        problem { _ = try DiffusersFolder(contentsOf: copy) }.hasPrefix(
          "\(copy)/unet/config.json: "))
    }
    try withTemporaryFolder { folder in
      #expect(
        problem { _ = try DiffusersFolder(contentsOf: folder) }
          .contains("has neither model_index.json nor config.json"))
    }
  }

  @Test("what is written reads back the same, and only what was written here is replaced")
  func roundTrip() throws {
    try withTemporaryFolder { folder in
      let original = try DiffusersFolder(contentsOf: Self.tiny)
      let tensors = try original.tensors()
      var scheduler = try #require(original.scheduler)
      scheduler.sampling.sampler = SamplerConfiguration(DDPM(steps: 1000, variance: .fixedLarge))
      let path = folder + "/new/folder"
      try FileManager.default.createDirectory(
        atPath: folder + "/new", withIntermediateDirectories: true)
      for _ in 0..<2 {
        try DiffusersFolder.write(original.unet, scheduler, tensors: tensors, to: path)
      }
      let copy = try DiffusersFolder(contentsOf: path)
      #expect(copy.unet == original.unet)
      #expect(copy.scheduler?.parts == scheduler.parts)
      #expect(Set(try copy.tensors().entries) == Set(tensors.entries))

      let others = folder + "/others"
      try FileManager.default.copyItem(atPath: Self.tiny, toPath: others)
      #expect(
        problem {
          try DiffusersFolder.write(original.unet, scheduler, tensors: tensors, to: others)
        }.contains("holds files that were not written here"))
    }
  }

  @Test("one door reads weights of every format, and says what else it met")
  func weightsFile() throws {
    let fixtures = Fixture.folder.path
    for path in [Self.tiny, fixtures + "/pth/state.pth", fixtures + "/dense.safetensors"] {
      #expect(try !TensorSource(contentsOf: path).entries.isEmpty)
    }
    try withTemporaryFolder { folder in
      try put("hello", folder + "/notes.txt")
      #expect(
        problem { _ = try TensorSource(contentsOf: folder + "/notes.txt") }
          .contains("holds no weights in a known format; expected safetensors"))
    }
    #expect(
      problem { _ = try TensorSource(contentsOf: fixtures + "/pth/hostile.pt") }.contains(
        "python3 -c"))
    #expect(
      problem { _ = try TensorSource(contentsOf: fixtures + "/pth/plain-legacy.pt") }.contains(
        "python3 -c")
    )
  }
}
