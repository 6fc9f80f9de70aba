import Foundation
import Testing

@testable import Diffusion
@testable import Workbench

@Suite("Samples judged from the command line")
struct EvaluateCommandTests {
  private static let recipe = """
    # points
    [data]
    source = "moons"
    [network]
    kind = "mlp"
    hidden = [8, 8]
    [schedule]
    timesteps = 100
    beta_end = 0.2
    [training]
    batch = 8
    steps = 3
    [preview]
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

  @Test("a run is judged against its own data, as text, JSON and an image")
  func run() throws {
    try trained { folder in
      let text = try WorkbenchProgram.run(
        "evaluate", "run", "--count", "60", "--out", "sorted.png", in: folder)
      #expect(text.status == 0, "\(text.errors)")
      #expect(
        text.output.contains("60 samples by DDIM in 5 steps from step 3 of run, averaged weights"))
      #expect(text.output.contains("against 100 samples of moons, beside 60 yardstick samples"))
      #expect(text.lines.contains { $0.hasPrefix("sliced Wasserstein ") && $0.hasSuffix("lower") })
      #expect(text.output.contains("note: 60 samples are too few for"))
      #expect(try PNG.read(folder + "/sorted.png").width == 512)

      let json = try WorkbenchProgram.run(
        "evaluate", "run", "--count", "60", "--format", "json", "--threads", "1", in: folder)
      #expect(json.status == 0 && json.lines.count == 1)
      let object = try #require(
        JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
      let quality = try #require(object["quality"] as? [String: Any])
      let measurements = try #require(quality["measurements"] as? [[String: Any]])
      let metrics = measurements.compactMap { $0["metric"] as? String }
      #expect(metrics.first == "frechet_distance" && metrics.contains("sliced_wasserstein"))
      let samples = try #require(measurements.first?["samples"] as? [String: Double])
      #expect(samples["low"] ?? 1 <= samples["value"] ?? 0)

      let raw = try WorkbenchProgram.run("evaluate", "run", "--raw", "--count", "24", in: folder)
      #expect(raw.output.contains("raw weights"))
    }
  }

  @Test("samples in a file are judged as those drawn; many are drawn as few are")
  func files() throws {
    try trained { folder in
      let sample = try WorkbenchProgram.run(
        "sample", "run", "--count", "150", "--out", "frames.safetensors", in: folder)
      #expect(sample.status == 0, "\(sample.errors)")
      func figures(_ arguments: String...) throws -> String {
        let result = try RunningCommand(["evaluate"] + arguments, in: folder).finish()
        #expect(result.status == 0, "\(result.errors)")
        let figures = result.lines.filter {
          !$0.hasPrefix("note") && ($0.hasSuffix("lower") || $0.hasSuffix("higher"))
        }
        return figures.joined(separator: "\n")
      }
      // 150 are drawn in two parts.
      let drawn = try figures("run", "--count", "150")
      #expect(try drawn == figures("frames.safetensors", "--against", "moons"))
      #expect(drawn.split(separator: "\n").count == 8)
    }
  }

  @Test("what cannot be judged is refused in one sentence, and nothing is written")
  func refuses() throws {
    try trained { folder in
      try Data().write(to: URL(fileURLWithPath: folder + "/nothing.npy"))
      let wrong: [([String], Int32, String)] = [
        (["nothing"], 64, "nothing does not say what data to compare with; add --against"),
        (["nothing", "--against", "moons"], 1, "nothing: there is no such file"),
        (["nothing.npy", "--against", "moons"], 1, "nothing.npy: is not a PNG, NPY"),
        (
          ["run", "--against", "digits14", "--features", "pixels"], 1, "run: makes samples of 1×1×2"
        ),
        (["run", "--count", "3"], 64, "--count 3: expected 12 to 100000"),
        (["run", "--out", "a.jpg"], 64, "--out a.jpg: expected a name that ends with .png"),
        (["run", "--pairs", "a.png"], 64, "--pairs needs images or signals, not points"),
        (["run", "--scale", "0..1"], 64, "--scale only applies to files of samples"),
        (["run", "--scale", "1"], 64, "--scale 1: expected -1..1, 0..1, 0..255"),
        (
          ["nothing.npy", "--against", "moons", "--steps", "4"], 64,
          "--steps 4: nothing.npy already holds samples"
        ),
        (
          ["nothing.npy", "--against", "moons", "--count", "20"], 64,
          "--count: nothing.npy already holds samples"
        ),
        (["exact:moons", "--raw"], 64, "--raw: exact:moons has no weights"),
        (["run", "--features", "pixels"], 1, "moons: cannot be evaluated by its pixels"),
        (["run", "--steps", "101"], 64, "the schedule has only 100 levels"),
      ]
      for (arguments, status, sentence) in wrong {
        let result = try RunningCommand(["evaluate"] + arguments, in: folder).finish()
        #expect(result.status == status, "\(arguments): \(result.errors)")
        #expect(result.errors.contains(sentence), "\(arguments): \(result.errors)")
        #expect(result.errors.split(separator: "\n").count == 1)
      }
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == [
          "moons.toml", "nothing.npy", "run",
        ])
    }
  }

  @Test("features tells what it is about, and why there are none")
  func features() throws {
    let points = try WorkbenchProgram.run("features", "swissroll")
    #expect(
      points.output
        == "swissroll: points need no training; their features are the points themselves\n")
    try withFolder { folder in
      // An idx file of images without labels.
      let header: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 70, 0, 0, 0, 4, 0, 0, 0, 4]
      try Data(header + [UInt8](repeating: 9, count: 70 * 16)).write(
        to: URL(fileURLWithPath: folder + "/plain-idx3-ubyte"))
      let plain = try WorkbenchProgram.run("features", "plain-idx3-ubyte", in: folder)
      #expect(plain.status == 1)
      #expect(
        plain.errors.contains("has no labels of two or more classes to train a classifier with"))
    }
  }
}
