import Foundation
import Testing

@testable import Diffusion
@testable import Workbench

@Suite("Samples from the command line")
struct SampleCommandTests {
  /// A network that is told two classes, trained for a moment.
  private static let recipe = """
    # points
    [data]
    source = "moons"
    [network]
    kind = "mlp"
    hidden = [8, 8]
    classes = 2
    [schedule]
    timesteps = 100
    beta_end = 0.2
    [training]
    batch = 8
    steps = 3
    [preview]
    count = 3
    steps = 5
    """

  /// Calls `body` with a folder in which `moons.toml` was trained to `run`.
  private func trained(_ body: (String) throws -> Void) throws {
    try withFolder { folder in
      try Self.recipe.write(toFile: folder + "/moons.toml", atomically: true, encoding: .utf8)
      let result = try WorkbenchProgram.run("train", "moons.toml", "--run-dir", "run", in: folder)
      #expect(result.status == 0, "\(result.errors)")
      try body(folder)
    }
  }

  /// All x_t of the path that `sample` takes.
  private func path(_ arguments: [String], in folder: String) throws -> [Float] {
    let result = try RunningCommand(
      ["sample"] + arguments + ["--out", "frames.safetensors"], in: folder
    ).finish()
    #expect(result.status == 0, "\(result.errors)")
    return try SafeTensors(contentsOf: folder + "/frames.safetensors").tensor("x_t").values
  }

  @Test("every setting of the path has an option, which changes the samples")
  func options() throws {
    try trained { folder in
      let ddim = try path(["run"], in: folder)
      #expect(ddim.count == 6 * 3 * 2)
      #expect(ddim.allSatisfy { $0.isFinite })
      for options in [
        ["--spacing", "leading"], ["--spacing", "linspace"], ["--clip", "true"], ["--eta", "0.5"],
        ["--seed", "1"], ["--steps", "4"], ["--sampler", "heun"], ["--class", "lower"],
        ["--schedule", "cosine"],
      ] {
        #expect(try path(["run"] + options, in: folder) != ddim, "\(options)")
      }
      #expect(try path(["run", "--clip", "false"], in: folder) == ddim)
      let wrong = try RunningCommand(
        ["sample", "run", "--schedule", "lineal", "--out", "x.png"], in: folder
      ).finish()
      #expect(wrong.status != 0)
      #expect(wrong.errors.contains("--schedule lineal: expected one of linear, "))
      let twice = try RunningCommand(
        ["sample", "run", "--recipe", "moons.toml", "--out", "x.png"], in: folder
      ).finish()
      #expect(twice.status != 0)
      #expect(twice.errors.contains("run says itself what its weights are; expected no recipe"))

      let ddpm = try path(["run", "--sampler", "ddpm"], in: folder)
      let small = ["run", "--sampler", "ddpm", "--variance", "fixed-small"]
      let large = ["run", "--sampler", "ddpm", "--variance", "fixed-large"]
      #expect(try path(small, in: folder) == ddpm)
      #expect(try path(large, in: folder) != ddpm)

      let lower = try path(["run", "--class", "lower"], in: folder)
      #expect(try path(["run", "--class", "upper"], in: folder) != lower)
      let guided = ["run", "--class", "lower", "--guidance"]
      #expect(try path(guided + ["1"], in: folder) == lower)
      #expect(try path(guided + ["3"], in: folder) != lower)
    }
  }

