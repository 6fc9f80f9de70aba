import Diffusion
import Foundation
import Testing

@testable import Workbench

/// Runs that learn text, from the command line.
@Suite("Text on the command line")
struct TextCommandTests {
  private static let poem = "the cat sat on the mat\nthe dog sat on the log\n\nthe end\n"
  /// A network that trains in no time.
  private static let small = [
    "--set", "network.width=8", "--set", "network.depth=1", "--set", "network.heads=2", "--set",
    "training.batch=8", "--set", "preview.count=4",
  ]

  private func train(
    _ arguments: [String], _ text: String = poem, recipe: String = "shakespeare", steps: Int = 4,
    in folder: String
  ) throws -> CommandResult {
    try Data(text.utf8).write(to: URL(filePath: folder).appending(path: "poem.txt"))
    return try WorkbenchProgram.start(
      ["train", recipe, "--set", "data.source=poem.txt", "--set", "data.window=12"]
        + (arguments.contains("network.kind=unet") ? [] : Self.small)
        + ["--steps", "\(steps)"] + arguments, in: folder
    ).finish()
  }

  @Test("a text file is learned, sampled and resumed; prompts stay as they are")
  func wholeWay() throws {
    try withFolder { folder in
      let whole = try train(["--run-dir", "whole"], in: folder)
      #expect(whole.status == 0, "\(whole.errors)")
      #expect(whole.output.contains("for comparison: unigram "), "\(whole.output)")
      let parts = try train(["--run-dir", "parts"], steps: 2, in: folder)
      #expect(parts.status == 0)
      let rest = try WorkbenchProgram.run(
        "train", "--resume", "parts", "--steps", "4", in: folder)
      #expect(rest.status == 0, "\(rest.errors)")
      func samples(_ run: String, _ arguments: String...) throws -> CommandResult {
        try WorkbenchProgram.start(
          ["sample", run, "--count", "3", "--steps", "6"] + arguments, in: folder
        ).finish()
      }
      let first = try samples("whole")
      #expect(first.status == 0, "\(first.errors)")
      #expect(first.output == (try samples("parts").output))
      for sampler in ["first-hitting", "masked-ancestral", "confidence"] {
        let prompted = try samples(
          "whole", "--sampler", sampler, "--prompt", "the_c__ ", "--temperature", "0.5")
        #expect(prompted.status == 0, "\(prompted.errors)")
        #expect(prompted.output.hasPrefix("the"), "\(prompted.output)")
      }
      #expect(try samples("whole", "--out", "a.txt").output.contains("a.txt: 3 samples"))
      let frames = try samples("whole", "--out", "a.safetensors")
      #expect(frames.status == 0 && frames.output.contains("7 frames"), "\(frames.errors)")
    }
  }

  @Test("samples of text are compared with text that was held out")
  func evaluating() throws {
    try withFolder { folder in
      let lines = ["--set", "data.lines=true", "--set", "data.validation=0.4"]
      let trained = try train(lines + ["--run-dir", "run"], in: folder)
      #expect(trained.status == 0, "\(trained.errors)")
      func evaluate(_ arguments: String...) throws -> CommandResult {
        try WorkbenchProgram.start(
          ["evaluate", "run", "--count", "20", "--steps", "3"] + arguments, in: folder
        ).finish()
      }
      let report = try evaluate()
      #expect(report.status == 0, "\(report.errors)")
      #expect(report.output.contains("20 samples by"), "\(report.output)")
      #expect(report.output.contains("held-out samples of poem.txt"), "\(report.output)")
      #expect(report.output.contains("trigram perplexity"), "\(report.output)")
      #expect(try evaluate("--format", "json").output.contains("\"trigramPerplexity\""))
      let refused = try evaluate("--out", "a.png")
      #expect(refused.status != 0)
      #expect(refused.errors.contains("--out only applies to images"), "\(refused.errors)")
    }
  }

