import Foundation
import Testing

@testable import Diffusion
@testable import Workbench

/// Weights and samples that come from other programs and go to them, through the commands.
@Suite("In and out for other programs")
struct ForeignWeightsTests {
  private static let fixtures = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures").path

  private var tiny: String { Self.fixtures + "/diffusers-tiny" }

  /// Sixteen images of 16×16 in two classes, as CIFAR-10 records.
  private func writeImages(_ path: String) throws {
    var random = Random(seed: 3)
    let bytes = (0..<16).flatMap { index in
      [UInt8(index % 2)] + random.integers(below: 256, count: 768).map { UInt8($0) }
    }
    try Data(bytes).write(to: URL(filePath: path))
  }

  @Test("a diffusers folder and its noise give the frames of diffusers' pipeline")
  func samplesOfAFolder() throws {
    try withFolder { folder in
      let noise = Self.fixtures + "/pipeline-ddim.safetensors"
      let out = folder + "/frames.safetensors"
      let result = try WorkbenchProgram.run(
        "sample", tiny, "--noise", noise, "--sampler", "ddim", "--steps", "50", "--out", out)
      #expect(result.status == 0, "\(result.errors)")
      let (frames, expected) = (
        try SafeTensors(contentsOf: out), try SafeTensors(contentsOf: noise)
      )
      let x = try frames.tensor("x_t")
      #expect(x.shape == [51, 2, 3, 8, 8])
      #expect(try frames.tensor("x_0").shape == x.shape)
      let times = try frames.tensor("timesteps").values
      #expect(times.dropLast() == (try expected.tensor("timesteps").values)[...])
      #expect(times.last == -1)
      #expect(try frames.tensor("sigmas").values.last == 0)
      let last = x.values.suffix(2 * 3 * 64)
      let worst = zip(last, try expected.tensor("x_0").values).map { abs($0 - $1) }.max() ?? 1
      #expect(worst < 2.0 / 255)
      #expect(frames.metadata["sampler"] == "ddim")
    }
  }

