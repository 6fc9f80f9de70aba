import ArgumentParser
import Diffusion
import TUI

/// Draws samples from a model.
struct SampleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sample", abstract: "Draw samples from a trained model and write them to a file.",
    discussion: """
      Options default to [preview] in the run's recipe, or to the folder's scheduler. A PNG file \
      shows the samples; a safetensors file holds every frame of their trajectory.
      """,
    version: WorkbenchMain.title)

  @OptionGroup var options: SamplingOptions

  @Option(
    help: ArgumentHelp("The file to write: .png or .safetensors.", valueName: "file"))
  var out: String

  func validate() throws {
    guard out.hasSuffix(".png") || out.hasSuffix(".safetensors") else {
      throw ValidationError(
        "--out \(Wording.escaped(out)): expected a name that ends with .png or .safetensors")
    }
  }

  func run() throws {
    let keepsFrames = out.hasSuffix(".safetensors")
    let drawn = try options.begin(keepsFrames: keepsFrames)
    var frames = FramesFile()
    let last = try drawn.follow { if keepsFrames { frames.add($0) } }
    guard let last else { return }
    let what: String
    if keepsFrames {
      try frames.write(kind: drawn.format.kind, metadata: metadata(drawn), to: out)
      what = "\(last.frameCount) frames"
    } else {
      let image = draw(last, drawn.format)
      try PNG.write(image, to: out)
      what = "\(image.width)×\(image.height)"
    }
    try Console.line(
      "\(Wording.escaped(out)): \(Wording.count(last.shape.batch, "sample")) by "
        + "\(drawn.way) from \(drawn.origin)\(drawn.given), \(drawn.cost), \(what)")
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
