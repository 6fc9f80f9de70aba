import ArgumentParser
import Diffusion
import Figures
import TUI

/// Plots schedules over one another.
struct PlotScheduleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schedule", abstract: "Plot the quantities of noise schedules over t.",
    version: WorkbenchMain.title)

  @Argument(help: "The kinds of schedules; see workbench list schedules.")
  var names: [String]

  @OptionGroup var schedule: ScheduleOptions

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "What to plot: \(ScheduleQuantity.all.map(\.name).joined(separator: ", ")).",
      valueName: "quantity"))
  var show: [ScheduleQuantity] = [.alphaBar, .sigma, .logSNR, .beta]

  @Flag(help: "Count t from the highest noise, in the order of sampling.")
  var reverse = false

  @OptionGroup var plot: PlotOptions

  func validate() throws {
    guard Set(names).count == names.count else {
      throw ValidationError("a schedule is named twice; name each only once")
    }
  }

  func run() throws { try plot.show(figure()) }

  func figure() throws -> Figure {
    let schedules = try names.map { name in
      try (name, schedule.configuration(of: name).make())
    }
    let counts = Set(schedules.map(\.1.count))
    // Schedules of unlike lengths share an axis only as parts of the whole.
    let last = counts.count == 1 ? Double(schedules[0].1.count) : 1
    let panels = show.map { quantity in
      let lines = schedules.enumerated().map { index, named in
        let values = quantity.values(named.1)
        let step = last / Double(values.count)
        return Figure.Line(
          named.0,
          (reverse ? values.reversed() : values).enumerated().map {
            Figure.Point(Double($0) * step, $1)
          }, .series(index))
      }
      return Figure.Panel(
        show.count == 1 ? "" : "\(quantity.symbol)  \(quantity.meaning)", lines.map { .line($0) },
        x: Figure.Side(last == 1 ? "t / T" : "t", range: 0...last),
        y: Figure.Side(show.count == 1 ? quantity.symbol : "", quantity.scale))
    }
    return Figure("Noise schedules", panels: panels)
  }
}

extension ScheduleQuantity: ExpressibleByArgument {
  init?(argument: String) {
    guard let quantity = Self.all.first(where: { $0.name == argument }) else { return nil }
    self = quantity
  }

  static var allValueStrings: [String] { all.map(\.name) }

  var defaultValueDescription: String { name }
}