  @Test("a text file is learned as bits, sampled and resumed; prompts are refused")
  func bits() throws {
    try withFolder { folder in
      let whole = try train(["--run-dir", "whole"], recipe: "words-bits", in: folder)
      #expect(whole.status == 0, "\(whole.errors)")
      #expect(!whole.output.contains("unigram"), "\(whole.output)")
      let parts = try train(["--run-dir", "parts"], recipe: "words-bits", steps: 2, in: folder)
      #expect(parts.status == 0, "\(parts.errors)")
      let rest = try WorkbenchProgram.run(
        "train", "--resume", "parts", "--steps", "4", in: folder)
      #expect(rest.status == 0, "\(rest.errors)")
      func samples(_ run: String, _ arguments: String...) throws -> CommandResult {
        try WorkbenchProgram.start(
          ["sample", run, "--count", "3", "--steps", "6"] + arguments, in: folder
        ).finish()
      }
      let first = try samples("whole")
      #expect(first.status == 0, "\(first.errors)")
      #expect(first.output == (try samples("parts").output))
      #expect(try samples("whole", "--sampler", "ddpm").status == 0)
      #expect(try samples("whole", "--out", "a.txt").output.contains("a.txt: 3 samples"))
      let frames = try samples("whole", "--out", "a.safetensors")
      #expect(frames.status == 0 && frames.output.contains("7 frames"), "\(frames.errors)")
      for (arguments, sentence) in [
        (["sample", "whole", "--prompt", "the"], "a prompt needs text that is masked"),
        (["sample", "whole", "--sampler", "confidence"], "only samples masked text"),
        (["likelihood", "whole"], "samples text as bits, whose likelihood is not measured"),
      ] {
        let result = try WorkbenchProgram.start(arguments, in: folder).finish()
        #expect(result.status != 0, "\(arguments)")
        #expect(result.errors.contains(sentence), "\(arguments): \(result.errors)")
      }
    }
  }

  @Test("each line is a sample where that is wanted")
  func lines() throws {
    try withFolder { folder in
      let result = try train(["--set", "data.lines=true", "--run-dir", "run"], in: folder)
      // Two of the three lines are longer than the window, and one of the five parts is for validation.
      #expect(result.output.contains("4 samples of poem.txt"), "\(result.output)\(result.errors)")
      let samples = try WorkbenchProgram.run("sample", "run", "--prompt", "the\\n", in: folder)
      #expect(samples.status == 0, "\(samples.errors)")
      #expect(samples.output == "the\nthe\nthe\nthe\n")
    }
  }

  @Test(
    "what does not fit is refused in a sentence",
    arguments: [
      (["--set", "objective.kind=denoising"], "the network is for text; expected masking"),
      (
        ["--set", "network.kind=unet"], "cannot take text as tokens; expected another network.kind"
      ),
      (["--set", "schedule.family=cosine"], "expected schedule.family = masking"),
      (["--set", "preview.sampler=ddim"], "does not sample text; expected one of first-hitting"),
      (["--set", "data.window=100"], "expected at least data.window = 100"),
      (["--set", "data.encoding=bits"], "objective.kind is masking, which masks text"),
      (
        ["--set", "network.self_conditioning=true"],
        "cannot take text as tokens; expected network.self_conditioning = false"
      ),
    ])
  func refusals(_ options: [String], _ sentence: String) throws {
    try withFolder { folder in
      let result = try train(options + ["--run-dir", "run"], in: folder)
      #expect(result.status != 0)
      #expect(result.errors.contains(sentence), "\(result.errors)")
    }
  }

  @Test("what needs images, signals or points says so")
  func otherCommands() throws {
    try withFolder { folder in
      #expect(try train(["--run-dir", "run"], in: folder).status == 0)
      for (arguments, sentence) in [
        (
          ["sample", "run", "--out", "a.png"],
          "the samples are text; expected a name that ends with .txt"
        ),
        (["sample", "run", "--sampler", "ddim"], "does not sample text"),
        (["sample", "run", "--prompt", "thé"], "--prompt thé: the prompt has “é”"),
        (["likelihood", "run"], "samples text, whose bits per character"),
        (["evaluate", "a.txt", "--against", "words"], "text in a file cannot be evaluated"),
        (["plot", "trajectory", "run", "--out", "a.png"], "text is not plotted"),
      ] {
        let result = try WorkbenchProgram.start(arguments, in: folder).finish()
        #expect(result.status != 0, "\(arguments)")
        #expect(result.errors.contains(sentence), "\(arguments): \(result.errors)")
      }
    }
  }
}
