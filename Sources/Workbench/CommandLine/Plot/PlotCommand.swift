import ArgumentParser
import Diffusion
import Figures
import TUI

/// Draws figures.
struct PlotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plot", abstract: "Plot schedules, noise, samples, losses and costs.",
    discussion: """
      Plots are drawn in the terminal, or with --out written to a PNG or SVG file.
      """,
    version: WorkbenchMain.title,
    subcommands: [
      PlotScheduleCommand.self, PlotForwardCommand.self, PlotTrajectoryCommand.self,
      PlotLossCommand.self, PlotGrowthCommand.self,
    ])
}

/// Where a plot goes, and how large it is.
struct PlotOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The .png or .svg file to write; by default the plot is drawn in the terminal.",
      valueName: "file"))
  var out: String?

  @Option(
    help: ArgumentHelp(
      "The size in pixels, such as 1200x800; in the terminal, in columns and rows.",
      valueName: "WxH"))
  var size: PlotSize?

  @Option(help: "The title; by default the plot's own. An empty one removes it.")
  var title: String?

  func validate() throws {
    if let out, format == nil { throw FigureFormat.unknown(out) }
    let range = out == nil ? 20...1000 : 100...10_000
    if let size,
      !range.contains(size.width)
        || !(range.lowerBound / 2...range.upperBound).contains(size.height)
    {
      throw ValidationError(
        "--size \(size): expected \(range.lowerBound)x\(range.lowerBound / 2) to "
          + "\(range.upperBound)x\(range.upperBound) \(out == nil ? "columns and rows" : "pixels")")
    }
  }

  private var format: FigureFormat? { out.flatMap { FigureFormat(path: $0) } }

  /// Writes the figure to its file, or draws it in the terminal.
  func show(_ figure: Figure) throws {
    var figure = figure
    if let title { figure.title = title }
    guard let out, let format else { return try draw(figure) }
    let natural = figure.naturalSize
    let (width, height) = (size?.width ?? natural.width, size?.height ?? natural.height)
    try AtomicFile.replace(out, with: figure.encode(format, width: width, height: height))
    try Console.line("\(Wording.escaped(out)): \(width)×\(height)")
  }

  private func draw(_ figure: Figure) throws {
    let theme = Console.theme
    let view = FigureView(figure)
    let terminal = Console.size
    // The prompt comes back below it.
    let width = size?.width ?? terminal.columns
    let height = size?.height ?? view.height(width: width, room: max(terminal.rows - 1, 12))
    var surface = Surface(Size(width, height), symbols: Console.symbols)
    view.draw(in: surface.bounds, on: &surface, theme: theme)
    try Console.draw(surface.text(theme.depth))
  }
}

extension FigureFormat {
  /// The format that a file's name ends with; nil for another end.
  init?(path: String) {
    guard let format = Self.allCases.first(where: { path.hasSuffix(".\($0.rawValue)") }) else {
      return nil
    }
    self = format
  }

  /// What is said of a file that `--out` names and that would be neither.
  static func unknown(_ path: String) -> ValidationError {
    ValidationError(
      "--out \(Wording.escaped(path)): expected a name that ends with "
        + allCases.map { ".\($0.rawValue)" }.joined(separator: " or "))
  }
}

extension Figure {
  /// Writes the figure in its natural size to a file whose name says the format.
  func write(to path: String) throws {
    guard let format = FigureFormat(path: path) else { throw FigureFormat.unknown(path) }
    let size = naturalSize
    try AtomicFile.replace(path, with: encode(format, width: size.width, height: size.height))
  }
}

/// A width and a height, such as 1200x800.
struct PlotSize: ExpressibleByArgument, CustomStringConvertible {
  let width: Int
  let height: Int

  init?(argument: String) {
    let sides = argument.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard sides.count == 2, let width = sides[0], let height = sides[1] else { return nil }
    (self.width, self.height) = (width, height)
  }

  var description: String { "\(width)x\(height)" }
}
