import Foundation
import Testing

@testable import Diffusion
@testable import Workbench

@Suite("Editing images from the command line")
struct EditCommandTests {
  private static let network = """
    [network]
    kind = "unet"
    channels = 4
    multipliers = [1, 2]
    blocks = 1
    groups = 2
    """

  /// Calls `body` with a folder with a run and some images.
  private func prepared(_ body: (String) throws -> Void) throws {
    try withFolder { folder in
      let recipe = """
        [data]
        source = "digits14"
        \(Self.network)
        classes = 10
        [training]
        batch = 2
        steps = 1
        [preview]
        sampler = "ddpm"
        steps = 4
        """
      try recipe.write(toFile: folder + "/tiny.toml", atomically: true, encoding: .utf8)
      let result = try WorkbenchProgram.run("train", "tiny.toml", "--run-dir", "run", in: folder)
      try #require(result.status == 0, "\(result.errors)")
      let digits = try DataConfiguration(source: "digits14").load()
      for index in 0..<2 {
        try PNG.write(
          Image(sample: digits[index], shape: digits.shape, range: digits.range),
          to: folder + "/\(index).png")
      }
      try write("mask", 14, 14, folder) { _, x in x < 7 ? 255 : 0 }
      try body(folder)
    }
  }

  private func write(
    _ name: String, _ height: Int, _ width: Int, channels: Int = 1, _ folder: String,
    _ pixel: (_ y: Int, _ x: Int) -> UInt8
  ) throws {
    let bytes = (0..<height * width * channels).map { i in
      pixel(i / channels / width, i / channels % width) &+ UInt8(i % channels * 50)
    }
    try PNG.write(
      Image(width: width, height: height, channels: channels, bytes: bytes),
      to: folder + "/\(name).png")
  }

  private func edit(_ arguments: [String], in folder: String) throws -> CommandResult {
    try RunningCommand(["edit"] + arguments + ["--out", "out.png"], in: folder).finish()
  }

  /// Rows and columns of samples of 14×14, enlarged four times, 2 points apart.
  private func size(_ rows: Int, _ columns: Int) -> String {
    "\(columns * 58 + 2)×\(rows * 58 + 2)"
  }

  @Test("every task writes a row for each result and says what was done")
  func tasks() throws {
    try prepared { folder in
      try write("small", 7, 7, folder) { y, x in UInt8(y * 30 + x) }
      try write("narrow", 14, 9, folder) { y, x in UInt8(y * 10 + x) }
      for (arguments, size, what) in [
        (
          ["denoise", "--image", "0.png", "--noise-level", "0.5"], size(4, 3),
          "given, result, difference"
        ),
        (["denoise", "--truth", "0.png", "--noise-level", "0.5"], size(4, 4), "results: PSNR"),
        (
          [
            "inpaint", "--truth", "0.png", "--mask", "mask.png", "--jump-length", "1",
            "--resamplings", "2",
          ],
          size(4, 4), "mean of the results: PSNR"
        ),
        (["outpaint", "--image", "narrow.png", "--place", "left"], size(4, 3), "given, result"),
        (["superres", "--image", "small.png", "--count", "2"], size(2, 3), "2 results by DDPM"),
        (["superres", "--truth", "0.png", "--class", "3"], size(4, 4), "SSIM"),
        (
          ["img2img", "--image", "0.png", "--strength", "0.5", "--class", "3", "--guidance", "2"],
          size(4, 3), "in 2 steps"
        ),
        (
          ["interpolate", "--image", "0.png", "--to", "1.png", "--count", "5"], size(1, 7),
          "5 results by DDIM"
        ),
      ] {
        let result = try edit(["run", "--task"] + arguments, in: folder)
        #expect(result.status == 0, "\(arguments): \(result.errors)")
        #expect(result.output.contains(size) && result.output.contains(what), "\(result.output)")
        let image = try PNG.read(folder + "/out.png")
        #expect("\(image.width)×\(image.height)" == size)
        try FileManager.default.removeItem(atPath: folder + "/out.png")
      }
    }
  }

