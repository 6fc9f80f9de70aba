import ArgumentParser
import Diffusion
import Figures
import Platform
import TUI

/// Plots how cost scales.
struct PlotGrowthCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "growth",
    abstract:
      "Plot how cost scales, as measured by workbench bench --growth --json.",
    discussion: """
      Both axes are logarithmic. Dashed lines show a cost in proportion to the samples or pixels, and the \
      size of the data alone.
      """,
    version: WorkbenchMain.title)

  @Argument(help: "A file written by workbench bench --growth --json.")
  var file: String

  @OptionGroup var plot: PlotOptions

  func run() throws { try plot.show(figure()) }

  func figure() throws -> Figure {
    let report = try GrowthReport(contentsOf: file)
    let machine = report.machine
    let panels = GrowthReport.Series.allCases.compactMap { Self.panel($0, of: report) }
    return Figure(
      "How cost scales · \(Wording.escaped(machine.processor)), \(machine.threads) threads",
      panels: panels, columns: 2)
  }

  /// A cost as a line.
  private struct Cost: Sendable {
    let name: String
    let value: @Sendable (GrowthReport.Point) -> Double?
  }

  private static let step = Cost(name: "training step, ms") { $0.stepMilliseconds }
  private static let forward = Cost(name: "evaluation, ms") { $0.forwardMilliseconds }
  private static let memory = Cost(name: "memory, MB") { $0.memoryBytes.map { $0 / 1e6 } }
  private static let data = Cost(name: "the data alone, MB") { $0.dataBytes.map { $0 / 1e6 } }
  private static let drawing = Cost(name: "drawing, ms") { $0.drawingMilliseconds }

  /// The panel of a series; nil where nothing of it was measured.
  private static func panel(
    _ series: GrowthReport.Series, of report: GrowthReport
  ) -> Figure.Panel? {
    let points = report.points(of: series)
    let chart = GrowthMeasurement.chart
    let (title, x, costs): (String, String, [Cost]) =
      switch series {
      case .batch:
        (
          "Network of the recipe \(GrowthMeasurement.recipe)", "samples per batch",
          [step, forward]
        )
      case .side:
        (
          "The same network, batches of \(GrowthMeasurement.imageBatch)", "image side, pixels",
          [step, forward]
        )
      case .samples:
        (
          "A small network, images of \(GrowthMeasurement.dataSide)×\(GrowthMeasurement.dataSide)",
          "training samples", [step, memory]
        )
      case .history:
        (
          "Chart of the loss, \(chart.width)×\(chart.height) cells", "steps of the run", [drawing]
        )
      }
    let lines = costs.map { line($0, points) }
    guard lines.contains(where: { !$0.isEmpty }) else { return nil }
    var marks: [Figure.Mark] = []
    for (index, places) in lines.enumerated() where !places.isEmpty {
      marks.append(.line(Figure.Line(costs[index].name, places, .series(index))))
      // What was measured, as the lines between may bend.
      marks.append(.points(Figure.Points(places, .series(index))))
    }
    if let guide = guide(series, points, like: lines[0]) { marks.insert(.line(guide), at: 0) }
    return Figure.Panel(title, marks, x: Figure.Side(x, .log), y: Figure.Side("", .log))
  }

  private static func line(_ cost: Cost, _ points: [GrowthReport.Point]) -> [Figure.Point] {
    points.compactMap { point in
      cost.value(point).map { Figure.Point(Double(point.size), $0) }
    }
  }

  /// What a series is compared with: the cost of the largest size in proportion, or the data alone.
  private static func guide(
    _ series: GrowthReport.Series, _ points: [GrowthReport.Point], like line: [Figure.Point]
  ) -> Figure.Line? {
    let (name, places): (String, [Figure.Point]) =
      switch series {
      case .batch: ("in proportion to the samples", proportional(to: 1, line))
      case .side: ("in proportion to the pixels", proportional(to: 2, line))
      case .samples: (data.name, Self.line(data, points))
      case .history: ("", [])
      }
    guard places.count > 1 else { return nil }
    var guide = Figure.Line(name, places, .series(7))
    guide.isDashed = true
    return guide
  }

  /// A cost that grows as a power of the size, and ends where `line` does.
  private static func proportional(
    to power: Double, _ line: [Figure.Point]
  ) -> [Figure.Point] {
    guard let last = line.last else { return [] }
    return line.map { Figure.Point($0.x, last.y * pow($0.x / last.x, power)) }
  }
}
