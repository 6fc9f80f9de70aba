import ArgumentParser
import Figures
import Foundation
import TUI
import Testing

@testable import Diffusion
@testable import Workbench

@Suite("How cost scales")
struct GrowthCommandTests {
  private static let machine = Machine(
    processor: "a processor", processors: 2, threads: 2, system: "a system", program: "a program")

  /// Two sizes of everything: steps in proportion to batches, and to the pixels of images.
  private static let report = GrowthReport(
    machine: machine,
    points: [
      .init(series: .batch, size: 100, stepMilliseconds: 200, forwardMilliseconds: 50),
      .init(series: .batch, size: 1, stepMilliseconds: 8, forwardMilliseconds: 0.5),
      .init(series: .side, size: 8, stepMilliseconds: 3, forwardMilliseconds: 1),
      .init(series: .side, size: 64, stepMilliseconds: 128, forwardMilliseconds: 40),
      .init(
        series: .samples, size: 1000, stepMilliseconds: 2, memoryBytes: 5e6, dataBytes: 64_000),
      .init(
        series: .samples, size: 1_000_000, stepMilliseconds: 2, memoryBytes: 8e7, dataBytes: 6.4e7),
      .init(series: .history, size: 100, drawingMilliseconds: 0.5),
      .init(series: .history, size: 10_000_000, drawingMilliseconds: 2),
    ])

  /// A file with a report, as the command writes it.
  private static func write(_ report: GrowthReport, in folder: String) throws -> String {
    let path = "\(folder)/growth.json"
    try "\(JSONLines.line(report))\n".write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  private static func lines(_ panel: Figure.Panel) -> [Figure.Line] {
    panel.marks.compactMap { if case .line(let line) = $0 { line } else { nil } }
  }

  @Test("few sizes are measured by the command, line by line, and plotted from its file")
  func quick() throws {
    try withFolder { folder in
      let path = "\(folder)/growth.json"
      let result = try WorkbenchProgram.run("bench", "--growth", "--quick", "--json", path)
      #expect(result.status == 0, "\(result.errors)")
      let report = try GrowthReport(contentsOf: path)
      let sizes = GrowthMeasurement.Sizes.few
      #expect(report.points(of: .batch).map(\.size) == sizes.batches)
      #expect(report.points(of: .side).map(\.size) == sizes.sides)
      #expect(report.points(of: .samples).map(\.size) == sizes.samples)
      #expect(report.points(of: .history).map(\.size) == sizes.steps)
      #expect(result.lines.count == report.points.count)
      #expect(result.lines.contains { $0.hasPrefix("a batch of 16: step ") })
      #expect(result.lines.contains { $0.hasPrefix("10,000 steps in the chart: drawing ") })
      for point in report.points {
        let times = [
          point.stepMilliseconds, point.forwardMilliseconds, point.drawingMilliseconds,
        ].compactMap(\.self)
        #expect(!times.isEmpty && times.allSatisfy { $0 > 0 })
      }
      let plot = try WorkbenchProgram.run("plot", "growth", path, "--out", "\(folder)/growth.svg")
      #expect(plot.status == 0, "\(plot.errors)")
      let text = try String(contentsOfFile: "\(folder)/growth.svg", encoding: .utf8)
      #expect(text.hasSuffix("</svg>\n"))
    }
  }

  @Test("as JSON nothing else is printed")
  func json() throws {
    let result = try WorkbenchProgram.run("bench", "--growth", "--quick", "--format", "json")
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    #expect((object["points"] as? [Any])?.count == 10)
    #expect(((object["machine"] as? [String: Any])?["threads"] as? Int ?? 0) > 0)
  }

  @Test("a recipe's numbers are written to a file, too")
  func recipeFile() throws {
    try withFolder { folder in
      let path = "\(folder)/bench.json"
      let result = try WorkbenchProgram.run("bench", "swissroll", "--seconds", "1", "--json", path)
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.lines.contains { $0.hasPrefix("recipe ") })
      #expect(try JSON(contentsOf: path)["recipe"]?.string == "swissroll")
    }
  }

