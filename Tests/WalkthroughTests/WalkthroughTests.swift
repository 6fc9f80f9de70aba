import Diffusion
import Foundation
import Testing

@Suite("The walk-throughs of the documentation")
struct WalkthroughTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
  private static let root = folder.deletingLastPathComponent().deletingLastPathComponent()

  @Test(
    "the documents show the files that these tests compile, each short",
    arguments: [
      ("adding-a-network", "Mixer", 80), ("adding-a-layer", "ChannelScale", 50),
      ("adding-a-sampler", "Midpoint", 55), ("adding-a-schedule", "UnscaledFlowSchedule", 40),
    ])
  func documents(_ document: String, _ file: String, _ limit: Int) throws {
    let source = try String(
      contentsOf: Self.folder.appending(path: "\(file).swift"), encoding: .utf8)
    // In the library the file imports nothing.
    let head = "public import Diffusion\n\n"
    #expect(source.hasPrefix(head))
    let code = source.dropFirst(head.count)
    #expect(code.split(separator: "\n", omittingEmptySubsequences: false).count - 1 < limit)
    let text = try String(
      contentsOf: Self.root.appending(path: "docs/\(document).md"), encoding: .utf8)
    let found = text.contains("```swift\n\(code)```\n")
    #expect(found, "docs/\(document).md does not have the text of \(file).swift")
  }

  /// Where each document says that the one line goes.
  @Test(
    "the line that each document names is there",
    arguments: [
      (
        "adding-a-network", "Sources/Diffusion/Networks/Architecture.swift", "UNetConfiguration(), "
      ),
      (
        "adding-a-sampler", "Sources/Diffusion/Sampling/Sampler.swift",
        "DDIM(), DDPM(), Heun(), DPMSolver(), "
      ),
      ("adding-a-schedule", "Sources/Diffusion/Process/ScheduleFamily.swift", "LinearSchedule(), "),
      ("adding-a-schedule", "Sources/Diffusion/Training/Objective.swift", "MaskingObjective()]"),
    ])
  func lines(_ document: String, _ path: String, _ line: String) throws {
    let text = try String(
      contentsOf: Self.root.appending(path: "docs/\(document).md"), encoding: .utf8)
    let source = try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
    #expect(text.contains(path))
    #expect(source.contains(line))
  }

  // MARK: The network and the layer

  @Test("the mixer's settings are checked, and it makes a network for images that fit")
  func mixerSettings() throws {
    var configuration = NetworkConfiguration(MixerConfiguration())
    #expect(configuration.name == "mixer")
    try configuration.set("width", to: .integer(30))
    #expect(configuration.conflict?.keys == ["width"])
    try configuration.set("width", to: .integer(32))
    #expect(configuration.conflict == nil)
    #expect(throws: NetworkError.self) { try configuration.make(for: Shape(1, 7, 8, 1)) }
    #expect(try configuration.make(for: Shape(1, 6, 8, 1)).name == "mixer")
  }

  @Test("the mixer learns, and samples are drawn from it with the schedule and the sampler")
  func training() throws {
    let digits = BuiltInData.digits14.make()
    var configuration = MixerConfiguration()
    (configuration.width, configuration.depth, configuration.classes) = (32, 2, 10)
    let schedule = UnscaledFlowSchedule().make()
    let trainer = Trainer(
      configuration.makeNetwork(for: digits.shape), on: digits, schedule: schedule,
      objective: DenoisingObjective(predicting: .x0),
      TrainingConfiguration(batchSize: 32, steps: 80, learningRate: LearningRateSchedule(3e-3)))
    let losses = trainer.map(\.loss)
    let end = losses.suffix(10).reduce(0, +) / 10
    #expect(losses.count == 80)
    #expect(end < 0.6 * losses[0])

    var sampler = Midpoint()
    sampler.steps = 6
    let frames = Array(
      Trajectory(
        SamplingConfiguration(sampler, count: 3), schedule: schedule, sample: digits.shape,
        dataRange: digits.range,
        denoiser: NetworkDenoiser(
          trainer.network, weights: trainer.rawWeights, predicting: .x0)))
    #expect(frames.count == 7)
    #expect(frames.count { !$0.isFinite } == 0)
  }

  @Test("the layer multiplies by its factors, learns, and is listed in summaries")
  func layer() throws {
    let shape = Shape(1, 2, 2, 3)
    var table = ParameterTable()
    let body = ChannelScale(3, "scale", &table)
    let network = Network(
      name: "scaled", sampleShape: shape, noiseInput: .none, table: table, body: body)
    let rows = network.summary().rows
    #expect(rows.map(\.kind) == ["ChannelScale"])
    #expect(rows.map(\.name) == ["scale"])
    #expect(rows.map(\.parameters.trainable) == [3])

    let (weights, gradients) = (table.makeBlock(), table.makeTrainableBlock())
    weights.assign([1, 2, 3])
    let x = Tensor(shape.with(batch: 2), (0..<24).map(Float.init))
    let pass = Pass(.train, table, weights: weights, gradients: gradients)
    let y = network.forward(x, noise: Tensor(Shape(2, 1, 1, 1)), pass)
    #expect(y.values == x.values.enumerated().map { Float($0 % 3 + 1) * $1 })
    let ones = Tensor(x.shape)
    ones.fill(1)
    #expect(network.backward(ones, pass).values == (0..<24).map { Float($0 % 3 + 1) })
    // Σ x of each channel.
    #expect(gradients.values == [84, 92, 100])
  }

  // MARK: The sampler and the schedule

  /// The ideal denoiser of N(0.1, 0.5²) in every number.
  private struct Gaussian: Denoiser {
    func predict(_ query: Query) -> Prediction {
      var (x0, epsilon): ([Float], [Float]) = ([], [])
      for (x, step) in zip(query.x.values, query.steps) {
        let (alpha, sigma) = (step.level.alpha, step.level.sigma)
        let mean =
          (alpha * 0.25 * Double(x) + sigma * sigma * 0.1) / (alpha * alpha * 0.25 + sigma * sigma)
        x0.append(Float(mean))
        epsilon.append(Float((Double(x) - alpha * mean) / sigma))
      }
      return Prediction(x0: Tensor(query.x.shape, x0), epsilon: Tensor(query.x.shape, epsilon))
    }
  }

  /// How far the end of a path lies from the exact one, from the lowest level of which it is known.
  private func error(_ sampler: any Sampler, _ steps: Int, _ schedule: Schedule) -> Double {
    var sampler = sampler
    sampler.steps = steps
    var configuration = SamplingConfiguration(sampler, count: 8)
    // Without the last step, which is Euler's and the same for all.
    configuration.spacing = .sampleSigmas
    let frames = Array(
      Trajectory(
        configuration, schedule: schedule, sample: Shape(1, 1, 1, 1), dataRange: -1...1,
        denoiser: Gaussian()))
    guard let first = frames.first, let last = frames.last else { return .infinity }
    let (from, to) = (first.step.level, last.step.level)
    // (x − α·μ)/√(α²·s² + σ²) stays along the exact path.
    func deviation(_ level: NoiseLevel) -> Double {
      (level.alpha * level.alpha * 0.25 + level.sigma * level.sigma).squareRoot()
    }
    return zip(first.x, last.x).map { start, end in
      let exact =
        to.alpha * 0.1 + (Double(start) - from.alpha * 0.1) * deviation(to) / deviation(from)
      return abs(Double(end) - exact)
    }.max() ?? .infinity
  }

  @Test("the sampler's error falls with the square of the steps, and is below Euler's")
  func order() {
    for schedule in [UnscaledFlowSchedule().make(), Schedule.linear()] {
      let errors = [10, 20, 40].map { error(Midpoint(), $0, schedule) }
      #expect(errors[0] > 3 * errors[1], "\(errors)")
      #expect(errors[1] > 3 * errors[2], "\(errors)")
      // Euler's asks as often in twice the steps.
      #expect(errors[2] < error(DDIM(), 80, schedule) / 2)
    }
  }

  @Test("the schedule rises evenly in t to its end, whatever the shift")
  func schedule() throws {
    var configuration = ScheduleConfiguration(UnscaledFlowSchedule())
    let even = try configuration.make()
    let times = even.sigmas.map { $0 / (1 + $0) }
    for (i, t) in times.enumerated() {
      #expect(abs(t - times[199] * Double(i + 1) / 200) < 1e-12)
    }
    try configuration.set("shift", to: .real(3))
    let shifted = try configuration.make()
    #expect(abs(shifted.sigmas[199] - 10) < 1e-9)
    #expect(zip(shifted.sigmas, even.sigmas).dropLast().allSatisfy { $0 > $1 })
  }

  @Test("settings of all of them take their defaults back and step there and back")
  func settings() throws {
    let kinds: [any Settable] = [
      NetworkConfiguration(MixerConfiguration()), SamplerConfiguration(Midpoint()),
      ScheduleConfiguration(UnscaledFlowSchedule()),
    ]
    for var kind in kinds {
      for info in kind.settings where kind.value(of: info.key) != nil && info.defaultValue != nil {
        let value = try #require(kind.value(of: info.key))
        if case .text = value { continue }  // which kind it is
        try kind.set(info.key, to: value)
        kind.step(info.key, by: 2)
        kind.step(info.key, by: -2)
        #expect(kind.value(of: info.key) == value, "\(info.key)")
      }
    }
  }
}
