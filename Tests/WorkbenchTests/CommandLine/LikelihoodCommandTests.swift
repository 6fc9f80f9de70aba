import Foundation
import Testing

@testable import Diffusion
@testable import Workbench

@Suite("Likelihood from the command line")
struct LikelihoodCommandTests {
  private func trained(_ data: String, _ body: (String) throws -> Void) throws {
    try withFolder { folder in
      let network =
        data == "moons"
        ? "kind = \"mlp\"\nhidden = [8]"
        : "kind = \"unet\"\nchannels = 4\nmultipliers = [1, 2]\nblocks = 1\ngroups = 2\nclasses = 10"
      let recipe = """
        [data]
        source = "\(data)"
        validation = 0.1
        [network]
        \(network)
        [schedule]
        timesteps = 20
        beta_end = 0.5
        [training]
        batch = 2
        steps = 1
        """
      try recipe.write(toFile: folder + "/tiny.toml", atomically: true, encoding: .utf8)
      let result = try WorkbenchProgram.run("train", "tiny.toml", "--run-dir", "run", in: folder)
      try #require(result.status == 0, "\(result.errors)")
      try body(folder)
    }
  }

  @Test("the bits of images are told by timestep, and those of the flow")
  func images() throws {
    try trained("digits14") { folder in
      let result = try WorkbenchProgram.run(
        "likelihood", "run", "--count", "2", "--tolerance", "1e-2", in: folder)
      #expect(result.status == 0, "\(result.errors)")
      #expect(
        result.lines.first
          == "2 samples of digits14, held out from training, with their classes, by step 1 of run")
      for row in ["t = 0, the decoder", "1  ", "2–3", "4–7", "8–15", "16–19", "prior"] {
        #expect(result.lines.contains { $0.hasPrefix(row) }, "\(row): \(result.output)")
      }
      #expect(result.lines.contains { $0.hasPrefix("total ") && $0.contains(" ± ") })
      #expect(result.lines.contains { $0.hasPrefix("probability flow: ") })

      let csv = try WorkbenchProgram.run(
        "likelihood", "run", "--count", "2", "--method", "vlb", "--format", "csv", in: folder)
      #expect(csv.lines.first == "timestep,bits" && csv.lines.count == 22)
      let terms = csv.lines.dropFirst().compactMap { line in
        line.split(separator: ",").last.flatMap { Double($0) }
      }
      #expect(terms.count == 21 && terms.allSatisfy { $0 > 0 })
      // The sum is the total of the table.
      let total = try #require(result.lines.first { $0.hasPrefix("total ") })
      let words = total.split(separator: " ").compactMap { Double($0) }
      #expect(abs(try #require(words.first) - terms.reduce(0, +)) < 0.002)
    }
  }

  @Test("points have a density under the flow, and no bound in bits")
  func points() throws {
    try trained("moons") { folder in
      let flow = try WorkbenchProgram.run(
        "likelihood", "run", "--method", "flow", "--count", "5", in: folder)
      #expect(flow.status == 0, "\(flow.errors)")
      #expect(flow.output.contains("bits per value (of a density)"))
      for (arguments, status, sentence) in [
        (
          [], 1,
          "run: a variational bound in bits needs images; expected images of 256 values, or --method flow"
        ),
        (["--count", "0"], 64, "--count 0: expected 1 to 10000"),
        (["--method", "flow", "--count", "5000"], 64, "--count 5000: there are only "),
        (["--tolerance", "0"], 64, "--tolerance 0: expected a number above 0 and up to 0.1"),
        (["--format", "csv"], 64, "--format csv: lists the terms of vlb; expected --method vlb"),
        (
          ["--data", "digits14", "--method", "flow"], 1,
          "digits14: has samples of 14×14×1; expected 1×1×2"
        ),
      ] as [([String], Int32, String)] {
        let result = try RunningCommand(["likelihood", "run"] + arguments, in: folder).finish()
        #expect(result.status == status, "\(arguments)")
        #expect(result.errors.hasPrefix("workbench: \(sentence)"), "\(result.errors)")
      }
    }
  }
}
