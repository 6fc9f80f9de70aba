import ArgumentParser
import Diffusion
import Platform
import TUI

/// Looks at networks.
struct NetworksCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "networks", abstract: "Inspect networks.", version: WorkbenchMain.title,
    subcommands: [NetworksListCommand.self, NetworksShowCommand.self])
}

/// Lists the architectures.
struct NetworksListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the architectures with their default number of parameters.",
    version: WorkbenchMain.title)

  func run() throws {
    let rows = Architectures.all.map { kind in
      let shape = type(of: kind).exampleShape
      let count = Numbers.grouped(kind.makeNetwork(for: shape).parameterCount)
      return (NetworkConfiguration(kind), count, use: "for \(shape.title)")
    }
    let digits = rows.map(\.1.count).max() ?? 0
    try Console.write(
      TextTable.text(
        rows.map { kind, count, use in
          let padding = String(repeating: " ", count: digits - count.count)
          return [kind.name, padding + count, use, kind.meaning]
        }))
  }
}

/// Prints a network's layers with their sizes.
struct NetworksShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Print a network layer by layer: outputs, parameters, arithmetic.",
    discussion: """
      Layers are listed in the order in which they run; those that embed the noise level come \
      before what they condition. Untrained counts the values that the optimiser does not update. \
      Share is the layer's share of all multiplications in matrix products, convolutions and \
      attention; norms, activations, pooling, sums and resampling count as zero.
      """,
    version: WorkbenchMain.title)

  enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
    case table
    case json
  }

  @Argument(
    help: ArgumentHelp(
      "An architecture (see workbench networks list), a recipe's name or file, a run's folder, a "
        + "checkpoint, or a diffusers folder.", valueName: "network|recipe|run"))
  var source: String

  @Option(
    help: ArgumentHelp(
      "The shape of a sample: channels, height and width; channels and length; or one number.",
      valueName: "3x32x32"))
  var sample: String?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("Override a setting of the network.", valueName: "network.key=value"))
  var values: [String] = []

  @Option(help: "How the layers are printed.")
  var format: OutputFormat = .table

  func run() throws {
    let network = try network()
    let most = 1 << 29
    guard network.table.count <= most else {
      throw CommandError(
        "\(source): the network has \(Numbers.grouped(network.table.count)) parameters; expected "
          + "at most \(Numbers.grouped(most))")
    }
    try BLAS.load()
    let table = NetworkTable(network.summary())
    switch format {
    case .table: try Console.write(table.text(columns: Self.columns))
    case .json: try Console.json(table.json)
    }
  }

  /// The terminal's columns; where there is none, those that COLUMNS asks for, or 80.
  private static var columns: Int {
    let asked = getenv("COLUMNS").flatMap { Int(String(cString: $0)) } ?? Console.size.columns
    return Console.isTerminal ? Console.size.columns : max(asked, 1)
  }

  private func network() throws -> Network {
    let overrides = try values.map { value in
      let override = try RecipeOverride(set: value, inside: "network")
      guard override.key.section == "network" else {
        throw RecipeError(override.option, "expected a key of [network]")
      }
      return override
    }
    let shape = try sample.map(Self.shape)
    if let kind = NetworkConfiguration(named: source) {
      let network = try Self.network(kind, overrides)
      return try network.make(
        for: shape ?? network.fixedSampleShape ?? type(of: network.value).exampleShape)
    }
    let (recipe, known) = try recipe(overrides)
    // The alphabet of text is not in its shape.
    if let shape = shape ?? recipe.network.fixedSampleShape, !recipe.network.isForText {
      return try recipe.network.make(for: shape)
    }
    guard known != nil || recipe.hasData else {
      throw CommandError(
        "\(source): does not say what shape of samples the network takes; add --sample")
    }
    let format = try known ?? recipe.data.load().format
    return try recipe.network.make(for: shape.map { format.with(shape: $0) } ?? format)
  }

  /// An architecture with its defaults, but for `overrides`.
  private static func network(
    _ kind: NetworkConfiguration, _ overrides: [RecipeOverride]
  ) throws(RecipeError) -> NetworkConfiguration {
    let choice = RecipeOverride(
      RecipeKey("network", "kind"), .text(kind.name), option: kind.name)
    let reader = try RecipeReader("", path: kind.name, overrides: [choice] + overrides)
    var network = NetworkConfiguration()
    try reader.fill(&network, section: "network")
    return network
  }

  /// The recipe of that name or file, or that of the run in the folder or checkpoint, with what is
  /// known of its samples.
  private func recipe(_ overrides: [RecipeOverride]) throws -> (Recipe, SampleFormat?) {
    if DiffusersFolder.exists(at: source) {
      let text = try DiffusersFolder(contentsOf: source).recipe.text
      return (
        try Recipe(
          text, name: source, path: source, overrides: overrides, checkingData: false), nil
      )
    }
    if ResourceFolders.isFolder(source) {
      let folder = RunFolder(path: source)
      guard access(folder.recipePath, F_OK) == 0 else {
        throw CommandError(
          "\(source): this folder has no recipe.toml, model_index.json or config.json, "
            + "so it is neither a run nor a diffusers folder")
      }
      let checkpoint = try? folder.checkpoint()
      let text = try RecipeLibrary.read(folder.recipePath)
      return (
        try Recipe(
          text, name: source, path: folder.recipePath, overrides: overrides, checkingData: false),
        checkpoint?.format
      )
    }
    if source.hasSuffix(".safetensors") {
      let checkpoint = try Checkpoint(contentsOf: source)
      return (
        try checkpoint.currentRecipe(path: source, overrides: overrides), checkpoint.format
      )
    }
    let isPath = source.contains("/") || source.hasSuffix(".toml") || access(source, F_OK) == 0
    let recipes = RecipeLibrary.entries().map(\.name)
    guard isPath || recipes.contains(source) else {
      let nearest = Wording.nearest(to: source, in: Architectures.names + recipes)
      throw ValidationError(
        "\(source): there is no such network, recipe or run"
          + (nearest.map { "; did you mean \($0)?" } ?? ";")
          + " the networks are \(Architectures.names.joined(separator: ", "))")
    }
    return (try Recipe.load(source, overrides: overrides), nil)
  }

  /// The most numbers of a sample, so that no network needs more memory than there is.
  private static let mostNumbers = 1 << 20

  /// "3x32x32" are images, "1x100" signals, "2" vectors; channels come first.
  private static func shape(_ text: String) throws -> Shape {
    let sides = text.split(omittingEmptySubsequences: false) { $0 == "x" || $0 == "×" }
      .map { Int($0) ?? 0 }
    guard sides.allSatisfy({ (1...mostNumbers).contains($0) }), sides.count <= 3,
      sides.reduce(1, { min($0 * $1, mostNumbers + 1) }) <= mostNumbers
    else {
      throw ValidationError(
        "--sample \(text): expected a shape such as 3x32x32, 1x100 or 2, of at most "
          + "\(Numbers.grouped(mostNumbers)) values")
    }
    return switch sides.count {
    case 1: Shape(1, 1, 1, sides[0])
    case 2: Shape(1, 1, sides[1], sides[0])
    default: Shape(1, sides[1], sides[2], sides[0])
    }
  }
}
