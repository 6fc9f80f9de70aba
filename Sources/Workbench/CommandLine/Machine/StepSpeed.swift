import Diffusion
import Platform
import TUI

/// How fast a recipe trains on this machine.
struct StepSpeed {
  private let recipe: String
  private let batch: Int
  private let machine = Machine.current(program: WorkbenchMain.title)
  /// Seconds of each step, in rising order.
  private let times: [Double]
  /// The fastest step.
  private let fastest: StepProfile
  /// Page faults of a step.
  private let pageFaults: Double
  /// Operations and bytes a second at best.
  private let ceilings: (products: Double, copies: Double)

  /// Trains for so many seconds.
  init(_ recipe: Recipe, seconds: Double) throws {
    self.recipe = recipe.name
    batch = recipe.training.batchSize * recipe.training.accumulationSteps
    ceilings = (
      MachineProbe.products().bestSpeed(), MachineProbe.copy().bestSpeed()
    )
    var endless = recipe
    endless.training.duration = .steps(.max)
    let trainer = try RunTrainer(endless).trainer
    let clock = ContinuousClock()
    let start = clock.now
    trainer.stepClock = { (clock.now - start) / .seconds(1) }
    for _ in 0..<3 { try Self.step(trainer) }
    var best: StepProfile?
    let faults = Usage().pageFaults
    let times = try Stopwatch.times(filling: seconds, least: 8) {
      try Self.step(trainer)
      if let profile = trainer.profile, profile.total < best?.total ?? .infinity { best = profile }
    }
    // One more ran to warm up.
    pageFaults = Double(Usage().pageFaults - faults) / Double(times.count + 1)
    guard let best else { throw CommandError("\(recipe.name): no step could be timed") }
    (self.times, fastest) = (times.sorted(), best)
  }

  /// One step; another try where a loss is not finite.
  static func step(_ trainer: Trainer) throws {
    guard trainer.next() != nil else {
      throw CommandError("training has ended before it could be measured: a loss is not finite")
    }
    if trainer.hasDiverged { trainer.retry() }
  }

  private var median: Double { times[times.count / 2] }
  private var operations: Double { fastest.layers.reduce(0) { $0 + $1.operations } }

  // MARK: Text

  /// The figures, and with `withProfile` the parts of the fastest step.
  func text(withProfile: Bool) -> String {
    let speed = operations / fastest.total
    let share = Numbers.fixed(100 * speed / ceilings.products, 0)
    var text = TextTable.text([
      ["recipe", "\(recipe), batch \(batch)"],
      ["machine", machine.description],
      [
        "step",
        "fastest \(CostTable.time(times[0])), median \(CostTable.time(median)) of "
          + "\(Numbers.grouped(times.count))",
      ],
      ["steps/s", Numbers.short(1 / times[0], significant: 3)],
      ["samples/s", Numbers.short(Double(batch) / times[0], significant: 3)],
      [
        "GFLOP/s",
        "\(Numbers.fixed(speed * 1e-9, 0)), \(share) % of "
          + "\(Numbers.fixed(ceilings.products * 1e-9, 0)) of matrix products alone",
      ],
      ["memory copies", "\(Numbers.fixed(ceilings.copies * 1e-9, 1)) GB/s"],
      ["page faults/step", Numbers.short(pageFaults, significant: 2)],
    ])
    guard withProfile else { return text }
    let cost = CostTable(fastest)
    text += "\nthe fastest step: \(cost.summary)\n\n"
    text += TextTable.text(cost.kinds(width: .max), right: 1)
    return text + "\n" + TextTable.text(cost.layers, right: 3)
  }

  // MARK: JSON

  func json(withProfile: Bool) -> String {
    let object: [JSON.Member] = [
      .init("recipe", .string(recipe)), .init("batch", .integer(batch)),
      .init("processor", .string(machine.processor)), .init("threads", .integer(machine.threads)),
      .init("milliseconds", .number(times[0] * 1e3)),
      .init("medianMilliseconds", .number(median * 1e3)), .init("steps", .integer(times.count)),
      .init("gigaflops", .number(operations / fastest.total * 1e-9)),
      .init("productGigaflops", .number(ceilings.products * 1e-9)),
      .init("copyGigabytes", .number(ceilings.copies * 1e-9)),
      .init("pageFaults", .number(pageFaults)),
    ]
    return JSON.object(object + (withProfile ? profile : [])).description
  }

  private var profile: [JSON.Member] {
    let layers = fastest.layers.map { layer -> JSON in
      [
        "kind": .string(layer.kind), "name": .string(layer.name),
        "output": .string(layer.output.title), "forward": .number(layer.forward * 1e3),
        "backward": .number(layer.backward * 1e3), "operations": .number(layer.operations),
        "bytes": .number(layer.bytes),
      ]
    }
    return [
      .init("update", .number(fastest.update * 1e3)), .init("other", .number(fastest.other * 1e3)),
      .init("layers", .array(layers)),
    ]
  }
}

extension MachineProbe {
  /// The best of several runs that fill half a second: operations or bytes a second.
  func bestSpeed() -> Double { amount / Stopwatch.least(filling: 0.5, run) }
}
