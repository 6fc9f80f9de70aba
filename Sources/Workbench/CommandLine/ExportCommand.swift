import ArgumentParser
import Diffusion

/// Writes a run's weights for other programs.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write a run's weights for other programs.",
    discussion: """
      A safetensors file has the tensors under their original names, so that load_state_dict takes \
      them; a folder is one that DDPMPipeline.from_pretrained loads, of networks of the kind unet2d.
      """,
    version: Program.title)

  enum Number: String, CaseIterable, ExpressibleByArgument {
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

  @Argument(help: ArgumentHelp("A run's folder or a checkpoint.", valueName: "run"))
  var source: String

  @Option(help: ArgumentHelp("A file .safetensors, or a folder.", valueName: "path"))
  var out: String

  @Option(help: "The numbers of a file: f32, f16 or bf16.")
  var numbers: Number = .f32

  @Flag(help: "The weights themselves, not their moving average.")
  var raw = false

  func run() throws {
    let isFolder = ResourceFolders.isFolder(source)
    let path = isFolder ? RunFolder(path: source).checkpointPath : source
    let checkpoint =
      try isFolder ? RunFolder(path: source).checkpoint() : Checkpoint(contentsOf: source)
    let recipe = try Recipe(
      checkpoint.recipe, name: RecipeLibrary.name(ofFile: source), path: path)
    let tensors = raw ? checkpoint.weights : checkpoint.average
    if out.hasSuffix(".safetensors") {
      try SafeTensors.write(
        tensors.map { .tensor($0, as: $0.kind == .float ? numbers.type : nil) },
        metadata: [("format", "pt"), ("network", recipe.network.kind.rawValue)], to: out)
    } else {
      try writeFolder(recipe, tensors)
    }
    let count = tensors.reduce(0) { $0 + $1.values.count }
    try Console.line(
      "\(out): \(Format.count(tensors.count)) tensors with \(Format.count(count)) numbers from step "
        + "\(Format.count(checkpoint.step)) of \(source)")
  }

  private func writeFolder(_ recipe: Recipe, _ tensors: [NamedTensor]) throws {
    guard case .unet2D(let unet) = recipe.network else {
      throw CommandError(
        "\(out): a folder of diffusers holds a network of the kind unet2d, \(source) has one of the "
          + "kind \(recipe.network.kind.rawValue); name a file .safetensors")
    }
    guard numbers == .f32 else {
      throw ValidationError("--numbers \(numbers.rawValue): a folder's weights are f32")
    }
    let sampling = recipe.preview.sampling
    guard [.leading, .trailing, .linspace].contains(sampling.spacing) else {
      throw CommandError("\(out): diffusers has no \(sampling.spacing.rawValue) spacing")
    }
    guard recipe.data.range == .symmetric || !sampling.clip else {
      throw CommandError(
        "\(out): the pipelines of diffusers limit pictures to -1…1, those of \(source) are 0…1 and "
          + "preview.clip is on; name a file .safetensors")
    }
    let scheduler = SchedulerConfiguration(
      sampler: sampling.sampler, schedule: recipe.schedule,
      parameterization: recipe.parameterization, variance: sampling.variance,
      clipRange: sampling.clip ? -1...1 : nil, spacing: sampling.spacing)
    try DiffusersFolder.write(unet, scheduler, tensors: tensors, to: out)
  }
}
