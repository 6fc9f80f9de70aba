import Testing

@testable import Diffusion

@Suite("Masking as in PyTorch")
struct MaskingFixtureTests {
  /// One of the fixture's two cases.
  private struct Case {
    let fixture: Fixture
    let name: String
    let network: Network
    let schedule: Schedule
    let text: TextFormat

    init(_ curve: MaskingSchedule.Curve) throws {
      fixture = try Fixture("masking")
      name = curve.rawValue
      var configuration = TextTransformerConfiguration()
      (configuration.width, configuration.depth, configuration.heads) = (16, 2, 2)
      configuration.isToldMaskedShare = curve == .cosine
      network = .textTransformer(Shape(1, 1, 6, 1), vocabulary: 7, configuration)
      var family = MaskingSchedule()
      family.curve = curve
      schedule = family.make()
      text = TextFormat(
        alphabet: Array(97..<104), isLines: false, charactersPerSample: 4.25)
    }

    func floats(_ key: String) throws -> [Float] { try fixture.floats("\(name).\(key)") }
    func doubles(_ key: String) throws -> [Double] { try fixture.doubles("\(name).\(key)") }

    /// The tensors of the network with the values of the fixture under `prefix`.
    func tensors(_ prefix: String) throws -> [NamedTensor] {
      try network.table.export(network.table.makeBlock()).map { tensor in
        NamedTensor(
          name: tensor.name, shape: tensor.shape, values: try floats("\(prefix).\(tensor.name)"))
      }
    }
  }

  @Test("initial weights, in the order of the seed", arguments: MaskingSchedule.Curve.allCases)
  func start(_ curve: MaskingSchedule.Curve) throws {
    let subject = try Case(curve)
    let block = subject.network.table.makeBlock()
    var random = Random(seed: curve == .linear ? 81 : 83)
    subject.network.table.initialize(block, using: &random)
    for tensor in subject.network.table.export(block) {
      let expected = try subject.floats("fresh.\(tensor.name)")
      #expect(isClose(tensor.values, expected, relative: 1e-5, absolute: 1e-6), "\(tensor.name)")
    }
  }

  @Test("what is masked, losses and gradients", arguments: MaskingSchedule.Curve.allCases)
  func loss(_ curve: MaskingSchedule.Curve) throws {
    let subject = try Case(curve)
    let (network, table) = (subject.network, subject.network.table)
    let (weights, gradients) = (table.makeBlock(), table.makeTrainableBlock())
    try table.load(try subject.tensors("weights"), into: weights)
    let pass = Pass(.train, table, weights: weights, gradients: gradients)

    let objective = MaskingObjective()
    let shape = Shape(5, 1, 6, 1)
    let batch = Batch(
      Tensor(shape, try subject.floats("x0")), Condition(), text: subject.text, MemoryPool())
    var random = Random(seed: curve == .linear ? 82 : 84)
    let (query, truth) = objective.corrupt(
      batch, along: subject.schedule, NoState(), using: &random, evaluate: { $0.x })
    #expect(query.x.values == (try subject.floats("x")))
    #expect(isClose(query.levels.map(\.sigma), try subject.doubles("share"), relative: 1e-6))
    #expect(isClose(truth.weights, try subject.doubles("rate"), relative: 1e-5))

    let preconditioning = Preconditioning(network, predicting: objective.parameterization)
    let logits = network.answer(query, by: preconditioning, pass)
    let gradient = Tensor(logits.shape)
    let losses = objective.loss(logits, truth, gradient: gradient)
    #expect(isNear(logits.values, try subject.floats("logits"), tolerance: 1e-4))
    #expect(isClose(losses, try subject.doubles("losses"), relative: 1e-4, absolute: 1e-6))
    #expect(isNear(gradient.values, try subject.floats("gradient"), tolerance: 1e-4))
    network.backward(gradient, pass)
    for tensor in table.export(gradients) {
      let expected = try subject.floats("gradient.\(tensor.name)")
      #expect(isNear(tensor.values, expected, tolerance: 1e-4), "\(tensor.name)")
    }
  }

  @Test("the weights of a batch are those of the bound: their mean for any text is its length")
  func bound() {
    // With a network that answers evenly, every masked position costs log₂ V bits, whatever the schedule.
    for curve in MaskingSchedule.Curve.allCases {
      var family = MaskingSchedule()
      (family.curve, family.timesteps) = (curve, 50)
      let schedule = family.make()
      let text = TextFormat(alphabet: [97, 98, 99, 100], isLines: false, charactersPerSample: 8)
      let batch = Batch(Tensor(Shape(500, 1, 8, 1)), Condition(), text: text, MemoryPool())
      var random = Random(seed: 1)
      var (sum, count) = (0.0, 0)
      for _ in 0..<8 {
        let (_, truth) = MaskingObjective().corrupt(
          batch, along: schedule, NoState(), using: &random, evaluate: { $0.x })
        let logits = Tensor(Shape(500, 1, 8, 4))
        let losses = MaskingObjective().loss(logits, truth, gradient: Tensor(logits.shape))
        sum += losses.reduce(0, +)
        count += losses.count
      }
      #expect(abs(sum / Double(count) - 2) < 0.1, "\(curve)")
    }
  }
}
