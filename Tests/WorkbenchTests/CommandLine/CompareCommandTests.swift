import Diffusion
import Foundation
import Testing

@testable import Workbench

@Suite("Comparing")
struct CompareCommandTests {
  private func compare(_ arguments: String..., in folder: String) throws -> CommandResult {
    try WorkbenchProgram.start(["compare"] + arguments, in: folder).finish()
  }

  private func result(_ place: String) throws -> ComparisonReport {
    try #require(try ComparisonReport(in: place))
  }

  /// Losses by step; seconds differ from run to run.
  private func losses(_ run: ComparisonReport.Run) -> [[Double]] {
    let errors = run.moments.map { [Double($0.step), $0.error] }
    return run.validation.map { [Double($0.step), $0.loss] } + errors
  }

  @Test("a comparison trains, measures, and is found again")
  func whole() throws {
    try withFolder { folder in
      let arguments = [
        "compare", "swissroll", "--vary", "network.hidden=[16],[32,32]", "--steps", "64",
        "--samples",
        "40", "--sampling-steps", "2,5", "--seeds", "2", "--dir", "place",
      ]
      let first = try WorkbenchProgram.start(arguments, in: folder).finish()
      #expect(first.status == 0, "\(first.errors)")
      #expect(first.output.contains("s to "))
      #expect(first.output.contains("sliced Wasserstein"))
      let before = try result("\(folder)/place")
      #expect(before.entries.map(\.name) == ["[16]", "[32,32]"])
      for entry in before.entries {
        #expect(entry.runs.map(\.seed) == [0, 1])
        for run in entry.runs {
          #expect(run.steps == 64)
          #expect(run.validation.map(\.step) == [50, 64])
          #expect(run.moments.count == 8)
          #expect(run.moments.last?.step == 64)
          #expect(run.sampling.map(\.steps) == [2, 5, 20])
          #expect(run.sampling.map(\.evaluations) == [2, 5, 20])
          #expect(run.sampling.allSatisfy { $0.quality != nil && $0.secondsPerSample > 0 })
        }
        let summary = try #require(entry.summary)
        #expect(summary.secondsToLoss != nil)
        #expect(summary.evaluations != nil)
      }
      #expect(losses(before.entries[0].runs[0]) != losses(before.entries[0].runs[1]))
      #expect(try PNG.read("\(folder)/place/comparison.png").width > 500)

      let again = try WorkbenchProgram.start(
        arguments + ["--format", "json", "--out", "figure.svg"], in: folder
      ).finish()
      #expect(again.status == 0, "\(again.errors)")
      let after = try result("\(folder)/place")
      #expect(again.lines.count == 1)
      #expect(again.output.hasPrefix("{\"comparison\":"))
      // Seconds too: nothing is trained or measured a second time.
      for (one, other) in zip(before.entries, after.entries) {
        #expect(one.summary?.secondsPerStep == other.summary?.secondsPerStep)
        #expect(one.summary?.secondsPerSample == other.summary?.secondsPerSample)
      }
      #expect(FileManager.default.fileExists(atPath: "\(folder)/figure.svg"))
    }
  }

  @Test("an interrupted comparison goes on as if nothing had happened")
  func interrupted() throws {
    try withFolder { folder in
      func arguments(_ place: String) -> [String] {
        [
          "compare", "swissroll", "--vary", "network.hidden=[16],[32,32]", "--steps", "6000",
          "--samples", "20", "--sampling-steps", "2", "--set", "preview.steps=2", "--dir", place,
        ]
      }
      let command = try WorkbenchProgram.start(arguments("parts"), in: folder)
      let deadline = Date() + 20
      while !command.outputSoFar.contains("step 1 of"), Date() < deadline { usleep(1000) }
      kill(command.process.processIdentifier, SIGINT)
      let stopped = try command.finish()
      #expect(stopped.status == 130)
      #expect(stopped.output.contains("run the same command to continue"))
      let reached = try RunFolder(path: "\(folder)/parts/-16-").checkpoint().state.step
      #expect((1..<6000).contains(reached))
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/parts/comparison.json"))

      for place in ["parts", "whole"] {
        let done = try WorkbenchProgram.start(arguments(place), in: folder).finish()
        #expect(done.status == 0, "\(done.errors)")
      }
      let (parts, whole) = (try result("\(folder)/parts"), try result("\(folder)/whole"))
      for (one, other) in zip(parts.entries, whole.entries) {
        #expect(losses(one.runs[0]) == losses(other.runs[0]))
        #expect(one.summary?.quality == other.summary?.quality)
      }
    }
  }

