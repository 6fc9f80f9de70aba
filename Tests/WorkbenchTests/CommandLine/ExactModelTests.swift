import Foundation
import Testing

@testable import Diffusion
@testable import Workbench

@Suite("Looking without training")
struct ExactModelTests {
  /// The last frame of a path that a command wrote, sample by sample.
  private func samples(_ arguments: [String], in folder: String) throws -> [[Float]] {
    let result = try WorkbenchProgram.start(
      ["sample"] + arguments + ["--out", "a.safetensors"], in: folder
    ).finish()
    try #require(result.status == 0, "\(result.errors)")
    let file = try SafeTensors(contentsOf: folder + "/a.safetensors")
    let x = try file.tensor("x_t")
    let frame = x.values.suffix(x.values.count / x.shape[0])
    let size = frame.count / x.shape[1]
    return (0..<x.shape[1]).map { Array(frame.dropFirst($0 * size).prefix(size)) }
  }

  @Test("samples of the ideal denoiser are samples of the data")
  func ideal() throws {
    try withFolder { folder in
      let data = try DataConfiguration(source: "digits14").load()
      let ideal = IdealDenoiser(data)
      let drawn = try samples(
        ["exact:digits14", "--count", "4", "--steps", "30", "--sampler", "heun"], in: folder)
      for sample in drawn {
        let nearest = try #require(ideal.nearest(to: sample).first)
        #expect(nearest.distance < 0.05)
      }
    }
  }

  @Test("what an ideal denoiser cannot do is refused with what would work")
  func refusals() throws {
    for (options, sentence) in [
      (["--sampler", "ddpm", "--variance", "learned-range"], "choose the variance fixed-small"),
      (["--set", "timesteps=[5000,0]"], "timesteps begins with 5000"),
    ] {
      let result = try WorkbenchProgram.start(
        ["sample", "exact:gaussian", "--count", "1", "--out", "/no/such/folder/a.png"] + options
      ).finish()
      #expect(result.status == 1)
      #expect(result.errors.contains(sentence), "\(result.errors)")
    }
  }

  @Test("samples of the mixture are around its modes, those of normal data have its deviation")
  func plane() throws {
    try withFolder { folder in
      let mixture = try samples(
        ["exact:mixture", "--count", "200", "--steps", "30", "--sampler", "dpm++2m"], in: folder)
      #expect(mixture.allSatisfy { abs(hypot($0[0], $0[1]) - 0.8) < 0.3 })
      #expect(
        Set(mixture.map { $0[0] > 0 }).count == 2 && Set(mixture.map { $0[1] > 0 }).count == 2)
      let normal = try samples(["exact:gaussian", "--count", "400", "--steps", "30"], in: folder)
        .flatMap { $0 }
      let mean = normal.reduce(0, +) / Float(normal.count)
      let variance = normal.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(normal.count)
      #expect(abs(mean - 0.1) < 0.07)
      #expect(abs(variance.squareRoot() - 0.5) < 0.05)
    }
  }

  @Test("what an ideal denoiser does not have is refused")
  func refused() throws {
    try withFolder { folder in
      for (arguments, part) in [
        (["exact:gaussian", "--class", "3"], "takes no --noise, --class or --guidance"),
        (["exact:nothing"], "nothing: is neither a file nor one of"),
        (["exact:"], "exact:: names no data; expected exact:DATA, exact:gaussian or exact:mixture"),
        (["exact:mixture", "--steps", "1001"], "the schedule has only 1000 levels"),
      ] {
        let result = try WorkbenchProgram.start(
          ["sample"] + arguments + ["--out", "a.png"], in: folder
        ).finish()
        #expect(result.status != 0 && result.errors.contains(part), "\(result.errors)")
        #expect(!FileManager.default.fileExists(atPath: folder + "/a.png"))
      }
    }
  }

  @Test("a schedule prints the steps that a sampler visits", arguments: StepSpacing.allCases)
  func visits(_ spacing: StepSpacing) throws {
    let result = try WorkbenchProgram.run(
      "schedule", "linear", "--visit", "7", "--spacing", spacing.rawValue, "--format", "csv")
    #expect(result.status == 0, "\(result.errors)")
    let rows = result.lines.dropFirst().map { $0.split(separator: ",").compactMap { Double($0) } }
    let steps = Schedule.linear().steps(7, spacing: spacing)
    #expect(rows.count == steps.count)
    for (row, step) in zip(rows, steps) {
      #expect(row[1] == step.timestep && row[2] == step.level.alpha && row[3] == step.level.sigma)
    }
  }

  @Test("as many steps as there are levels at most, and a spacing of none at all, are refused")
  func refusedVisits() throws {
    for (arguments, part) in [
      (["--visit", "0"], "expected 1 to 1000"), (["--visit", "1001"], "expected 1 to 1000"),
      (["--spacing", "leading"], "needs --visit"),
    ] {
      let result = try WorkbenchProgram.start(["schedule", "linear"] + arguments).finish()
      #expect(result.status == 64 && result.errors.contains(part), "\(result.errors)")
    }
  }
}
