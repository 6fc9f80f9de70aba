import Testing

@testable import Diffusion

@Suite("Text as analog bits")
struct TextBitsTests {
  /// Seven letters, so that one code of three bits is no letter.
  private static let text = TextFormat(
    alphabet: Array(97..<104), isLines: false, charactersPerSample: 6, encoding: .bits)

  private static func network(isSelfConditioned: Bool = true, width: Int = 16) -> Network {
    var configuration = TextTransformerConfiguration()
    (configuration.width, configuration.depth, configuration.heads) = (width, 1, 2)
    configuration.isSelfConditioned = isSelfConditioned
    return .textTransformer(Shape(1, 1, 6, 3), vocabulary: 0, configuration)
  }

  /// Weights with which an estimate makes a difference.
  private static func weights(_ network: Network) -> Weights {
    var random = Random(seed: 3)
    let block = network.table.makeBlock()
    network.table.initialize(block, using: &random)
    block.assign(zip(block.values, random.normals(block.count)).map { $0 + 0.3 * $1 })
    return Weights(copying: block)
  }

  private static func normals(_ shape: Shape, _ seed: UInt64) -> Tensor {
    var random = Random(seed: seed)
    return Tensor(shape, random.normals(shape.count))
  }

  private static func texts(_ tokens: [UInt16]) -> Dataset {
    Dataset(
      name: "letters", tokens: tokens, starts: Array(stride(from: 0, to: tokens.count, by: 6)),
      length: 6, text)
  }

  // MARK: Encoding

  @Test("tokens come back from their bits, however large the vocabulary", arguments: 1...40)
  func roundTrip(_ vocabulary: Int) {
    let tokens = TextFormat(
      alphabet: (0..<vocabulary).map { UInt32(97 + $0) }, isLines: false,
      charactersPerSample: Double(vocabulary))
    let set = Dataset(
      name: "all", tokens: (0..<vocabulary).map { UInt16($0) }, starts: [0], length: vocabulary,
      tokens)
    let coded = set.encoded(as: .bits)
    let least = (0...6).first { 1 << $0 >= vocabulary } ?? 0
    #expect(coded.shape == Shape(1, 1, vocabulary, max(least, 1)) && coded.range == -1...1)
    #expect(coded[0].allSatisfy { abs($0) == 1 })
    #expect(coded.text?.tokens(of: coded[0]) == set[0])
    #expect(coded.text?.text(coded[0]) == set.text?.text(set[0]))
    #expect(coded.encoded(as: .tokens)[0] == set[0])
    // As samplers return them.
    if let text = coded.text {
      #expect(Dataset(name: "again", coded[0] + coded[0], coded.shape, text)[1] == coded[0])
    }
  }

  @Test("signs decide, the smallest bit says how sure, and a code without a letter is none")
  func decoding() {
    // 5, 0 and 7, the highest bit first.
    let values: [Float] = [0.5, -2, 0.125, -0.25, -0.75, -3, 2, 2, 1.5]
    #expect(Self.text.tokens(of: values) == [5, 0, 7])
    #expect(Self.text.confidence(of: values) == [0.125, 0.25, 1])
    #expect(Self.text.text(values) == "fa�")
    #expect(Self.text.glyph(of: 7) == "�")
    #expect(Self.text.encoded(as: .tokens).glyph(of: 7) == "·")
  }

  @Test("parts of a running text and lines have the same samples in both encodings")
  func samples() throws {
    for isLines in [false, true] {
      var options = TextOptions()
      (options.window, options.isLines) = (4, isLines)
      let set = try TextFile.dataset(
        name: "a", path: "a", bytes: Array("to be\nor not to be\n".utf8), options)
      let coded = set.encoded(as: .bits)
      #expect(coded.count == set.count && coded.sequences == set.sequences)
      for index in 0..<set.count {
        #expect(coded.text?.text(coded[index]) == set.text?.text(set[index]))
      }
    }
    let words = BuiltInData.words.make().encoded(as: .bits)
    #expect(words.shape == Shape(1, 1, 12, 5) && words.kind == .text)
    let kept = words.select([7, 5])
    #expect(kept.text == words.text && kept[1] == words[5])
  }

  @Test("a checkpoint keeps the encoding")
  func checkpoint() throws {
    try withTemporaryFolder { folder in
      let network = Self.network()
      let data = Self.texts(Array(0..<6))
      let trainer = Trainer(
        network, on: data, schedule: .cosine(), TrainingConfiguration(batchSize: 2, steps: 1))
      let path = folder + "/checkpoint.safetensors"
      try Checkpoint(trainer.state, recipe: "", format: data.format).write(to: path)
      #expect(try Checkpoint(contentsOf: path).format == data.format)
    }
  }

  // MARK: Training