  @Test("inpainting keeps what the mask keeps, in every frame but for its noise")
  func inpainting() throws {
    try prepared { folder in
      let result = try edit(
        [
          "run", "--task", "inpaint", "--image", "0.png", "--mask", "mask.png", "--count", "2",
          "--jump-length", "1", "--resamplings", "2", "--frames", "frames.safetensors",
        ],
        in: folder)
      #expect(result.status == 0, "\(result.errors)")
      let frames = try SafeTensors(contentsOf: folder + "/frames.safetensors").tensor("x_t")
      // Four steps, three of them taken again after a jump of one.
      #expect(frames.shape == [1 + 4 + 2 * 3, 2, 1, 14, 14])
      let digits = try DataConfiguration(source: "digits14").load()
      let last = frames.values.suffix(2 * 196)
      for (place, value) in last.enumerated() where place % 14 < 7 {
        #expect(value == digits[0][place % 196])
      }
    }
  }

  @Test("a formula edits, too: the ideal denoiser finds the digit again under noise")
  func exact() throws {
    try prepared { folder in
      let result = try edit(
        [
          "exact:digits14", "--task", "denoise", "--truth", "0.png", "--noise-level", "0.4",
          "--count", "1",
        ],
        in: folder)
      #expect(result.status == 0, "\(result.errors)")
      let line = try #require(result.lines.first { $0.hasPrefix("results: PSNR ") })
      let decibels = line.dropFirst(14).prefix { $0 != " " }
      // The data hold this digit itself.
      #expect(decibels == "∞" || (Double(decibels) ?? 0) > 30, "\(line)")
      let refused = try edit(
        ["exact:digits14", "--task", "superres", "--truth", "0.png"], in: folder)
      #expect(refused.errors.contains("expected a trained network"))
      let points = try edit(
        ["exact:gaussian", "--task", "img2img", "--image", "0.png"], in: folder)
      #expect(
        points.errors == "workbench: exact:gaussian: makes points; expected a model of images\n")
    }
  }

  @Test("the noise of an image is estimated where nothing says it")
  func estimate() throws {
    try prepared { folder in
      var random = Random(seed: 3)
      let noise = random.normals(196)
      try write("noisy", 14, 14, folder) { y, x in
        UInt8(min(max(128 + 25 * noise[14 * y + x], 0), 255))
      }
      let result = try edit(["run", "--task", "denoise", "--image", "noisy.png"], in: folder)
      #expect(result.status == 0, "\(result.errors)")
      let line = try #require(result.lines.first { $0.hasPrefix("estimated noise") })
      let words = line.split(separator: " ").compactMap { Double($0.filter { $0 != "," }) }
      // 25 of 255, where images span 2.
      #expect(abs(try #require(words.first) - 0.196) < 0.04, "\(line)")
    }
  }

  @Test("what cannot be is refused in a sentence, and nothing is written")
  func refusals() throws {
    try prepared { folder in
      try write("wide", 14, 15, folder) { _, x in x < 7 ? 255 : 0 }
      try write("grey", 14, 14, folder) { _, _ in 100 }
      try write("white", 14, 14, folder) { _, _ in 255 }
      try write("colour", 14, 14, channels: 3, folder) { _, _ in 20 }
      let inpaint = ["inpaint", "--image", "0.png", "--mask"]
      let wrong: [([String], Int32, String)] = [
        (
          inpaint + ["wide.png"], 1,
          "wide.png: is an image of 14×15; expected 14×14"
        ),
        (
          inpaint + ["grey.png"], 1,
          "grey.png: has grey pixels; expected only white ones, which are kept, and black ones, which are inpainted"
        ),
        (
          inpaint + ["white.png"], 1,
          "white.png: is all white, so that nothing is made; expected both white and black pixels"
        ),
        (inpaint + ["none.png"], 1, "none.png: there is no such file"),
        (["inpaint", "--image", "0.png"], 64, "--task inpaint: needs --mask"),
        (
          ["img2img", "--image", "wide.png"], 1,
          "wide.png: is an image of 14×15; expected 14×14"
        ),
        (
          ["img2img", "--image", "colour.png"], 1,
          "colour.png: is a colour image; expected a grey one"
        ),
        (
          ["img2img", "--image", "0.png", "--strength", "1.5"], 64,
          "--strength 1.5: expected a number above 0 and up to 1"
        ),
        (
          ["img2img", "--image", "0.png", "--strength", "0"], 64,
          "--strength 0: expected a number above 0 and up to 1"
        ),
        (
          ["img2img", "--image", "0.png", "--strength", "0.1"], 1,
          "--strength 0.1: a strength of 0.1 takes none of 4 steps; expected at least 0.25, or more steps"
        ),
        (
          ["img2img", "--image", "0.png", "--class", "blue"], 1,
          "--class blue: there is no class “blue”; the classes are 0, 1, 2, 3, 4, 5, 6, 7, 8, 9"
        ),
        (
          ["img2img", "--image", "0.png", "--guidance", "2"], 1,
          "--guidance 2: guidance needs a class; choose one, or a guidance of 1"
        ),
        (["img2img"], 64, "--task img2img: needs --image"),
        (
          ["img2img", "--image", "0.png", "--mask", "mask.png"], 64,
          "--mask: only applies to inpaint, not to img2img; leave it out"
        ),
        (
          ["denoise", "--image", "0.png", "--noise-level", "1e5"], 1,
          "--noise-level 100000: noise of 100000 is outside the levels of the schedule"
        ),
        (
          ["denoise", "--truth", "0.png"], 64,
          "--task denoise: needs --noise-level, or an --image with noise"
        ),
        (
          ["superres", "--image", "0.png"], 1,
          "0.png: is an image of 14×14; expected 7×7"
        ),
        (
          ["superres", "--truth", "0.png", "--factor", "3"], 64,
          "--factor 3: the model makes images of 14×14; expected a divisor of both"
        ),
        (
          [
            "superres", "--truth", "0.png", "--class", "3", "--guidance", "2", "--guidance-rescale",
            "0.5",
          ], 1,
          "run: posterior sampling cannot be combined with rescaled guidance; expected guidance_rescale = 0"
        ),
        (
          ["colorize", "--image", "0.png"], 64,
          "--task colorize: needs a model of colour images; this one has 1 channel"
        ),
        (
          ["outpaint", "--image", "0.png"], 1,
          "0.png: is an image of 14×14; expected a smaller one than the model's 14×14, and no larger along either side"
        ),
        (
          ["interpolate", "--image", "0.png", "--to", "1.png", "--sampler", "ddpm"], 1,
          "run: an interpolation needs a sampler that draws no noise, such as ddim with an eta of 0; ddpm draws it"
        ),
      ]
      for (arguments, status, sentence) in wrong {
        let result = try edit(["run", "--task"] + arguments, in: folder)
        #expect(result.status == status, "\(arguments)")
        #expect(result.errors.hasPrefix("workbench: \(sentence)"), "\(result.errors)")
        #expect(result.errors.split(separator: "\n").count == 1)
      }
      let left = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(!left.contains { $0.contains("out.png") })
      let jpeg = try RunningCommand(
        ["edit", "run", "--task", "img2img", "--image", "0.png", "--out", "out.jpg"], in: folder
      ).finish()
      #expect(
        jpeg.errors == "workbench: --out out.jpg: expected a name that ends with .png\n")
    }
  }

  @Test("a model of colours gives a grey image colours with its brightness")
  func colours() throws {
    try withFolder { folder in
      let recipe = """
        [data]
        source = "emoji16"
        \(Self.network)
        [training]
        batch = 2
        steps = 1
        [preview]
        steps = 3
        """
      try recipe.write(toFile: folder + "/emoji.toml", atomically: true, encoding: .utf8)
      let result = try WorkbenchProgram.run("train", "emoji.toml", "--run-dir", "run", in: folder)
      try #require(result.status == 0, "\(result.errors)")
      let data = try DataConfiguration(source: "emoji16").load()
      try PNG.write(
        Image(sample: data[0], shape: data.shape, range: data.range), to: folder + "/0.png")
      let edited = try edit(
        ["run", "--task", "colorize", "--truth", "0.png", "--count", "1"], in: folder)
      #expect(edited.status == 0, "\(edited.errors)")
      #expect(try PNG.read(folder + "/out.png").channels == 3)
    }
  }
}
