import ArgumentParser
import Diffusion
import TUI

/// Draws samples from a model.
struct SampleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sample", abstract: "Draw samples from a trained model and write them to a file.",
    discussion: """
      Options default to [preview] in the run's recipe, or to the folder's scheduler. A PNG file \
      shows the samples; a WAV file plays samples that are sound, one after another; a .txt file has samples of \
      text, which are printed where there is no file; a safetensors file holds every frame of their trajectory.
      """,
    version: WorkbenchMain.title)

  @OptionGroup var options: SamplingOptions

  @Option(
    help: ArgumentHelp(
      "The file to write: .png or .safetensors; of sound .wav too; of text .txt or .safetensors, or none to print it.",
      valueName: "file"))
  var out: String?

  func validate() throws {
    let endings = [".png", ".safetensors", ".txt", ".wav"]
    guard let out, !endings.contains(where: { out.hasSuffix($0) }) else {
      return
    }
    throw ValidationError(
      "--out \(Wording.escaped(out)): expected a name that ends with .png, .wav, .txt or .safetensors"
    )
  }

  func run() throws {
    let keepsFrames = out?.hasSuffix(".safetensors") == true
    let drawn = try options.begin(keepsFrames: keepsFrames)
    try check(drawn.format)
    var frames = FramesFile()
    let last = try drawn.follow { if keepsFrames { frames.add($0) } }
    guard let last else { return }
    if let text = drawn.format.text, !keepsFrames { return try write(last, text) }
    guard let out else { return }
    let what: String
    if keepsFrames {
      try frames.write(kind: drawn.format.kind, metadata: metadata(drawn), to: out)
      what = "\(last.frameCount) frames"
    } else if let track = out.hasSuffix(".wav")
      ? Soundtrack(last.samples, drawn.format) : nil
    {
      try track.write(to: out)
      what =
        "\(Numbers.fixed(Double(track.values.count) / Double(track.rate), 1)) s at \(track.rate) Hz"
    } else {
      let image = draw(last, drawn.format)
      try PNG.write(image, to: out)
      what = "\(image.width)×\(image.height)"
    }
    try Console.line(
      "\(Wording.escaped(out)): \(Wording.count(last.shape.batch, "sample")) by "
        + "\(drawn.way) from \(drawn.origin)\(drawn.given), \(drawn.cost), \(what)")
  }

  /// Refuses a file that samples of that format cannot be written to.
  private func check(_ format: SampleFormat) throws {
    let isText = format.text != nil
    guard let out else {
      if isText { return }
      throw ValidationError("--out: expected a file to write, .png or .safetensors")
    }
    if out.hasSuffix(".wav"), format.sound == nil {
      throw ValidationError(
        "--out \(Wording.escaped(out)): the samples are not sound; expected a name that ends with "
          + "\(isText ? ".txt" : ".png") or .safetensors")
    }
    if out.hasSuffix(isText ? ".png" : ".txt") {
      throw ValidationError(
        "--out \(Wording.escaped(out)): the samples are \(isText ? "text" : "not text"); expected a name that ends with "
          + "\(isText ? ".txt" : ".png") or .safetensors")
    }
  }

  /// Samples of text, a line each, or with a blank line between where they have several.
  private func write(_ last: Frame, _ format: TextFormat) throws {
    let texts = last.samples.map { format.text($0) }
    let all = texts.joined(separator: format.isLines ? "\n" : "\n\n") + "\n"
    guard let out else { return try Console.write(all) }
    try AtomicFile.replace(out, with: Array(all.utf8))
    try Console.line("\(Wording.escaped(out)): \(Wording.count(texts.count, "sample"))")
  }

  private func metadata(_ drawn: SamplingOptions.Drawn) -> [(String, String)] {
    [
      ("source", options.source.path), ("step", "\(drawn.step)"),
      ("sampler", drawn.sampling.sampler.name), ("schedule", drawn.schedule.name),
      ("seed", "\(drawn.sampling.seed)"),
    ]
  }

  private func draw(_ frame: Frame, _ format: SampleFormat) -> Image {
    // Small images are hard to see point by point.
    var renderer = SampleRenderer(
      format, enlargement: max(1, 64 / max(frame.shape.height, frame.shape.width)))
    if format.kind == .signal { renderer.plotSide = 240 }
    return renderer.render(frame.samples)
  }
}
