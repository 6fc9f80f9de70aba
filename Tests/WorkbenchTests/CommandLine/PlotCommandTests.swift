import ArgumentParser
import Figures
import Foundation
import TUI
import Testing

@testable import Diffusion
@testable import Workbench

@Suite("Plots from the command line")
struct PlotCommandTests {
  /// The lines of a panel.
  private static func lines(_ panel: Figure.Panel) -> [Figure.Line] {
    panel.marks.compactMap { if case .line(let line) = $0 { line } else { nil } }
  }

  @Test("every step of a walk is drawn over the clean sine, by its name")
  func forwardWalk() throws {
    let figure = try PlotForwardCommand.parse(["sine", "--schedule", "walk"]).figure()
    #expect(figure.title.hasPrefix("Forward Diffusion Process"))
    let lines = Self.lines(try #require(figure.panels.first))
    #expect(lines.map(\.name) == (0...10).map { "Step \($0)" })
    for (index, point) in lines[0].points.enumerated() {
      #expect(point.x == Double(index))
      #expect(abs(point.y - sin(2 * Double.pi * Double(index) / 99)) < 1e-6)
    }
    // Each step adds noise of deviation 0.1 to the one before.
    let added = zip(lines, lines.dropFirst()).flatMap { from, to in
      zip(from.points, to.points).map { $1.y - $0.y }
    }
    #expect(added.count == 1000)
    let deviation = (added.reduce(0) { $0 + $1 * $1 } / 1000).squareRoot()
    #expect(abs(deviation - 0.1) < 0.007)
  }

  @Test("smalldiffusion's three schedules are drawn as σ over t on a logarithmic axis")
  func threeSchedules() throws {
    let figure = try PlotScheduleCommand.parse([
      "log-linear", "linear", "scaled-linear", "--timesteps", "1000", "--show", "sigma",
    ]).figure()
    let panel = try #require(figure.panels.first)
    #expect(figure.panels.count == 1)
    #expect(panel.y.scale == .log)
    #expect(panel.x.range == 0...1000)
    let lines = Self.lines(panel)
    #expect(lines.map(\.name) == ["log-linear", "linear", "scaled-linear"])
    #expect(lines.map(\.points.count) == [1000, 1000, 1000])
    // The ends of smalldiffusion's defaults: ScheduleLogLinear, ScheduleDDPM, ScheduleLDM.
    for (line, (low, high)) in zip(lines, [(0.02, 10), (0.01, 157.41), (0.02917, 14.6146)]) {
      #expect(abs(line.points[0].y / low - 1) < 1e-3)
      #expect(abs(line.points[999].y / high - 1) < 1e-3)
    }
    let reversed = try PlotScheduleCommand.parse([
      "log-linear", "--show", "sigma", "--reverse",
    ]).figure()
    let start = try #require(Self.lines(reversed.panels[0])[0].points.first)
    #expect(abs(start.y - 10) < 1e-9)
  }

  @Test("schedules of unlike lengths share an axis as parts of the whole")
  func unlikeLengths() throws {
    let figure = try PlotScheduleCommand.parse(["walk", "cosine"]).figure()
    #expect(figure.panels.count == 4)
    #expect(figure.panels.allSatisfy { $0.x.label == "t / T" && $0.x.range == 0...1 })
  }

  @Test("a path of points goes by the sampler's options and ends at the data")
  func trajectory() throws {
    let figure = try PlotTrajectoryCommand.parse([
      "exact:mixture", "--count", "40", "--steps", "100", "--frames", "3", "--sampler", "heun",
    ]).figure()
    #expect(figure.panels.count == 3)
    #expect(figure.panels.last?.title == "sample")
    guard case .points(let points) = figure.panels[2].marks[0] else {
      Issue.record("the last panel has no points")
      return
    }
    #expect(points.points.count == 40)
    // Eight modes at 0.8 from the origin.
    let near = points.points.count {
      abs(($0.x * $0.x + $0.y * $0.y).squareRoot() - 0.8) < 0.2
    }
    #expect(near >= 36)
  }

  @Test("a recipe's schedule keeps the parameters that are not changed")
  func recipeSchedule() throws {
    let figure = try PlotForwardCommand.parse([
      "sine", "--timesteps", "4", "--frames", "100",
    ]).figure()
    let lines = Self.lines(try #require(figure.panels.first))
    #expect(lines.map(\.name) == (0...4).map { "Step \($0)" })
    let added = zip(lines[0].points, lines[4].points).map { $1.y - $0.y }
    let deviation = (added.reduce(0) { $0 + $1 * $1 } / Double(added.count)).squareRoot()
    // The highest noise of the recipe, where that of the kind is 10.
    #expect(abs(deviation - 0.316) < 0.07)
  }

  @Test("images have a row for each sample and a column for each step")
  func images() throws {
    let figure = try PlotForwardCommand.parse([
      "digits14", "--at", "0,10,1000", "--count", "2",
    ]).figure()
    let images = try #require(figure.panels.first?.images)
    #expect(images.columns == 3)
    #expect(images.rows == 2)
    #expect(images.labels == ["Step 0", "Step 10", "Step 1,000"])
    let digits = BuiltInData.digits14.make()
    let clean = Image(sample: digits[0], shape: digits.shape, range: digits.range)
    #expect(images.images[0].bytes == clean.bytes)
    #expect(images.images[1].bytes != clean.bytes)
  }

  @Test("values of noised data come close to the normal distribution")
  func histogram() throws {
    let figure = try PlotForwardCommand.parse([
      "digits14", "--histogram", "--count", "20", "--at", "0,1000",
    ]).figure()
    #expect(figure.panels.count == 2)
    guard case .bars(let bars) = figure.panels[1].marks[0] else {
      Issue.record("the panel has no bars")
      return
    }
    for (index, height) in bars.heights.enumerated() {
      let x = (bars.edges[index] + bars.edges[index + 1]) / 2
      #expect(abs(height - exp(-x * x / 2) / 2.5066) < 0.08)
    }
  }

  @Test("losses of runs are drawn raw and smoothed, by the runs' names")
  func loss() throws {
    try withFolder { folder in
      for (name, losses) in [("one", [4.0, 2, 1]), ("two", [3.0, 3])] {
        let run = try RunFolder.create(at: "\(folder)/\(name)")
        let writer = try JSONLines.Writer<StepRecord>(appendingTo: run.metricsPath)
        for (index, loss) in losses.enumerated() {
          try writer.append(StepRecord(step: index + 1, loss: loss, seconds: Double(index)))
        }
        try writer.append(StepRecord(step: losses.count, change: "a = 1"))
      }
      let figure = try PlotLossCommand.parse(
        ["\(folder)/one", "\(folder)/two", "--smoothing", "0.5"]).figure()
      let lines = Self.lines(try #require(figure.panels.first))
      #expect(lines.map(\.name) == ["", "", "one", "two"])
      #expect(lines[0].points == [.init(1, 4), .init(2, 2), .init(3, 1)])
      // (4·¼ + 2·½)/(¾), then with 1 once more.
      #expect(abs(lines[2].points[1].y - 8.0 / 3) < 1e-12)
      #expect(abs(lines[2].points[2].y - 12.0 / 7) < 1e-12)
      #expect(figure.panels[0].y.scale == .log)
    }
  }

  @Test("validation losses and memorisation floors of runs are drawn where they are known")
  func lossesBeside() throws {
    try withFolder { folder in
      let run = try RunFolder.create(at: "\(folder)/one")
      let writer = try JSONLines.Writer<StepRecord>(appendingTo: run.metricsPath)
      for step in 1...6 {
        try writer.append(
          StepRecord(
            step: step, loss: 1 / Double(step), validation: step.isMultiple(of: 2) ? 0.7 : nil,
            floor: step == 3 ? 0.1 : step == 5 ? 0.2 : nil, seconds: Double(step) * 10))
      }
      let figure = try PlotLossCommand.parse(["\(folder)/one"]).figure()
      let lines = Self.lines(try #require(figure.panels.first))
      #expect(lines.map(\.name) == ["", "one", "one, validation", "one, memorisation floor"])
      #expect(lines[2].points == [.init(2, 0.7), .init(4, 0.7), .init(6, 0.7)])
      #expect(lines[2].tint != lines[1].tint)
      #expect(lines[3].isDashed)
      // What holds before the first estimate is what it found; then until another schedule's.
      #expect(lines[3].points == [.init(1, 0.1), .init(5, 0.1), .init(5, 0.2), .init(6, 0.2)])
      let times = try PlotLossCommand.parse(["\(folder)/one", "--over", "seconds"]).figure()
      let timed = Self.lines(try #require(times.panels.first))
      #expect(timed[2].points.map(\.x) == [20, 40, 60])
      #expect(timed[3].points.map(\.x) == [10, 50, 50, 60])
    }
  }

  @Test(
    "plots are written as PNG and as SVG, in the size that was asked for",
    arguments: [
      ["schedule", "linear", "cosine"], ["forward", "dino"], ["forward", "sine"],
      ["trajectory", "exact:digits14", "--steps", "4"],
    ])
  func files(_ arguments: [String]) throws {
    try withFolder { folder in
      for name in ["plot.png", "plot.svg"] {
        let result = try WorkbenchProgram.start(
          ["plot"] + arguments + ["--out", name, "--size", "500x400"], in: folder
        ).finish()
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output == "\(name): 500×400\n")
      }
      let image = try PNG.read("\(folder)/plot.png")
      #expect(image.width == 500)
      #expect(image.height == 400)
      #expect(Set(image.bytes).count > 20)
      let text = try String(contentsOfFile: "\(folder)/plot.svg", encoding: .utf8)
      #expect(text.contains("<svg"))
      #expect(text.contains("viewBox=\"0 0 500 400\""))
      #expect(text.hasSuffix("</svg>\n"))
    }
  }

  @Test("without a file a plot is drawn as text, 80 columns wide and without codes in a pipe")
  func text() throws {
    let result = try WorkbenchProgram.run("plot", "schedule", "linear", "cosine")
    #expect(result.status == 0)
    #expect(result.lines.count >= 20)
    #expect(result.lines.allSatisfy { $0.count <= 80 })
    #expect(result.output.contains("linear"))
    #expect(!result.output.contains("\u{1B}"))
    let small = try WorkbenchProgram.run("plot", "forward", "dino", "--size", "40x30")
    #expect(small.output.split(separator: "\n", omittingEmptySubsequences: false).count == 31)
    #expect(small.lines.allSatisfy { $0.count <= 40 })
  }

  @Test(
    "figures in the terminal look as they did",
    arguments: [
      ("schedule", ["linear", "cosine", "log-linear", "--timesteps", "100"], 80, 24),
      ("schedule-sigma", ["flow", "--show", "sigma"], 60, 14),
    ])
  func golden(_ name: String, _ arguments: [String], _ width: Int, _ height: Int) throws {
    let figure = try PlotScheduleCommand.parse(arguments).figure()
    try Self.expect(figure, "plot-\(name)", width, height)
  }

  @Test("paths in the terminal look as they did")
  func goldenPaths() throws {
    let walk = try PlotForwardCommand.parse(["sine", "--schedule", "walk", "--at", "0,10"])
    try Self.expect(walk.figure(), "plot-signal", 80, 20)
    let points = try PlotForwardCommand.parse(["grid", "--count", "400"])
    try Self.expect(points.figure(), "plot-points", 80, 30)
    let map = try PlotTrajectoryCommand.parse(["exact:sine", "--steps", "6", "--frames", "2"])
    try Self.expect(map.figure(), "plot-map", 60, 30)
  }

  private static func expect(
    _ figure: Figure, _ name: String, _ width: Int, _ height: Int
  ) throws {
    var surface = Surface(Size(width, height))
    FigureView(figure).draw(in: surface.bounds, on: &surface, theme: .dark)
    try expectGolden(surface, name)
  }

  @Test(
    "what cannot be plotted is said in one sentence",
    arguments: [
      (["schedule"], 64, "names"),
      (["schedule", "lnear"], 64, "linear"),
      (["schedule", "linear", "linear"], 64, "named twice"),
      (["schedule", "linear", "--show", "gamma"], 64, "gamma"),
      (["schedule", "linear", "--out", "a.pdf"], 64, "a.pdf: expected a name that ends with .png"),
      (["schedule", "linear", "--out", "a.png", "--size", "10x10"], 64, "100x50 to 10000x10000"),
      (["schedule", "linear", "--size", "wide"], 64, "wide"),
      (
        [
          "trajectory", "exact:digits14", "--steps", "4", "--out", "/tmp/a.png", "--size", "100x50",
        ], 1,
        "100×50 pixels leave no room for what the figure shows; expected at least"
      ),
      (["schedule", "linear", "--out", "/no/such/folder/a.png"], 1, "/no/such/folder/a.png"),
      (["forward", "nothing"], 1, "nothing: is neither a file nor one of the built-in sets"),
      (["forward", "dino", "--at", "5,3"], 64, "expected rising steps from 0 to 1000"),
      (["forward", "dino", "--frames", "1"], 64, "--frames 1: expected 2 to 100"),
      (["forward", "dino", "--schedule", "walk", "--set", "s=1"], 64, "schedule.s"),
      (["trajectory", "exact:nothing"], 1, "nothing"),
      (["trajectory", "/no/such/run"], 1, "/no/such/run"),
      (["loss"], 64, "runs"),
      (["loss", "/no/such/run"], 1, "/no/such/run/metrics.jsonl"),
      (["loss", "/no/such/run", "--smoothing", "1"], 64, "expected 0 to below 1"),
    ] as [([String], Int32, String)])
  func errors(_ arguments: [String], _ status: Int32, _ part: String) throws {
    let result = try WorkbenchProgram.start(["plot"] + arguments).finish()
    #expect(result.status == status)
    #expect(result.output.isEmpty)
    #expect(result.errors.hasPrefix("workbench: "))
    #expect(result.errors.contains(part), "\(result.errors)")
    #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
  }

  @Test("a run without a step has no loss to plot")
  func noLoss() throws {
    try withFolder { folder in
      try "".write(toFile: "\(folder)/metrics.jsonl", atomically: true, encoding: .utf8)
      let result = try WorkbenchProgram.run("plot", "loss", folder)
      #expect(result.status == 1)
      #expect(result.errors.contains("metrics.jsonl: has no step with a loss yet"))
    }
  }
}