  @Test("noise of another size is refused with what was expected")
  func wrongNoise() throws {
    try withFolder { folder in
      let noise = folder + "/noise.safetensors"
      try SafeTensors.write(
        [
          .tensor(NamedTensor(name: "x_T", shape: [2, 4], values: [Float](repeating: 0, count: 8)))
        ],
        to: noise)
      let result = try WorkbenchProgram.run(
        "sample", tiny, "--noise", noise, "--out", folder + "/a.png")
      #expect(result.status == 1)
      #expect(
        result.errors
          == "workbench: \(noise): has x_T of shape [2, 4]; expected (samples, 3, 8, 8)\n")
    }
  }

  @Test("fine-tuning a folder, going on, and writing a folder that reads as the same weights")
  func fineTuneAFolder() throws {
    try withFolder { folder in
      let data = folder + "/images.bin"
      try writeImages(data)
      let nothing = try WorkbenchProgram.run("train", tiny, in: folder)
      #expect(nothing.errors.contains("there is no training data; add --set data.source="))
      let run = RunFolder(path: folder + "/run")
      let trained = try WorkbenchProgram.run(
        "train", tiny, "--set", "data.source=\(data)", "--steps", "2", "--set", "training.batch=4",
        "--run-dir", run.path)
      #expect(trained.status == 0, "\(trained.errors)")
      let resumed = try WorkbenchProgram.run("train", "--resume", run.path, "--steps", "3")
      #expect(resumed.status == 0, "\(resumed.errors)")
      let checkpoint = try run.checkpoint()
      #expect(checkpoint.parent == tiny)
      #expect(checkpoint.state.step == 3)

      let out = folder + "/exported"
      let exported = try WorkbenchProgram.run("export", run.path, "--out", out)
      #expect(exported.status == 0, "\(exported.errors)")
      let written = try DiffusersFolder(contentsOf: out)
      var expected = try DiffusersFolder(contentsOf: tiny).unet
      // It has learned from images of another size.
      expected.sampleSize = .init(height: 16, width: 16)
      #expect(written.unet == expected)
      let (tensors, average) = (
        try written.tensors().tensors(), try checkpoint.state.average.tensors()
      )
      #expect(Set(tensors.map(\.name)) == Set(average.map(\.name)))
      for tensor in tensors {
        #expect(average.first { $0.name == tensor.name }?.values == tensor.values)
      }
      let half = folder + "/half.safetensors"
      _ = try WorkbenchProgram.run("export", run.path, "--out", half, "--dtype", "f16", "--raw")
      #expect(try SafeTensors(contentsOf: half).entries.allSatisfy { $0.type == .f16 })
    }
  }

  @Test("a run starts from another one's average, on one class, and remembers it")
  func fineTuneARun() throws {
    try withFolder { folder in
      let recipe = folder + "/moons.toml"
      try """
      # points
      [data]
      source = "moons"
      [network]
      kind = "mlp"
      hidden = [8, 8]
      """.write(toFile: recipe, atomically: true, encoding: .utf8)
      let (parent, child) = (RunFolder(path: folder + "/a"), RunFolder(path: folder + "/b"))
      _ = try WorkbenchProgram.run("train", recipe, "--steps", "20", "--run-dir", parent.path)
      let result = try WorkbenchProgram.run(
        "train", "--from", parent.path, "--steps", "1", "--set", "data.classes=[\"lower\"]",
        "--set", "optimizer.learning_rate=1e-9", "--run-dir", child.path)
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.output.contains("100 samples"))
      #expect(result.output.contains("weights from \(parent.path)"))
      let (before, after) = (try parent.checkpoint(), try child.checkpoint())
      #expect(after.parent == parent.path)
      #expect(after.state.step == 1)
      let pairs = zip(try before.state.average.tensors(), try after.state.weights.tensors())
      for (old, new) in pairs {
        #expect(zip(old.values, new.values).allSatisfy { abs($0 - $1) < 1e-6 }, "\(old.name)")
      }
    }
  }

  @Test("weights of another network are refused with a table of every tensor")
  func mismatch() throws {
    try withFolder { folder in
      let file = folder + "/weights.safetensors"
      try SafeTensors.write(
        [
          .tensor(NamedTensor(name: "net.0.weight", shape: [2, 2], values: [1, 2, 3, 4])),
          .tensor(NamedTensor(name: "odd\u{1B}[31m", shape: [1], values: [1])),
        ], to: file)
      let result = try WorkbenchProgram.run(
        "train", "swissroll", "--from", file, "--set", "network.hidden=[3]", "--run-dir",
        folder + "/run")
      #expect(result.status == 1)
      let lines = result.errors.split(separator: "\n").map(String.init)
      #expect(lines.first == "workbench: \(file): the weights do not fit the network:")
      #expect(lines.contains("  missing      “net.0.bias”"))
      #expect(lines.contains("  missing      “net.2.weight”"))
      #expect(lines.contains("  missing      “net.2.bias”"))
      #expect(lines.contains { $0.hasPrefix("  unexpected   “odd") && !$0.contains("\u{1B}") })
      #expect(lines.contains { $0.hasSuffix("expected [3, 4], found [2, 2]") })
      #expect(lines.count == 6)
      #expect(!FileManager.default.fileExists(atPath: folder + "/run"))
    }
  }

  @Test("a network with batch norm goes on bit for bit, statistics and counters too")
  func batchNormResumes() throws {
    try withFolder { folder in
      let data = folder + "/images.bin"
      try writeImages(data)
      let recipe = folder + "/article.toml"
      try """
      # images
      [data]
      source = "\(data)"
      [network]
      kind = "article-unet"
      channels = 4
      [training]
      batch = 4
      """.write(toFile: recipe, atomically: true, encoding: .utf8)
      let (whole, halves) = (
        RunFolder(path: folder + "/whole"), RunFolder(path: folder + "/halves")
      )
      for arguments in [
        ["train", recipe, "--steps", "4", "--run-dir", whole.path],
        ["train", recipe, "--steps", "2", "--run-dir", halves.path],
        ["train", "--resume", halves.path, "--steps", "4"],
      ] {
        let result = try WorkbenchProgram.start(arguments).finish()
        #expect(result.status == 0, "\(result.errors)")
      }
      let (a, b) = (try whole.checkpoint(), try halves.checkpoint())
      let (weights, average) = (
        try b.state.weights.tensors(), try b.state.average.tensors()
      )
      #expect(try a.state.weights.tensors() == weights)
      #expect(try a.state.average.tensors() == average)
      let tracked = try #require(
        weights.first { $0.name == "conv1.conv.1.num_batches_tracked" })
      #expect(tracked.values == [4])
      let mean = "conv1.conv.1.running_mean"
      let statistics = try #require(weights.first { $0.name == mean })
      #expect(statistics.values.contains { $0 != 0 })
      #expect(average.first { $0.name == mean } == statistics)
    }
  }
}
