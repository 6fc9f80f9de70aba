import Diffusion
import Platform
import TUI

/// Measures how cost scales with the batch, the images, the data, and the history on the screen.
struct GrowthMeasurement {
  /// The sizes of each series, from the smallest up.
  struct Sizes {
    /// Samples per batch.
    var batches: [Int]
    /// Pixels along a side of images.
    var sides: [Int]
    /// Samples of the data.
    var samples: [Int]
    /// Steps in the chart.
    var steps: [Int]

    /// The sizes of a full measurement.
    static let all = Sizes(
      batches: [1, 2, 4, 8, 16, 32, 64, 128, 256], sides: [8, 12, 16, 24, 32, 48, 64],
      samples: [1000, 3000, 10_000, 30_000, 100_000, 300_000, 1_000_000],
      steps: [
        100, 300, 1000, 3000, 10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000, 10_000_000,
      ])
    /// Only small sizes, for `--quick`.
    static let few = Sizes(
      batches: [1, 4, 16], sides: [8, 16], samples: [1000, 10_000], steps: [100, 1000, 10_000])
  }

  /// Seconds of repetitions of which the fastest counts.
  private let seconds: Double
  private let sizes: Sizes
  /// The network, and how it learns.
  private let recipe: Recipe
  private let show: (GrowthReport.Point) throws -> Void

  /// The name of the recipe whose network grows.
  static let recipe = OpenCommand.standardRecipe

  /// A measurement that hands each point to `show` when it is known.
  init(
    _ sizes: Sizes, seconds: Double, show: @escaping (GrowthReport.Point) throws -> Void
  ) throws {
    (self.sizes, self.seconds, self.show) = (sizes, seconds, show)
    recipe = try Recipe.load(Self.recipe)
  }

  /// All series, one after the other.
  func run() throws -> GrowthReport {
    // Before anything of ours loads the processors.
    let machine = Machine.current(program: WorkbenchMain.title)
    // The memory of the data comes first, while nothing is left over from others.
    let points = try samples() + batches() + sides() + history()
    return GrowthReport(machine: machine, points: points)
  }

  // MARK: The network

  private func batches() throws -> [GrowthReport.Point] {
    let data = try recipe.data.load()
    return try sizes.batches.map { try cost(.batch, size: $0, of: data, batch: $0) }
  }

  private func sides() throws -> [GrowthReport.Point] {
    try sizes.sides.map {
      try cost(.side, size: $0, of: Self.images(64, side: $0), batch: Self.imageBatch)
    }
  }

  /// Samples per batch of images, whatever their side.
  static let imageBatch = 8

  /// A training step of the recipe's network, and an evaluation of it.
  private func cost(
    _ series: GrowthReport.Series, size: Int, of data: Dataset, batch: Int
  ) throws -> GrowthReport.Point {
    let network = try recipe.network.make(for: data.format)
    let trainer = try trainer(network, on: data, batch: batch)
    let step = try leastMilliseconds { try StepSpeed.step(trainer) }
    let denoiser = NetworkDenoiser(
      network, weights: trainer.averagedWeights,
      predicting: recipe.objective.value.parameterization)
    let x = Tensor(network.sampleShape.with(batch: batch))
    let index = trainer.schedule.count / 2
    let level = NoiseStep(
      index: index, timestep: Double(index), level: trainer.schedule[index])
    let forward = leastMilliseconds { _ = denoiser.predict(Query(x, at: level)) }
    let point = GrowthReport.Point(
      series: series, size: size, stepMilliseconds: step, forwardMilliseconds: forward)
    try show(point)
    return point
  }

  private func trainer(_ network: Network, on data: Dataset, batch: Int) throws -> Trainer {
    var training = recipe.training
    (training.batchSize, training.duration) = (batch, .steps(.max))
    return Trainer(
      network, on: data, schedule: try recipe.schedule.make(), objective: recipe.objective.value,
      training)
  }

  private func leastMilliseconds(_ body: () throws -> Void) rethrows -> Double {
    try 1e3 * (Stopwatch.times(filling: seconds, body).min() ?? 0)
  }

  // MARK: The data

  /// The side of the images whose number grows, and the samples per batch.
  static let (dataSide, dataBatch) = (8, 32)

  /// A step small enough that copying all of the data would show.
  private func samples() throws -> [GrowthReport.Point] {
    let shape = Shape(1, Self.dataSide, Self.dataSide, 1)
    let network = UNetConfiguration(channels: 16, multipliers: [1, 2], blocks: 1)
      .makeNetwork(for: shape)
    // Once in advance, as the first step takes what all of them share.
    let first = try trainer(network, on: Self.images(1, side: Self.dataSide), batch: Self.dataBatch)
    try StepSpeed.step(first)
    let rest = Usage.residentMemory
    return try sizes.samples.map { count in
      let trainer = try trainer(
        network, on: Self.images(count, side: Self.dataSide), batch: Self.dataBatch)
      let step = try leastMilliseconds { try StepSpeed.step(trainer) }
      let point = GrowthReport.Point(
        series: .samples, size: count, stepMilliseconds: step,
        memoryBytes: withExtendedLifetime(trainer) {
          Double(max(Usage.residentMemory - rest, 0))
        },
        dataBytes: Double(count * shape.count))
      try show(point)
      return point
    }
  }

  /// Grey images of arbitrary bytes.
  private static func images(_ count: Int, side: Int) -> Dataset {
    let shape = Shape(1, side, side, 1)
    let bytes = [UInt8](unsafeUninitializedCapacity: count * shape.count) { buffer, filled in
      for index in 0..<count * shape.count {
        buffer[index] = UInt8(truncatingIfNeeded: (index &* 0x9E37_79B9) >> 16)
      }
      filled = count * shape.count
    }
    return Dataset(name: "noise", shape: shape, bytes: bytes)
  }

  // MARK: The screen

  /// The cells that the chart of the loss takes, with its frame.
  static let chart = Size(120, 40)

  /// A redraw of the loss on the Train screen, with the curve smoothed anew.
  private func history() throws -> [GrowthReport.Point] {
    let session = Session(recipe)
    let context = DrawingContext(
      session: session, theme: .dark, imageStyle: .halfBlocks, spectrograms: .init())
    var screen = TrainScreen(session)
    var surface = Surface(Self.chart)
    var last = 0
    return try sizes.steps.map { size in
      while last < size {
        last += 1
        screen.history.add(Self.record(step: last))
      }
      let drawing = leastMilliseconds {
        // What is smoothed is kept until the weight, or the last step, is another.
        screen.smoothing = screen.smoothing == 0.9 ? 0.95 : 0.9
        screen.draw(.loss, in: surface.bounds, context, on: &surface)
      }
      let point = GrowthReport.Point(series: .history, size: size, drawingMilliseconds: drawing)
      try show(point)
      return point
    }
  }

  /// A step of a run whose loss falls with some fluctuation.
  private static func record(step: Int) -> StepRecord {
    let unrest = 1 + Double(step * 37 % 11 - 5) / 25
    return StepRecord(
      step: step, loss: unrest * (0.05 + 1 / (1 + Double(step) / 100)), gradientNorm: unrest,
      learningRate: 1e-3, seconds: Double(step) / 100)
  }
}