  @Test("each series has a panel with both axes logarithmic, and what it is compared with")
  func figure() throws {
    try withFolder { folder in
      let path = try Self.write(Self.report, in: folder)
      let figure = try PlotGrowthCommand.parse([path]).figure()
      #expect(figure.title.contains("a processor, 2 threads"))
      #expect(figure.panels.count == 4)
      #expect(figure.panels.allSatisfy { $0.x.scale == .log && $0.y.scale == .log })
      let batch = Self.lines(figure.panels[0])
      #expect(
        batch.map(\.name) == [
          "in proportion to the samples", "training step, ms", "evaluation, ms",
        ])
      #expect(batch[0].isDashed)
      // The smallest first, whatever their order in the file.
      #expect(batch[1].points == [.init(1, 8), .init(100, 200)])
      #expect(abs(batch[0].points[0].y - 2) < 1e-12)
      let side = Self.lines(figure.panels[1])
      #expect(abs(side[0].points[0].y - 2) < 1e-12)
      let samples = Self.lines(figure.panels[2])
      #expect(samples.map(\.name) == ["the data alone, MB", "training step, ms", "memory, MB"])
      #expect(samples[2].points == [.init(1000, 5), .init(1_000_000, 80)])
      #expect(Self.lines(figure.panels[3]).map(\.name) == ["drawing, ms"])
    }
  }

  @Test("a file with one series has one panel")
  func oneSeries() throws {
    try withFolder { folder in
      var report = Self.report
      report.points = report.points(of: .history)
      let figure = try PlotGrowthCommand.parse([try Self.write(report, in: folder)]).figure()
      #expect(figure.panels.map(\.x.label) == ["steps of the run"])
    }
  }

  @Test("the plot in the terminal looks as it did")
  func golden() throws {
    try withFolder { folder in
      let figure = try PlotGrowthCommand.parse([try Self.write(Self.report, in: folder)]).figure()
      var surface = Surface(Size(100, 40))
      FigureView(figure).draw(in: surface.bounds, on: &surface, theme: .dark)
      try expectGolden(surface, "plot-growth")
    }
  }

  @Test(
    "a damaged file is refused in one sentence",
    arguments: [
      "", "{}\n", "[1, 2]\n", "nothing\n", #"{"machine": {}, "points": []}"# + "\n",
      #"{"points":[{"series":"batch","size":0}]}"# + "\n",
    ])
  func damaged(_ text: String) throws {
    try withFolder { folder in
      let path = "\(folder)/growth.json"
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      let result = try WorkbenchProgram.run("plot", "growth", path)
      #expect(result.status == 1)
      #expect(
        result.errors
          == "workbench: \(path): is not what workbench bench --growth --json writes\n")
    }
  }

  @Test("a size of 0, and a report without points, are refused")
  func impossible() throws {
    try withFolder { folder in
      for points in [[], [GrowthReport.Point(series: .batch, size: 0, stepMilliseconds: 1)]] {
        let path = try Self.write(
          GrowthReport(machine: Self.machine, points: points), in: folder)
        #expect(throws: CommandError.self) { try GrowthReport(contentsOf: path) }
      }
    }
  }

  @Test(
    "what does not go together is said in one sentence",
    arguments: [
      (["bench", "--growth", "swissroll"], 64, "--growth measures the recipe digits as it is"),
      (["bench", "--growth", "--profile"], 64, "--growth measures the recipe digits as it is"),
      (["bench", "--quick"], 64, "--quick: only applies with --growth"),
      (["bench", "--growth", "--quick", "--seconds", "2"], 64, "--quick and --seconds"),
      (["bench", "--json", ""], 64, "--json: expected a path"),
      (["plot", "growth"], 64, "file"),
      (["plot", "growth", "/no/such/growth.json"], 1, "/no/such/growth.json"),
    ] as [([String], Int32, String)])
  func errors(_ arguments: [String], _ status: Int32, _ part: String) throws {
    let result = try WorkbenchProgram.start(arguments).finish()
    #expect(result.status == status)
    #expect(result.output.isEmpty)
    #expect(result.errors.contains(part), "\(result.errors)")
    #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
  }
}
