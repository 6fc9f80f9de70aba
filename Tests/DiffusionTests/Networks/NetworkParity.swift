import Foundation
import Testing

@testable import Diffusion

/// A network and what PyTorch answered for the same one: a file in the format that
/// Tests/Fixtures/README.md describes under network-NAME.
struct NetworkParity {
  let network: Network
  let fixture: Fixture
  private let zeroGradients: Set<String>
  private let seed: UInt64

  init(_ network: Network, _ fixture: Fixture) throws {
    self.network = network
    self.fixture = fixture
    zeroGradients = Set(try Self.list("zero_gradients", fixture))
    seed = try #require(UInt64(fixture.metadata["seed"] ?? ""))
  }

  private static func list(_ key: String, _ fixture: Fixture) throws -> [String] {
    try decode(key, fixture)
  }

  private static func decode<Value: Decodable>(_ key: String, _ fixture: Fixture) throws -> Value {
    let text = try #require(fixture.metadata[key], "no metadata \(key)")
    return try JSONDecoder().decode(Value.self, from: Data(text.utf8))
  }

  /// Every tensor's name, shape and role, in the original's order.
  func checkTable() throws {
    let parameters = network.table.parameters
    #expect(parameters.map(\.name) == (try Self.list("names", fixture)))
    #expect(parameters.map(\.shape) == (try Self.decode("shapes", fixture)))
    #expect(
      parameters.filter { $0.role == .trainable }.map(\.name)
        == (try Self.list("trainable", fixture)))
    let numbers = try #require(fixture.metadata["trainable_numbers"])
    #expect(String(network.parameterCount) == numbers)
  }

  /// The test weights: as built from the seed, plus 0.05·randn from the next one.
  func testWeights() throws -> ParameterBlock {
    let table = network.table
    let block = ParameterBlock(table)
    var random = Random(seed: seed)
    table.initialize(block.weights, using: &random)
    var tensors = table.export(block.weights)
    for tensor in tensors {
      compareStart(tensor, try fixture.floats("fresh.\(tensor.name)", orNone: true), "as built")
    }
    random = Random(seed: seed + 1)
    for (index, parameter) in table.parameters.enumerated()
    where parameter.role == .trainable || parameter.role == .statistic {
      for (i, z) in random.normals(parameter.count).enumerated() {
        tensors[index].values[i] += 0.05 * z
      }
    }
    for tensor in tensors {
      compareStart(
        tensor, try fixture.floats("initial.\(tensor.name)", orNone: true), "test weight")
    }
    try table.load(tensors, into: block.weights)
    return block
  }

  private func compareStart(_ tensor: NamedTensor, _ expected: [Float]?, _ what: String) {
    guard let expected else { return }
    let found = Array(tensor.values.prefix(expected.count))
    #expect(
      isClose(found, expected, relative: 1e-5, absolute: 2e-6), "\(tensor.name) \(what)")
  }

  /// Output in both modes, gradients, running statistics, and the losses of ten Adam steps.
  ///
  /// - Returns: the largest differences, each in units of its scale.
  @discardableResult
  func checkNumbers(tolerance: Double = 1e-4) throws -> Differences {
    let block = try testWeights()
    let batch = try fixture.shape("x")[0]
    let shape = network.sampleShape.with(batch: batch)
    let x = Tensor(channelsFirst: try fixture.floats("x"), shape)
    let target = Tensor(channelsFirst: try fixture.floats("target"), shape)
    let noise = Tensor(Shape(batch, 1, 1, 1), try fixture.floats("noise"))
    let labels = network.classes > 0 ? try fixture.ints("labels") : []
    let vectors =
      network.classes == 0 && fixture.names.contains("labels")
      ? Tensor(
        Shape(batch, 1, 1, try fixture.shape("labels")[1]), try fixture.floats("labels")) : nil
    var differences = Differences()

    let evaluation = Pass(.evaluate, network.table, weights: block.weights)
    let calm = network.forward(x, noise: noise, labels: labels, classVectors: vectors, evaluation)
    differences.evaluation = difference(calm.channelsFirst, try fixture.floats("output.eval"))
    #expect(differences.evaluation < tolerance, "output in evaluation")

    let pass = Pass(
      .train, network.table, weights: block.weights, gradients: block.gradients)
    let expectedLosses = try fixture.floats("losses")
    var losses: [Float] = []
    for step in 1...expectedLosses.count {
      block.gradients.fill(0)
      let output = network.forward(x, noise: noise, labels: labels, classVectors: vectors, pass)
      let error = Tensor(x.shape)
      error.assign(1, output, plus: -1, target)
      losses.append(Float(error.norm * error.norm / Double(x.count)))
      error.assign(2 / Float(x.count), error, plus: 0, error)
      let dx = network.backward(error, pass)
      pass.commitLearned()
      if step == 1 {
        differences.training = difference(
          output.channelsFirst, try fixture.floats("output.train"))
        #expect(differences.training < tolerance, "output in training")
        let largest = try largestGradient()
        differences.input = difference(dx.channelsFirst, try fixture.floats("dx"))
        #expect(differences.input < tolerance, "gradient of x")
        differences.gradient = try compareGradients(
          network.table.export(block.gradients), largest, tolerance)
        try compareStatistics(network.table.export(block.weights), "once", tolerance)
      }
      Adam(.adam, weightDecay: 0).step(
        block, step: step, learningRate: 1e-3, gradientScale: 1, averageDecay: 0.9)
    }
    differences.losses =
      zip(losses, expectedLosses).map { Double(abs($0 - $1) / abs($1)) }.max() ?? 1
    // Biases before a norm wander by rounding noise, which Adam makes into whole steps.
    #expect(differences.losses < 2 * tolerance, "losses of Adam's steps")
    try compareStatistics(network.table.export(block.weights), "after", 3e-2)
    return differences
  }

  /// The largest differences between our numbers and PyTorch's.
  struct Differences {
    var evaluation = 0.0
    var training = 0.0
    var input = 0.0
    var gradient = 0.0
    var losses = 0.0
  }

  /// The largest difference in units of the largest expected number.
  private func difference(_ found: [Float], _ expected: [Float]) -> Double {
    guard found.count == expected.count else { return .infinity }
    let scale = expected.map { Double(abs($0)) }.max() ?? 0
    let worst = zip(found, expected).map { Double(abs($0 - $1)) }.max() ?? 0
    return worst.isNaN ? .infinity : worst / max(scale, 1e-30)
  }

  private func largestGradient() throws -> Double {
    try network.table.parameters.filter { $0.role == .trainable }
      .flatMap { try fixture.floats("gradient.\($0.name)") }
      .map { Double(abs($0)) }.max() ?? 0
  }

  private func compareGradients(
    _ gradients: [NamedTensor], _ largest: Double, _ tolerance: Double
  ) throws -> Double {
    var worst = 0.0
    for gradient in gradients {
      let expected = try fixture.floats("gradient.\(gradient.name)")
      let count = gradient.values.count
      let step = count > 1024 ? (count + 255) / 256 : 1
      let found = stride(from: 0, to: count, by: step).map { gradient.values[$0] }
      #expect(found.count == expected.count)
      let difference = zip(found, expected).map { Double(abs($0 - $1)) }.max() ?? 0
      worst = max(worst, difference / largest)
      #expect(difference < tolerance * largest, "gradient of \(gradient.name)")
      guard !zeroGradients.contains(gradient.name) else { continue }
      let norm = gradient.values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
      let expectedNorm = Double(try fixture.floats("gradientNorm.\(gradient.name)")[0])
      #expect(
        // PyTorch sums the squares of millions of numbers in float32.
        abs(norm - expectedNorm) < max(1e-3 * expectedNorm, 1e-5 * largest),
        "norm of the gradient of \(gradient.name)")
    }
    return worst
  }

  private func compareStatistics(
    _ tensors: [NamedTensor], _ prefix: String, _ tolerance: Double
  ) throws {
    let roles = Dictionary(
      uniqueKeysWithValues: network.table.parameters.map { ($0.name, $0.role) })
    for tensor in tensors where roles[tensor.name] == .statistic {
      let expected = try fixture.floats("\(prefix).\(tensor.name)")
      let worst = difference(Array(tensor.values.prefix(expected.count)), expected)
      #expect(worst < tolerance, "\(tensor.name) \(prefix)")
    }
  }
}

extension Fixture {
  /// The numbers of a tensor, or nil where the file has none of that name or it is of integers.
  func floats(_ name: String, orNone: Bool) throws -> [Float]? {
    names.contains(name) ? try? floats(name) : nil
  }
}
