import ArgumentParser
import Diffusion
import TUI

/// Writes a model's weights for other programs.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write a model's weights for other programs.",
    discussion: """
      A safetensors file holds the tensors under their original names, as load_state_dict expects. \
      A folder, for networks of kind unet2d, can be loaded by DDPMPipeline.from_pretrained.
      """,
    version: WorkbenchMain.title)

  enum DType: String, CaseIterable, ExpressibleByArgument {
    case f32
    case f16
    case bf16

    var type: SafeTensors.ElementType {
      switch self {
      case .f32: .f32
      case .f16: .f16
      case .bf16: .bf16
      }
    }
  }

  @OptionGroup var source: ModelOptions

  @Option(help: ArgumentHelp("The .safetensors file or folder to write.", valueName: "path"))
  var out: String

  @Option(help: "The number format of a safetensors file.")
  var dtype: DType = .f32

  @Flag(help: "Export the raw weights instead of their moving average.")
  var raw = false

  func run() throws {
    let model = try source.open(raw: raw)
    let tensors = model.network.table.source(model.weights)
    if out.hasSuffix(".safetensors") {
      try SafeTensors.write(
        tensors.items(as: dtype.type),
        metadata: [("format", "pt"), ("network", model.architecture.name)], to: out)
    } else {
      try writeFolder(model, tensors)
    }
    try Console.line(
      "\(Wording.escaped(out)): \(Numbers.grouped(tensors.entries.count)) tensors with "
        + "\(Numbers.grouped(model.weights.count)) numbers from step "
        + "\(Numbers.grouped(model.step)) of \(Wording.escaped(source.path))")
  }

  private func writeFolder(_ model: Model, _ tensors: TensorSource) throws {
    guard var unet = model.architecture.value as? UNet2DConfiguration else {
      throw CommandError(
        "\(out): a diffusers folder holds a network of kind unet2d, but \(source.path) has one of "
          + "kind \(model.architecture.name); name a .safetensors file instead")
    }
    guard dtype == .f32 else {
      throw ValidationError("--dtype \(dtype.rawValue): weights in a folder are always f32")
    }
    let sampling = model.sampling
    guard model.format.range == -1...1 || !sampling.clipsPredictions else {
      throw CommandError(
        "\(out): diffusers' pipelines clip images to -1…1, but those of \(source.path) are 0…1 "
          + "with preview.clip on; name a .safetensors file instead")
    }
    let shape = model.format.shape
    unet.sampleSize = .init(height: shape.height, width: shape.width)
    let scheduler = SchedulerConfiguration(
      schedule: model.schedule, parameterization: model.parameterization, sampling: sampling)
    try DiffusersFolder.write(unet, scheduler, tensors: tensors, to: out)
    for sentence in scheduler.departures {
      try Console.line("\(Wording.escaped(out)): \(sentence) (docs/diffusers-folders.md)")
    }
  }
}