  @Test("losses and gradients of self-conditioned training steps are PyTorch's")
  func training() throws {
    let fixture = try Fixture("bits")
    let network = Self.network()
    let table = network.table
    let weights = table.makeBlock()
    try table.load(
      table.export(weights).map { tensor in
        NamedTensor(
          name: tensor.name, shape: tensor.shape,
          values: try fixture.floats("weights.\(tensor.name)"))
      }, into: weights)
    let alphaBars = (0..<40).map { 0.99 + (0.01 - 0.99) * Double($0) / 39 }
    // The weights stay as they are, so that every step stands for itself.
    let trainer = Trainer(
      network, on: Self.texts(try fixture.ints("tokens").map { UInt16($0) }),
      schedule: Schedule(.alphaBars(alphaBars)), objective: DenoisingObjective(predicting: .x0),
      TrainingConfiguration(
        batchSize: 5, steps: 6, learningRate: LearningRateSchedule(0), seed: 97))
    trainer.start(from: Weights(copying: weights))

    #expect(Set(try fixture.ints("conditioned")[0..<2]) == [0, 1])
    let losses = try fixture.doubles("losses")
    for step in 0..<6 {
      // Gradients stay where layers are measured.
      trainer.measuresLayers = true
      let metrics = try #require(trainer.next())
      #expect(
        isClose(metrics.sampleLosses, Array(losses[step * 5..<step * 5 + 5]), relative: 1e-4),
        "step \(step)")
      guard step < 2 else { continue }
      for tensor in table.export(trainer.parameters.gradients) {
        let expected = try fixture.floats("gradient.\(step).\(tensor.name)")
        #expect(isNear(tensor.values, expected, tolerance: 1e-4), "\(step): \(tensor.name)")
      }
    }
  }

  @Test("training goes on from a saved state with the same estimates")
  func savedState() throws {
    func trainer() -> Trainer {
      Trainer(
        Self.network(), on: Self.texts((0..<60).map { $0 % 7 }), schedule: .cosine(),
        objective: DenoisingObjective(predicting: .x0),
        TrainingConfiguration(batchSize: 4, steps: 12, seed: 5))
    }
    let whole = trainer()
    _ = whole.prefix(6).map { $0 }
    let rest = trainer()
    try rest.restore(whole.state)
    #expect(rest.map(\.sampleLosses) == whole.map(\.sampleLosses))
    #expect(whole.step == 12)
  }

  // MARK: Sampling

  private static func path(_ sampler: any Sampler, resuming frame: Frame? = nil) -> Trajectory {
    let network = network()
    return Trajectory(
      SamplingConfiguration(sampler, seed: 2, count: 3, clipsPredictions: true),
      schedule: .cosine(), sample: network.sampleShape, dataRange: -1...1,
      denoiser: NetworkDenoiser(network, weights: weights(network), predicting: .x0),
      resuming: frame)
  }

  @Test(
    "a trajectory resumed at any frame goes on bit for bit with its estimates",
    arguments: [DDIM(steps: 7, eta: 1), Heun(steps: 7), DPMSolver(steps: 7)] as [any Sampler])
  func resuming(_ sampler: any Sampler) throws {
    let frames = Array(Self.path(sampler))
    #expect(frames[0].history.estimate.isEmpty)
    for index in 1..<7 { #expect(frames[index].history.estimate == frames[index - 1].x0) }
    // In memory and from a file.
    let recording = Recording(memory: 0)
    for frame in frames { try recording.append(frame) }
    for index in frames.indices {
      let kept = try recording.frame(at: index)
      #expect(kept.history == frames[index].history)
      for frame in [frames[index], kept] {
        let resumed = Array(Self.path(sampler, resuming: frame))
        #expect(resumed.map(\.x) == frames[index...].map(\.x), "at \(index)")
        #expect(resumed.map(\.x0) == frames[index...].map(\.x0), "at \(index)")
        #expect(resumed.map(\.history) == frames[index...].map(\.history), "at \(index)")
      }
    }
    // The estimate does make a difference; values that somebody changed have none.
    let changed = frames[3].replacing(x: frames[3].x.map { -$0 })
    #expect(changed.history.estimate.isEmpty)
    #expect(frames[3].forgettingHistory().history.estimate == frames[3].history.estimate)
    var without = frames[3]
    without.history.estimate = []
    #expect(Self.path(sampler, resuming: without).next()?.x0 != frames[3].x0)
  }

  @Test("a network without self-conditioning is given no estimates, and frames remember none")
  func unconditioned() {
    let network = Self.network(isSelfConditioned: false)
    let path = Trajectory(
      SamplingConfiguration(DDIM(steps: 4), count: 2), schedule: .cosine(),
      sample: network.sampleShape, dataRange: -1...1,
      denoiser: NetworkDenoiser(network, weights: Self.weights(network), predicting: .x0))
    #expect(Array(path).allSatisfy { $0.history.estimate.isEmpty })
  }

  @Test("guidance gives the estimate to both of its evaluations")
  func guidance() {
    var configuration = UNetConfiguration(
      channels: 8, multipliers: [1, 2], blocks: 1, groups: 4, classes: 2)
    configuration.isSelfConditioned = true
    let network = Network.unet(Shape(1, 6, 4, 2), configuration)
    let base = NetworkDenoiser(network, weights: Self.weights(network), predicting: .v)
    let shape = network.sampleShape.with(batch: 2)
    func x0(_ denoiser: any Denoiser, label: Int, _ estimate: Tensor?) -> [Float] {
      let query = Query(
        Self.normals(shape, 1), at: Schedule.cosine().step(at: 500),
        condition: Condition(labels: [label]), estimate: estimate)
      return denoiser.predict(query).x0.values
    }
    let estimate = Self.normals(shape, 2)
    let guided = GuidedDenoiser(base, scale: 3, nullLabel: 2)
    #expect(guided.takesEstimate)
    let (with, without) = (x0(base, label: 1, estimate), x0(base, label: 2, estimate))
    #expect(
      isClose(
        x0(guided, label: 1, estimate), zip(with, without).map { 3 * $0 - 2 * $1 }, absolute: 1e-4))
    #expect(with != x0(base, label: 1, nil))
    #expect(x0(base, label: 1, nil) == x0(base, label: 1, Tensor(shape)))
  }

  @Test("∂x̂_0/∂x holds the estimate fixed")
  func pullback() {
    let network = Self.network()
    let denoiser = NetworkDenoiser(network, weights: Self.weights(network), predicting: .x0)
    let shape = network.sampleShape.with(batch: 1)
    let (x, v) = (Self.normals(shape, 1), Self.normals(shape, 2))
    func query(_ x: Tensor) -> Query {
      Query(x, at: Schedule.cosine().step(at: 400), estimate: Self.normals(shape, 3))
    }
    let slopes = denoiser.predictWithPullback(query(x)).pullback(v).values
    #expect(slopes.count == shape.count)
    func product(_ x: Tensor) -> Double {
      zip(denoiser.predict(query(x)).x0.values, v.values).reduce(0) {
        $0 + Double($1.0) * Double($1.1)
      }
    }
    for index in [0, 7, 17] {
      let moved = [Float(0.01), -0.01].map { step in
        let x = x.copy()
        x.pointer[index] += step
        return product(x)
      }
      #expect(abs((moved[0] - moved[1]) / 0.02 - Double(slopes[index])) < 0.02)
    }
  }

  // MARK: Refusals

  @Test("what does not go together is said in a sentence")
  func refusals() throws {
    func problem(_ make: () throws -> Void) -> String {
      do {
        try make()
        return "nothing"
      } catch { return "\(error)" }
    }
    let bits = Self.texts(Array(0..<6)).format
    let tokens = Self.texts(Array(0..<6)).encoded(as: .tokens).format
    var conditioned = TextTransformerConfiguration()
    conditioned.isSelfConditioned = true
    #expect(
      problem { _ = try NetworkConfiguration(conditioned).make(for: tokens) }
        == "network.kind transformer cannot take text as tokens; expected network.self_conditioning = false, or "
        + "data.encoding = \"bits\"")
    var told = TextTransformerConfiguration()
    told.isToldMaskedShare = true
    #expect(
      problem { _ = try NetworkConfiguration(told).make(for: bits) }
        == "network.kind transformer cannot take text as bits; expected network.masked_share = false, or "
        + "data.encoding = \"tokens\"")
    #expect(
      problem { _ = try NetworkConfiguration(UNetConfiguration()).make(for: tokens) }
        == "network.kind unet cannot take text as tokens; expected another network.kind, such as transformer, or "
        + "data.encoding = \"bits\"")
    #expect(
      problem {
        try Self.network().checkTraining(
          along: .cosine(), ObjectiveConfiguration(MaskingObjective()))
      }
        == "objective.kind is masking, which masks text; expected denoising, or text with "
        + "data.encoding = \"tokens\"")
    #expect(
      problem { try SamplingConfiguration(FirstHitting()).checkSampler(isText: false) }.hasPrefix(
        "the sampler first-hitting only samples masked text; expected one of ddim, "))
    var prompted = SamplingConfiguration()
    prompted.prompt = "ab"
    #expect(problem { _ = try bits.start(prompted) } == "\(PromptError.bits)")
    // A network for images and signals may learn the bits.
    #expect(
      try NetworkConfiguration(UNetConfiguration()).make(for: bits).sampleShape == bits.shape)
  }
}
