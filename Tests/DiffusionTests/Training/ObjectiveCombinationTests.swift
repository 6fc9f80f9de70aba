import Foundation
import Testing

@testable import Diffusion

/// Every prediction with every weighting, every noise and every schedule, for networks conditioned on the
/// timestep and on σ/α.
@Suite("Combinations of prediction, weighting, noise and schedule")
struct ObjectiveCombinationTests {
  /// A schedule under the name that the table gives it.
  struct Process: CustomTestStringConvertible {
    let name: String
    let schedule: Schedule
    var testDescription: String { name }
  }

  static let processes: [Process] =
    // Masking is for text alone.
    Schedules.all.filter { !($0 is MaskingSchedule) }.map {
      Process(name: $0.kindName, schedule: $0.make())
    } + [
      Process(name: "linear, zero_snr", schedule: make(LinearSchedule(), "zero_snr", .flag(true))),
      Process(name: "vp, sub-vp", schedule: make(ContinuousSchedule(), "process", .text("sub-vp"))),
      Process(name: "flow, t_max 0.999", schedule: make(FlowSchedule(), "t_max", .real(0.999))),
    ]

  private static func make(
    _ family: any ScheduleFamily, _ key: String, _ value: SettingValue
  ) -> Schedule {
    var configuration = ScheduleConfiguration(family)
    do {
      try configuration.set(key, to: value)
      return try configuration.make()
    } catch {
      preconditionFailure("\(key): \(error)")
    }
  }

  static let data = Dataset(
    name: "eight", kind: .signal, shape: Shape(1, 1, 4, 1), range: -1...1,
    values: (0..<32).map { sin(Float($0)) })

  static func network(_ input: Network.NoiseInput) -> Network {
    UNetConfiguration(channels: 4, multipliers: [1], blocks: 1, noiseInput: input)
      .makeNetwork(for: data.shape)
  }

  static func objective(
    _ prediction: Parameterization, _ weighting: Weighting.Kind, _ noise: TrainingNoise.Kind
  ) -> DenoisingObjective {
    var objective = DenoisingObjective(predicting: prediction)
    (objective.weighting.kind, objective.noise.kind) = (weighting, noise)
    return objective
  }

  static let objectives = Parameterization.allCases.flatMap { prediction in
    Weighting.Kind.allCases.flatMap { weighting in
      TrainingNoise.Kind.allCases.map { objective(prediction, weighting, $0) }
    }
  }

  @Test("each trains, goes on from its state and samples, or is refused", arguments: processes)
  func combinations(_ process: Process) throws {
    var (ran, refused) = (0, 0)
    for input in [Network.NoiseInput.timestep, .sigma] {
      let network = Self.network(input)
      // The suite tries one in seven, others for each schedule.
      let step = Bars.areFull ? 1 : 7
      let first = Bars.areFull ? 0 : process.name.count % step
      for index in stride(from: first, to: Self.objectives.count, by: step) {
        let objective = Self.objectives[index]
        let reason =
          objective.conflict?.description
          ?? Preconditioning(network, predicting: objective.parameterization)
          .problem(with: process.schedule)
        if let reason {
          refused += 1
          #expect(reason.contains(";") || reason.contains("predict"), "no way out: \(reason)")
          continue
        }
        ran += 1
        let name = "\(process.name) \(input) \(objective)"
        try tryOut(objective, network, process.schedule, name)
      }
    }
    Bars.report("\(process.name) | \(ran) combinations run, \(refused) are refused")
  }

  /// Two steps, the second also by a trainer that goes on from the state after the first; samples.
  private func tryOut(
    _ objective: DenoisingObjective, _ network: Network, _ schedule: Schedule, _ name: String
  ) throws {
    func trainer() -> Trainer {
      Trainer(
        network, on: Self.data, schedule: schedule, objective: objective,
        TrainingConfiguration(batchSize: 4, steps: 2))
    }
    let (first, second) = (trainer(), trainer())
    #expect(first.next()?.isFinite == true, "\(name)")
    try second.restore(first.state)
    let (one, other) = (try #require(first.next()), try #require(second.next()))
    #expect(one.isFinite && one.loss == other.loss, "\(name)")
    let steps = schedule.steps(2)
    var noise = NoiseSource(seed: 0, samples: 0..<1)
    let start = noise.start(Self.data.shape, at: steps[0].level)
    let samples = DDIM().walk(steps, from: start, first.denoiser())
    #expect(samples.norm.isFinite, "\(name)")
  }

  // MARK: The table in the documentation

  @Test("the documentation has the table of what runs and what is refused")
  func table() throws {
    let path = Fixture.folder.deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "docs/combinations.md")
    let text = Self.document()
    if ProcessInfo.processInfo.environment["WORKBENCH_UPDATE_GOLDEN"] == "1" {
      try Data(text.utf8).write(to: path)
    }
    let found = try String(contentsOf: path, encoding: .utf8)
    #expect(found == text, "record it anew with WORKBENCH_UPDATE_GOLDEN=1")
  }

  private static func document() -> String {
    var reasons: [String] = []
    func mark(_ reason: String?) -> String {
      guard let reason else { return "runs" }
      if !reasons.contains(reason) { reasons.append(reason) }
      return "rejected (\((reasons.firstIndex(of: reason) ?? 0) + 1))"
    }
    func row(_ cells: [String]) -> String { "| \(cells.joined(separator: " | ")) |\n" }
    func table(_ names: [String], _ rows: [[String]]) -> String {
      row(names) + row(names.map { _ in "---" }) + rows.map { row($0) }.joined()
    }

    let weightings = table(
      [""] + TrainingNoise.Kind.allCases.map(\.rawValue),
      Weighting.Kind.allCases.map { weighting in
        [weighting.rawValue]
          + TrainingNoise.Kind.allCases.map {
            mark(objective(.epsilon, weighting, $0).conflict?.description)
          }
      })
    let schedules = [Network.NoiseInput.timestep, .sigma].map { input in
      let network = network(input)
      return "With a network conditioned on \(input == .sigma ? "½ ln σ/α" : "the timestep"):\n\n"
        + table(
          [""] + Parameterization.allCases.map(\.rawValue),
          processes.map { process in
            [process.name]
              + Parameterization.allCases.map {
                mark(Preconditioning(network, predicting: $0).problem(with: process.schedule))
              }
          })
    }
    let notes = reasons.enumerated().map { "\($0 + 1). \($1)\n" }.joined()
    return """
      # Which combinations work

      Every prediction works with every weighting, noise distribution and schedule, except where these tables say "rejected".
      `ObjectiveCombinationTests` writes this page and tries the combinations: one step of training, another from the saved state,
      a sample. `scripts/verify noise` tries all of them.

      ## Weightings and noise distributions

      \(weightings)
      ## Schedules and predictions

      \(schedules.joined(separator: "\n"))
      ## Why

      \(notes)
      """
  }
}
