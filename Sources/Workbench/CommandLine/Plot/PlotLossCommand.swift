import ArgumentParser
import Diffusion
import Figures
import TUI

/// Plots the losses of runs.
struct PlotLossCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "loss",
    abstract: "Plot the training loss of runs, raw (faint) and smoothed (bright).",
    discussion: """
      Where a run has them, the validation loss and the memorisation floor (dashed) are drawn too. \
      The floor is the expected loss of the ideal denoiser of the training set.
      """,
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
    var (raw, smoothed, others): ([Figure.Mark], [Figure.Mark], [Figure.Mark]) = ([], [], [])
    for (index, path) in runs.enumerated() {
      let records = try records(of: path)
      let history = RunHistory(records)
      let places = history.points.map(place)
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
      if !history.validation.isEmpty {
        others.append(
          .line(
            Figure.Line(
              "\(name(of: path)), validation",
              history.validation.map { Figure.Point(place($0), $0.loss) },
              .series(runs.count + index))))
      }
      if let floor = floor(records, name(of: path), .series(index)) { others.append(.line(floor)) }
    }
    let panel = Figure.Panel(
      "", raw + smoothed + others, x: Figure.Side(over.rawValue),
      y: Figure.Side("loss", scale == .log ? .log : .linear))
    return Figure("Training loss", panels: [panel])
  }

  private func place(_ point: RunHistory.Point) -> Double {
    over == .step ? Double(point.step) : point.seconds
  }

  /// The memorisation floor from the first step on; each estimate counts until a change that brings
  /// another.
  private func floor(
    _ records: [StepRecord], _ name: String, _ tint: Figure.Tint
  ) -> Figure.Line? {
    let steps = records.filter { $0.loss != nil }
    func place(_ record: StepRecord?) -> Double {
      over == .step ? Double(record?.step ?? 0) : record?.seconds ?? 0
    }
    let known = steps.filter { $0.floor != nil }
    guard !known.isEmpty else { return nil }
    let starts = [place(steps.first)] + known.dropFirst().map { place($0) }
    let ends = starts.dropFirst() + [place(steps.last)]
    let points = zip(known, zip(starts, ends)).flatMap { record, ends in
      [ends.0, ends.1].map { Figure.Point($0, record.floor ?? .nan) }
    }
    var line = Figure.Line("\(name), memorisation floor", points, tint)
    line.isDashed = true
    return line
  }

  private func records(of path: String) throws -> [StepRecord] {
    let folder = RunFolder(path: path)
    let records: [StepRecord] = try JSONLines.read(folder.metricsPath)
    guard records.contains(where: { $0.loss != nil }) else {
      throw CommandError("\(folder.metricsPath): has no step with a loss yet")
    }
    return records
  }

  /// The folder's own name, or all of its path where another has the same.
  private func name(of path: String) -> String {
    let names = runs.map { RunFolder(path: $0).name }
    let own = RunFolder(path: path).name
    return Wording.escaped(names.filter { $0 == own }.count > 1 ? path : own)
  }
}