  @Test("runs and recipes are compared on what the runs hold out")
  func runs() throws {
    try withFolder { folder in
      let options = ["--steps", "3", "--set", "data.validation=0.2"]
      for name in ["held", "other"] {
        let seed = name == "held" ? "0" : "5"
        let trained = try WorkbenchProgram.start(
          ["train", "swissroll", "--run-dir", name, "--set", "data.validation_seed=\(seed)"]
            + options,
          in: folder
        ).finish()
        #expect(trained.status == 0, "\(trained.errors)")
      }
      _ = try WorkbenchProgram.run(
        "train", "swissroll", "--steps", "1", "--run-dir", "bare", in: folder)
      let done = try compare(
        "held", "swissroll", "--steps", "4", "--samples", "20", "--sampling-steps", "2", "--dir",
        "both",
        in: folder)
      #expect(done.status == 0, "\(done.errors)")
      let found = try result("\(folder)/both")
      #expect(found.entries.map { $0.runs[0].steps } == [3, 4])
      #expect(found.heldOutSamples == 1000 / 5 || found.heldOutSamples > 10)
      for (names, sentence) in [
        (["held", "other"], "learn different data"), (["bare", "held"], "holds out no samples"),
        (["held", "nowhere"], "there is no such recipe"),
      ] {
        let refused = try WorkbenchProgram.start(["compare"] + names, in: folder).finish()
        #expect(refused.status != 0)
        #expect(refused.errors.contains(sentence), "\(refused.errors)")
      }
    }
  }

  @Test("a folder with other runs is not written to")
  func otherRuns() throws {
    try withFolder { folder in
      func train(_ hidden: String) throws -> CommandResult {
        try compare(
          "swissroll", "swissroll", "--set", "network.hidden=[\(hidden)]", "--steps", "2",
          "--samples",
          "20", "--sampling-steps", "2", "--dir", "place", in: folder)
      }
      #expect(try train("8").status == 0)
      let refused = try train("9")
      #expect(refused.status == 1)
      #expect(refused.errors.contains("network.hidden = [9]"), "\(refused.errors)")
      let shorter = try compare(
        "swissroll", "swissroll", "--set", "network.hidden=[8]", "--steps", "1", "--dir", "place",
        in: folder)
      #expect(shorter.status == 1)
      #expect(shorter.errors.contains("more than the budget allows"), "\(shorter.errors)")
      #expect(try train("8").status == 0)
    }
  }

  @Test(
    "what cannot be compared gets a sentence, and nothing is written",
    arguments: [
      (["nothing"], "there is no such comparison"),
      (["swissroll"], "is a single recipe; name another"),
      (["swissroll", "nothing"], "there is no such recipe"),
      (["swissroll", "sine"], "learn different data"),
      (["swissroll", "swissroll", "--steps", "0"], "expected a whole number from 1"),
      (["swissroll", "swissroll", "--seconds", "0"], "expected a number above 0"),
      (["swissroll", "swissroll", "--seconds", "5", "--steps", "5"], "cannot be combined"),
      (["swissroll", "swissroll", "--samples", "3"], "expected a whole number from 16"),
      (["swissroll", "swissroll", "--sampling-steps", "5,5"], "5 twice"),
      (
        ["swissroll", "swissroll", "--noise", "1,0.5", "--task", "denoise"],
        "expected rising levels"
      ),
      (["swissroll", "swissroll", "--task", "denoise"], "has no images"),
      (["swissroll", "--vary", "network.hidden"], "expected one recipe and section.key="),
      (["swissroll", "--vary", "network.hiden=[3],[4]"], "did you mean hidden?"),
      (["swissroll", "swissroll", "--metric", "inception_score"], "cannot be measured for"),
      (["swissroll", "swissroll", "--out", "figure.gif"], "ends with .png or .svg"),
      (["swissroll", "--vary", "optimizer.decay=constant,cosine"], "give a budget in steps"),
      (["sine", "--vary", "network.kind=mlp,article-unet"], "article-unet"),
      (
        ["digits", "digits", "--task", "denoise", "--noise", "1e-3"],
        "expected a level in that range"
      ),
    ])
  func refusals(_ arguments: [String], _ sentence: String) throws {
    try withFolder { folder in
      let refused = try WorkbenchProgram.start(["compare"] + arguments, in: folder).finish()
      #expect(refused.status != 0)
      #expect(refused.errors.contains(sentence), "\(refused.errors)")
      #expect(refused.output.isEmpty)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
  }

  @Test("denoising is measured beside other methods, all on the same noise")
  func denoising() throws {
    try withFolder { folder in
      let done = try compare(
        "compare-unet", "compare-cnn", "--task", "denoise", "--steps", "2", "--set",
        "training.batch=4",
        "--samples", "24", "--noise", "0.5", "--dir", "place", in: folder)
      #expect(done.status == 0, "\(done.errors)")
      #expect(done.output.contains("PSNR, dB"))
      let scores = try #require(try result("\(folder)/place").denoising)
      #expect(
        scores.map(\.method) == [
          "noisy", "total variation", "non-local means", "ideal", "compare-unet",
          "compare-unet ×10", "compare-cnn", "compare-cnn ×10",
        ])
      let psnr = Dictionary(uniqueKeysWithValues: scores.map { ($0.method, $0.psnr.value) })
      let noisy = try #require(psnr["noisy"])
      // 20·log₁₀(2/σ), and more where noise outside the range is cut off.
      #expect(noisy > 12.04 && noisy < 16)
      for method in ["total variation", "non-local means", "ideal"] {
        #expect(try #require(psnr[method]) > noisy + 1, "\(method)")
      }
      #expect(scores.allSatisfy { $0.ssim.low <= $0.ssim.value && $0.ssim.value <= 1 })
      #expect(try PNG.read("\(folder)/place/comparison.png").width > 500)
    }
  }
}