  @Test("how often the network is asked is told")
  func evaluations() throws {
    try withFolder { folder in
      for (sampler, count) in [("ddim", "4 network"), ("heun", "7 network"), ("plms", "5 network")]
      {
        let result = try WorkbenchProgram.run(
          "sample", "exact:gaussian", "--sampler", sampler, "--steps", "4", "--out", "a.png",
          in: folder)
        #expect(
          result.output.contains(" in 4 steps from exact:gaussian, \(count) evaluations, "))
      }
    }
  }

  @Test("what cannot be is refused with the option and the sentence of its setting")
  func refuses() throws {
    try trained { folder in
      let wrong: [([String], Int32, String)] = [
        (
          ["--seed", "-1"], 64,
          "--seed -1: preview.seed is “-1”; expected a whole number from 0 to 9223372036854775807"
        ),
        (
          ["--steps", "-3"], 64,
          "--steps -3: preview.steps is “-3”; expected a whole number from 1 to 10000"
        ),
        (
          ["--eta", "-0.1"], 64, "--eta -0.1: preview.eta is “-0.1”; expected a number from 0 to 1"
        ),
        (["--eta", "2"], 64, "--eta 2: preview.eta is “2”; expected a number from 0 to 1"),
        (
          ["--count", "many"], 64,
          "--count many: preview.count is “many”; expected a whole number from 1 to 1024"
        ),
        (["--clip", "yes"], 64, "--clip yes: preview.clip is “yes”; expected true or false"),
        (
          ["--guidance", "-1"], 64,
          "--guidance -1: preview.guidance is “-1”; expected a number from 0 to 50"
        ),
        (
          ["--sampler", "dppm"], 64,
          "--sampler dppm: preview.sampler is “dppm”; expected one of "
            + Samplers.names.joined(separator: ", ")
        ),
        (
          ["--steps", "101"], 64,
          "--steps 101: the schedule has only 100 levels; expected no more steps than that"
        ),
        (
          ["--set", "steps=101"], 64,
          "--set steps=101: the schedule has only 100 levels; expected no more steps than that"
        ),
        (
          ["--sampler", "ddpm", "--eta", "0.5"], 64,
          "--eta 0.5: preview.eta does not apply to sampler “ddpm”; [preview] has sampler, steps, "
            + "variance, count, seed, clip, clip_range, threshold, threshold_max, spacing, rules, offset, end, "
            + "timesteps, rho, within, class, prompt, guidance, guidance_rescale, guidance_min, guidance_max"
        ),
        (
          ["--class", "blue"], 1,
          "--class blue: there is no class “blue”; the classes are upper, lower"
        ),
        (
          ["--guidance", "2"], 1,
          "--guidance 2: guidance needs a class; choose one, or a guidance of 1"
        ),
      ]
      for (options, status, sentence) in wrong {
        let result = try RunningCommand(
          ["sample", "run", "--out", "a.png"] + options, in: folder
        ).finish()
        #expect(result.status == status, "\(options)")
        #expect(result.errors == "workbench: \(sentence)\n")
      }
      #expect(!FileManager.default.fileExists(atPath: folder + "/a.png"))

      let steps = try WorkbenchProgram.run("train", "moons.toml", "--steps", "-3", in: folder)
      #expect(steps.status == 64)
      #expect(
        steps.errors == "workbench: --steps -3: training.steps is “-3”; expected a whole number "
          + "from 1 to 1000000000\n")
    }
  }

  @Test("weights alone need a recipe to be named, and sample like the run they are of")
  func weightsAlone() throws {
    try trained { folder in
      let exported = try WorkbenchProgram.run(
        "export", "run", "--out", "weights.safetensors", in: folder)
      #expect(exported.status == 0, "\(exported.errors)")
      let unnamed = try WorkbenchProgram.run(
        "sample", "weights.safetensors", "--out", "a.png", in: folder)
      #expect(unnamed.status == 1)
      #expect(
        unnamed.errors == "workbench: weights.safetensors: has weights but does not describe "
          + "their network; name its recipe with --recipe\n")
      let named = ["weights.safetensors", "--recipe", "moons.toml"]
      #expect(try path(named, in: folder) == path(["run"], in: folder))
      let other = try WorkbenchProgram.run(
        "sample", "weights.safetensors", "--recipe", "swissroll", "--out", "a.png", in: folder)
      #expect(other.status == 1)
      #expect(other.errors.hasPrefix("workbench: weights.safetensors: the weights do not fit"))
    }
  }

  @Test("a file of PyTorch is weights too, of which the recipe has to be named")
  func torch() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Fixtures/pth/state.pth").path
    try withFolder { folder in
      let unnamed = try WorkbenchProgram.run("sample", file, "--out", "a.png", in: folder)
      #expect(unnamed.errors.contains("name its recipe with --recipe"), "\(unnamed.errors)")
      let other = try WorkbenchProgram.run(
        "sample", file, "--recipe", "swissroll", "--out", "a.png", in: folder)
      #expect(other.errors.contains("the weights do not fit the network"), "\(other.errors)")
    }
  }

  @Test("weights that are not finite are refused, in training and in sampling")
  func notFinite() throws {
    try trained { folder in
      _ = try WorkbenchProgram.run("export", "run", "--out", "weights.safetensors", in: folder)
      var tensors = try TensorSource(
        SafeTensors(contentsOf: folder + "/weights.safetensors")
      ).tensors()
      tensors[1].values[0] = .nan
      try SafeTensors.write(
        tensors.map { .tensor($0) }, to: folder + "/nan.safetensors")
      let sentence =
        "workbench: nan.safetensors: has weights that are NaN or infinite\n"
      let started = try WorkbenchProgram.run(
        "train", "moons.toml", "--from", "nan.safetensors", "--run-dir", "other", in: folder)
      #expect(started.status == 1)
      #expect(started.errors == sentence)
      #expect(!FileManager.default.fileExists(atPath: folder + "/other"))
      let sampled = try WorkbenchProgram.run(
        "sample", "nan.safetensors", "--recipe", "moons.toml", "--out", "a.png", in: folder)
      #expect(sampled.status == 1)
      #expect(sampled.errors == sentence)
    }
  }

  @Test("a schedule that leaves no signal is refused before the first step")
  func noSignal() throws {
    try trained { folder in
      let result = try WorkbenchProgram.run(
        "train", "moons.toml", "--set", "schedule.timesteps=1000", "--set",
        "schedule.beta_end=0.999", "--run-dir", "other", in: folder)
      #expect(result.status == 1)
      #expect(result.output.isEmpty)
      #expect(result.errors.contains("the schedule keeps no signal from t = "), "\(result.errors)")
      #expect(result.errors.contains("schedule.beta_end"))
      #expect(!result.errors.contains("learning"))
      #expect(!FileManager.default.fileExists(atPath: folder + "/other"))
    }
  }

  @Test("a folder for diffusers says the size of the images it was trained on")
  func sampleSize() throws {
    try withFolder { folder in
      // Sixteen images of 8×8 as an idx file.
      let header: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 16, 0, 0, 0, 8, 0, 0, 0, 8]
      let pixels = (0..<16 * 64).map { UInt8($0 * 37 % 256) }
      try Data(header + pixels).write(to: URL(filePath: folder + "/images.idx"))
      try """
      # images
      [data]
      source = "images.idx"
      [network]
      kind = "unet2d"
      config = '''
      {"in_channels": 1, "out_channels": 1, "layers_per_block": 1, "block_out_channels": [8, 16],
       "norm_num_groups": 4, "down_block_types": ["DownBlock2D", "DownBlock2D"],
       "up_block_types": ["UpBlock2D", "UpBlock2D"]}
      '''
      [training]
      batch = 2
      steps = 1
      """.write(toFile: folder + "/small.toml", atomically: true, encoding: .utf8)
      for arguments in [
        ["train", "small.toml", "--run-dir", "run"], ["export", "run", "--out", "exported"],
      ] {
        let result = try RunningCommand(arguments, in: folder).finish()
        #expect(result.status == 0, "\(result.errors)")
      }
      let json = try JSON(contentsOf: folder + "/exported/unet/config.json")
      #expect(json["sample_size"]?.integer == 8)
    }
  }
}
