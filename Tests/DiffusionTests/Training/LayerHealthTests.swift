import Testing

@testable import Diffusion

@Suite("Health of layers")
struct LayerHealthTests {
  /// A perceptron on points, and one step that is measured.
  private func measured(_ network: Network, learningRate: Double) throws -> Trainer {
    let trainer = Trainer(
      network, on: try DataCatalog.open("swissroll"), schedule: .cosine(),
      TrainingConfiguration(
        batchSize: 16, steps: 20, learningRate: LearningRateSchedule(learningRate)))
    for _ in 0..<3 { _ = trainer.next() }
    trainer.measuresLayers = true
    return trainer
  }

  private func mlp() throws -> Network {
    var mlp = MLPConfiguration()
    mlp.hidden = [8, 8]
    return try NetworkConfiguration(mlp).make(for: DataCatalog.open("swissroll").shape)
  }

  @Test("the squares of all layers' norms add up to those of the whole network")
  func norms() throws {
    let trainer = try measured(try mlp(), learningRate: 1e-2)
    let before = trainer.rawWeights
    let metrics = try #require(trainer.next())
    let layers = trainer.layers
    #expect(layers.reduce(0) { $0 + $1.count } == trainer.network.table.trainableCount)
    func root(_ path: KeyPath<LayerHealth, Double>) -> Double {
      layers.reduce(0) { $0 + $1[keyPath: path] * $1[keyPath: path] }.squareRoot()
    }
    #expect(abs(root(\.gradientNorm) / metrics.gradientNorm - 1) < 1e-5)
    let after = trainer.rawWeights
    let change = zip(after.tensor.values, before.tensor.values).map { Double($0 - $1) }
    let norm = change.reduce(0) { $0 + $1 * $1 }.squareRoot()
    #expect(abs(root(\.updateNorm) / norm - 1) < 1e-5)
    #expect(!trainer.measuresLayers, "one step is measured")
  }

  @Test("a step that is measured is the same as one that is not")
  func sameNumbers() throws {
    let (one, other) = (
      try measured(try mlp(), learningRate: 1e-2), try measured(try mlp(), learningRate: 1e-2)
    )
    other.measuresLayers = false
    for _ in 0..<3 { #expect(one.next() == other.next()) }
    #expect(one.rawWeights.tensor.values == other.rawWeights.tensor.values)
  }

  @Test("units of a ReLU that are zero for the whole batch are dead")
  func dead() {
    let y = Tensor(Shape(2, 1, 2, 3), [1, 0, 0, 0, 0, 0, 0, 0, 2, 0, -0.0, 0])
    #expect(ActivationUnits(y) == ActivationUnits(dead: 1, all: 3))
  }

  @Test("dead units are counted for the layer before them")
  func deadInNetwork() throws {
    let dense = try NetworkConfiguration(DenseConfiguration()).make(
      for: DataCatalog.open("sine").shape)
    let trainer = Trainer(
      dense, on: try DataCatalog.open("sine"), schedule: .cosine(),
      TrainingConfiguration(batchSize: 16, steps: 20))
    trainer.measuresLayers = true
    _ = trainer.next()
    let units = trainer.layers.compactMap(\.dead)
    #expect(units.count == trainer.layers.count - 1 && units.allSatisfy { $0.all > $0.dead })
  }

  @Test("the steps of a run can be raised while it runs and after its end")
  func raised() throws {
    let trainer = try measured(try mlp(), learningRate: 1e-3)
    while trainer.next() != nil {}
    #expect(trainer.step == 20)
    trainer.configuration.duration = .steps(23)
    while trainer.next() != nil {}
    #expect(trainer.step == 23 && trainer.totalSteps == 23)
  }
}
