import Foundation
import Testing

@testable import Diffusion
@testable import Workbench

/// Noise from a file, and every frame into one.
@Suite("Noise in, frames out")
struct NoiseFileTests {
  private func normals(_ name: String, _ shape: [Int], seed: UInt64 = 3) -> NamedTensor {
    var random = Random(seed: seed)
    return NamedTensor(name: name, shape: shape, values: random.normals(shape.reduce(1, *)))
  }

  private func write(_ tensors: [NamedTensor], _ path: String) throws {
    try SafeTensors.write(tensors.map { .tensor($0) }, to: path)
  }

  /// A run of a few steps; what it learned does not matter here.
  private func train(_ recipe: String, in folder: String) throws {
    let result = try WorkbenchProgram.run(
      "train", recipe, "--steps", "3", "--set", "training.batch=4", "--run-dir", "run", in: folder)
    #expect(result.status == 0, "\(result.errors)")
  }

  private func frames(_ arguments: [String], in folder: String) throws -> SafeTensors {
    let result = try RunningCommand(
      ["sample", "run", "--out", "frames.safetensors"] + arguments, in: folder
    ).finish()
    #expect(result.status == 0, "\(result.errors)")
    return try SafeTensors(contentsOf: folder + "/frames.safetensors")
  }

  @Test(
    "samples have PyTorch's sides, and the path begins with the given noise itself",
    arguments: [("swissroll", [2]), ("sine", [1, 100]), ("digits", [1, 14, 14])])
  func shapes(_ recipe: String, _ sides: [Int]) throws {
    try withFolder { folder in
      try train(recipe, in: folder)
      let start = normals("x_T", [3] + sides)
      try write([start], folder + "/noise.safetensors")
      let file = try frames(
        ["--noise", "noise.safetensors", "--steps", "4", "--sampler", "ddim"], in: folder)
      let x = try file.tensor("x_t")
      #expect(x.shape == [5, 3] + sides)
      #expect(try file.tensor("x_0").shape == x.shape)
      #expect(Array(x.values.prefix(start.values.count)) == start.values)
      #expect(file.entry("sigmas")?.shape == [5])
      #expect(file.entry("timesteps")?.shape == [5])
      #expect(file.metadata["sampler"] == "ddim")
    }
  }

  @Test("DDPM adds the given z, one a step that draws, whatever the seed")
  func givenSteps() throws {
    try withFolder { folder in
      try train("swissroll", in: folder)
      let z = normals("z", [5, 2, 2], seed: 4)
      try write([normals("x_T", [2, 2]), z], folder + "/noise.safetensors")
      let options = ["--noise", "noise.safetensors", "--sampler", "ddpm", "--steps", "6"]
      let file = try frames(options + ["--seed", "1"], in: folder)
      let (x, x0) = (try file.tensor("x_t").values, try file.tensor("x_0").values)
      let sigmas = try file.tensor("sigmas").values
      // q(x_s | x_t, x_0) of a process that only adds noise: Ho et al. 2020, equations 6 and 7.
      for k in 0..<6 {
        let (a, b) = (sigmas[k] * sigmas[k], sigmas[k + 1] * sigmas[k + 1])
        for i in 0..<4 {
          let mean = b / a * x[k * 4 + i] + (a - b) / a * x0[k * 4 + i]
          // The last step, to the clean sample, draws nothing.
          let added = k < 5 ? ((a - b) * b / a).squareRoot() * z.values[k * 4 + i] : 0
          let expected = mean + added
          #expect(abs(x[(k + 1) * 4 + i] - expected) < 1e-5, "step \(k)")
        }
      }
      #expect(try frames(options + ["--seed", "2"], in: folder).tensor("x_t").values == x)
    }
  }

  @Test("without z the noise of the steps comes from the seed")
  func seededSteps() throws {
    try withFolder { folder in
      try train("swissroll", in: folder)
      try write([normals("x_T", [2, 2])], folder + "/noise.safetensors")
      let draw = { (seed: String) in
        try frames(
          ["--noise", "noise.safetensors", "--sampler", "ddpm", "--steps", "6", "--seed", seed],
          in: folder
        ).tensor("x_t").values
      }
      let first = try draw("1")
      #expect(try draw("1") == first)
      let other = try draw("2")
      #expect(other != first)
      #expect(other.prefix(4) == first.prefix(4))
    }
  }

  @Test("noise that does not fit is refused with the file, the tensor and what was expected")
  func refuses() throws {
    try withFolder { folder in
      try train("swissroll", in: folder)
      let x = normals("x_T", [2, 2])
      let wrong: [([NamedTensor], [String], String)] = [
        ([normals("x", [2, 2])], [], "n.safetensors: has no tensor “x_T”"),
        (
          [normals("x_T", [2, 1, 2])], [],
          "n.safetensors: has x_T of shape [2, 1, 2]; expected (samples, 2)"
        ),
        ([normals("x_T", [0, 2])], [], "n.safetensors: has x_T of no samples"),
        (
          [x, normals("z", [6, 2])], [],
          "n.safetensors: has z of shape [6, 2]; expected (steps, 2, 2)"
        ),
        (
          [x, normals("z", [6, 3, 2])], [],
          "n.safetensors: has z for 3 samples; expected 2 as x_T has"
        ),
        (
          [x, normals("z", [4, 2, 2])], ["--sampler", "ddpm", "--steps", "6"],
          "n.safetensors: z has noise for 4 steps, but this trajectory draws noise 5 times"
        ),
        (
          [x, normals("z", [6, 2, 2])], ["--sampler", "ddpm", "--steps", "6"],
          "n.safetensors: z has noise for 6 steps, but this trajectory draws noise 5 times"
        ),
        (
          [x, normals("z", [6, 2, 2])], ["--sampler", "ddim", "--steps", "6"],
          "n.safetensors: z has noise for 6 steps, but this trajectory draws noise 0 times"
        ),
        (
          [x], ["--count", "3"],
          "n.safetensors has noise for 2 samples, but --count is 3"
        ),
      ]
      for (tensors, options, sentence) in wrong {
        try write(tensors, folder + "/n.safetensors")
        let result = try RunningCommand(
          ["sample", "run", "--noise", "n.safetensors", "--out", "frames.safetensors"] + options,
          in: folder
        ).finish()
        #expect(result.status == 1)
        #expect(result.errors == "workbench: \(sentence)\n")
      }
      #expect(!FileManager.default.fileExists(atPath: folder + "/frames.safetensors"))
    }
  }

  @Test("a file of another kind is refused before anything is sampled")
  func otherEnding() throws {
    let result = try WorkbenchProgram.run("sample", "/no/such/run", "--out", "a.jpg")
    #expect(result.status == 64)
    #expect(
      result.errors.contains("--out a.jpg: expected a name that ends with .png, .wav, .txt or"))
  }
}
