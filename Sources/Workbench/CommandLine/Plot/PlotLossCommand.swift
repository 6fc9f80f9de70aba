import ArgumentParser
import Diffusion
import Figures
import TUI

/// Plots the losses of runs.
struct PlotLossCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "loss", abstract: "Plot the training loss of runs: raw faint, smoothed bright.",
    version: WorkbenchMain.title)

  enum Across: String, CaseIterable, ExpressibleByArgument {
    case step
    case seconds
  }

  enum Scale: String, CaseIterable, ExpressibleByArgument {
    case log
    case linear
  }

  @Argument(help: "The folders of the runs, such as runs/digits-1204.")
  var runs: [String]

  @Option(help: "How strongly to smooth the curve, from 0 to below 1.")
  var smoothing = 0.9

  @Option(help: "The horizontal axis.")
  var over = Across.step

  @Option(help: "The scale of the loss axis.")
  var scale = Scale.log

  @OptionGroup var plot: PlotOptions

  func validate() throws {
    guard smoothing >= 0, smoothing < 1 else {
      throw ValidationError("--smoothing \(smoothing): expected 0 to below 1")
    }
  }

  func run() throws { try plot.show(figure()) }

  func figure() throws -> Figure {
    var (raw, smoothed): ([Figure.Mark], [Figure.Mark]) = ([], [])
    for (index, path) in runs.enumerated() {
      let history = try history(of: path)
      let places = history.points.map { over == .step ? Double($0.step) : $0.seconds }
      raw.append(
        .line(
          Figure.Line(
            "",
            zip(places, history.points).flatMap { place, point in
              // A point may stand for several steps, and then for all that is between its extremes.
              Set([point.lowestLoss, point.highestLoss]).sorted().map { Figure.Point(place, $0) }
            }, .pale(index))))
      let values = history.smoothedLosses(weight: smoothing)
      smoothed.append(
        .line(
          Figure.Line(
            name(of: path), zip(places, values).map { Figure.Point($0, $1) }, .series(index))))
    }
    let panel = Figure.Panel(
      "", raw + smoothed, x: Figure.Side(over.rawValue),
      y: Figure.Side("loss", scale == .log ? .log : .linear))
    return Figure("Training loss", panels: [panel])
  }

  private func history(of path: String) throws -> RunHistory {
    let folder = RunFolder(path: path)
    let history = RunHistory(try JSONLines.read(folder.metricsPath))
    guard !history.points.isEmpty else {
      throw CommandError("\(folder.metricsPath): has no step with a loss yet")
    }
    return history
  }

  /// The folder's own name, or all of its path where another has the same.
  private func name(of path: String) -> String {
    let names = runs.map { RunFolder(path: $0).name }
    let own = RunFolder(path: path).name
    return Wording.escaped(names.filter { $0 == own }.count > 1 ? path : own)
  }
}
