import ArgumentParser
import Diffusion
import Figures
import TUI

/// Plots how noise turns into samples.
struct PlotTrajectoryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trajectory", abstract: "Plot how noise turns into samples, frame by frame.",
    version: WorkbenchMain.title)

  @OptionGroup var options: SamplingOptions

  @Option(help: "How many frames of the trajectory to show, evenly spaced.")
  var frames: Int?

  @Flag(help: "Show the predicted x_0 of each frame instead of x_t.")
  var predicted = false

  @OptionGroup var plot: PlotOptions

  func validate() throws {
    try check("--frames", frames, in: 2...100)
  }

  func run() throws { try plot.show(figure()) }

  func figure() throws -> Figure {
    let drawn = try options.begin(count: TrajectoryFigure.samples)
    try TrajectoryFigure.refuseText(drawn.format)
    let last = drawn.trajectory.steps.count - 1
    let wanted = min(frames ?? TrajectoryFigure.frames(of: drawn.format.kind), last + 1)
    let shown = Set(evenPlaces(wanted, through: last))
    var figure = TrajectoryFigure(format: drawn.format)
    var whole: [[Float]] = []
    _ = try drawn.follow { frame in
      if drawn.format.kind == .signal {
        whole.append(Array((predicted ? frame.x0 : frame.x).prefix(frame.shape.sampleCount)))
      }
      guard shown.contains(frame.index) else { return }
      figure.add(
        predicted ? frame.x0 : frame.x, predicted ? .clean : frame.level,
        label: frame.timestep < 0 ? "sample" : "t \(Numbers.short(frame.timestep))",
        progress: Double(frame.index) / Double(last))
    }
    return figure.figure(
      "\(predicted ? "Predicted x_0" : "Reverse process") · \(drawn.origin), \(drawn.way)",
      path: whole)
  }
}
