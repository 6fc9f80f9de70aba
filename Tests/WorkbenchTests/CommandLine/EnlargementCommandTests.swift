import Foundation
import Testing

@testable import Diffusion
@testable import Workbench

@Suite("A network that enlarges, from the command line")
struct EnlargementCommandTests {
  private static func recipe(_ factor: Int, _ data: String = "digits14") -> String {
    """
    [data]
    source = "\(data)"
    validation = 0.1
    [network]
    kind = "unet"
    channels = 4
    multipliers = [1, 2]
    blocks = 1
    groups = 2
    superres = \(factor)
    [training]
    batch = 2
    steps = 1
    [preview]
    sampler = "ddpm"
    steps = 4
    """
  }

  @Test("it is trained, sampled, used for superres, and refuses other tasks in a sentence")
  func run() throws {
    try withFolder { folder in
      try Self.recipe(2).write(toFile: folder + "/r.toml", atomically: true, encoding: .utf8)
      let trained = try WorkbenchProgram.run("train", "r.toml", "--run-dir", "run", in: folder)
      try #require(trained.status == 0, "\(trained.errors)")
      let digit = BuiltInData.digits14.make()
      try PNG.write(
        Image(sample: digit[0], shape: digit.shape, range: digit.range), to: folder + "/0.png")
      func finish(_ arguments: String...) throws -> CommandResult {
        try RunningCommand(arguments + ["--out", "out.png"], in: folder).finish()
      }
      let sampled = try finish("sample", "run", "--count", "3")
      #expect(sampled.status == 0, "\(sampled.errors)")
      #expect(sampled.output.contains(", enlarging the first 3 held-out images from 7×7, "))
      let edited = try finish("edit", "run", "--task", "superres", "--truth", "0.png")
      #expect(edited.status == 0, "\(edited.errors)")
      #expect(edited.output.contains("a network that was trained to enlarge images"))
      for name in ["results: PSNR", "mean of the results: PSNR", "bicubic: PSNR", "given: PSNR"] {
        #expect(edited.output.contains("\n\(name)"), "\(edited.output)")
      }
      let likelihood = try RunningCommand(
        ["likelihood", "run", "--method", "vlb", "--count", "1"], in: folder
      ).finish()
      #expect(likelihood.status == 0, "\(likelihood.errors)")
      try FileManager.default.removeItem(atPath: folder + "/out.png")
      let wrong: [([String], Int32, String)] = [
        (
          ["img2img", "--image", "0.png"], 1,
          "--strength 0.5: the network was trained to enlarge images 2 times, and does nothing else; expected the "
            + "task superres with that factor"
        ),
        (
          ["superres", "--truth", "0.png", "--factor", "7"], 64,
          "--factor 7: the network was trained to enlarge images 2 times; leave it out"
        ),
        (
          ["superres", "--truth", "0.png", "--zeta", "1"], 64,
          "--zeta: belongs to posterior sampling; this network was trained to enlarge images; leave it out"
        ),
      ]
      for (arguments, status, sentence) in wrong {
        let result = try RunningCommand(
          ["edit", "run", "--task"] + arguments + ["--out", "out.png"], in: folder
        ).finish()
        #expect(result.status == status, "\(arguments)")
        #expect(result.errors == "workbench: \(sentence)\n")
      }
      #expect(!FileManager.default.fileExists(atPath: folder + "/out.png"))
    }
  }

  @Test(
    "sides that the factor does not divide, points and comparisons are refused",
    arguments: [
      (3, "digits14", "14×14×1; expected images whose sides are multiples of network.superres = 3"),
      (2, "moons", "1×1×2; expected images whose sides are multiples of network.superres = 2"),
    ])
  func refusals(_ factor: Int, _ data: String, _ end: String) throws {
    try withFolder { folder in
      try Self.recipe(factor, data).write(
        toFile: folder + "/r.toml", atomically: true, encoding: .utf8)
      let result = try WorkbenchProgram.run("train", "r.toml", "--run-dir", "run", in: folder)
      #expect(result.status != 0)
      #expect(
        result.errors == "workbench: network.kind unet cannot take samples of \(end)\n",
        "\(result.errors)")
      #expect(!FileManager.default.fileExists(atPath: folder + "/run"))
    }
  }
}
