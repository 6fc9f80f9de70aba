import Testing

@testable import Diffusion

@Suite("What holds for every network")
struct NetworkLawTests {
  /// A network with weights that are neither 0 nor 1, and a batch for it.
  private struct Subject {
    let network: Network
    let block: ParameterBlock
    let x: Tensor
    let noise: Tensor
    let labels: [Int]

    init(_ name: String, batch: Int) throws {
      network = try #require(TestedNetworks.all[name])
      block = ParameterBlock(network.table)
      var random = Random(seed: 5)
      block.initialize(network.table, using: &random)
      let moved = zip(block.weights.values, random.normals(network.table.count)).map {
        $0 + 0.02 * $1
      }
      block.weights.assign(moved)
      let shape = network.sampleShape.with(batch: batch)
      x = Tensor(shape, random.normals(shape.count))
      // What every kind of noise allows: timesteps above 0, classes and ½·ln(sigma/alpha).
      noise = Tensor(Shape(batch, 1, 1, 1), (0..<batch).map { Float($0 % 2 + 1) })
      let classes = network.classes
      labels = classes > 0 ? (0..<batch).map { $0 % classes } : []
    }

    func answer(_ samples: Range<Int>) -> [Float] {
      let pass = Pass(.evaluate, network.table, weights: block.weights)
      let (size, shape) = (x.shape.sampleCount, x.shape.with(batch: samples.count))
      let part = Array(x.values[samples.lowerBound * size..<samples.upperBound * size])
      let labels = labels.isEmpty ? [] : Array(labels[samples])
      let noise = Tensor(Shape(samples.count, 1, 1, 1), Array(noise.values[samples]))
      return network.forward(Tensor(shape, part), noise: noise, labels: labels, pass).values
    }
  }

  @Test("samples are answered one by one as in a batch", arguments: TestedNetworks.names)
  func batches(_ name: String) throws {
    let subject = try Subject(name, batch: 3)
    let together = subject.answer(0..<3)
    let alone = (0..<3).flatMap { subject.answer($0..<$0 + 1) }
    #expect(isNear(alone, together, tolerance: 1e-5))
    #expect(Set(together).count > 3)
  }

  @Test("the noise level and the label matter where they are told", arguments: TestedNetworks.names)
  func conditions(_ name: String) throws {
    let subject = try Subject(name, batch: 1)
    let network = subject.network
    func answer(_ noise: Float, _ label: Int) -> [Float] {
      let pass = Pass(.evaluate, network.table, weights: subject.block.weights)
      let labels = network.classes > 0 ? [label] : []
      let noise = Tensor(Shape(1, 1, 1, 1), [noise])
      return network.forward(subject.x, noise: noise, labels: labels, pass).values
    }
    #expect((answer(1, 0) != answer(2, 0)) == (network.noiseInput != .none))
    #expect((answer(1, 0) != answer(1, 1)) == (network.classes > 0))
  }

  @Test(
    "differentiating gives the slope of evaluation and touches no gradient of a weight",
    arguments: TestedNetworks.names)
  func slopes(_ name: String) throws {
    let subject = try Subject(name, batch: 2)
    let (network, block, x) = (subject.network, subject.block, subject.x)
    block.gradients.fill(3)
    func answer(_ x: Tensor, _ pass: Pass) -> [Float] {
      network.forward(x, noise: subject.noise, labels: subject.labels, pass).values
    }
    var random = Random(seed: 9)
    let dy = Tensor(x.shape, random.normals(x.count))
    let pass = Pass(
      .differentiate, network.table, weights: block.weights, gradients: block.gradients)
    let evaluation = Pass(.evaluate, network.table, weights: block.weights)
    #expect(answer(x, pass) == answer(x, evaluation))
    let dx = network.backward(dy, pass).values
    #expect(block.gradients.values.allSatisfy { $0 == 3 })

    // Rectifiers and pools have kinks: a smaller step meets fewer, and rounding weighs more.
    let hasKinks = ["article", "dense"].contains(name)
    let (step, tolerance): (Float, Double) = hasKinks ? (3e-4, 5e-2) : (3e-3, 5e-3)
    let size = dx.reduce(0) { $0 + Double($1 * $1) }.squareRoot()
    for _ in 0..<3 {
      // One way or the other in every number: a slope of about the gradient's length.
      let way = random.integers(below: 2, count: x.count).map { Float(2 * $0 - 1) }
      let ends = [step, -step].map { step in
        answer(Tensor(x.shape, zip(x.values, way).map { $0 + step * $1 }), evaluation)
      }
      let slope = zip(zip(ends[0], ends[1]), dy.values).reduce(0) { sum, pair in
        sum + Double(pair.0.0 - pair.0.1) * Double(pair.1) / (2 * Double(step))
      }
      let expected = zip(dx, way).reduce(0) { $0 + Double($1.0 * $1.1) }
      #expect(abs(slope - expected) < tolerance * size, "\(slope), not \(expected)")
    }
  }

  @Test(
    "differentiating again takes no memory and gives the same bits", arguments: TestedNetworks.names
  )
  func steadySlopes(_ name: String) throws {
    let subject = try Subject(name, batch: 2)
    let pass = Pass(.differentiate, subject.network.table, weights: subject.block.weights)
    func gradient() -> [Float] {
      let y = subject.network.forward(
        subject.x, noise: subject.noise, labels: subject.labels, pass)
      return subject.network.backward(y, pass).values
    }
    withSteadyWorkers {
      let first = gradient()
      #expect(gradient() == first)
      let warm = pass.allocations
      #expect(gradient() == first)
      #expect(pass.allocations == warm)
    }
  }

  @Test(
    "what a pass holds is told from one sample and two", arguments: TestedNetworks.names,
    [Pass.Mode.evaluate, .train])
  func passSize(_ name: String, _ mode: Pass.Mode) throws {
    let subject = try Subject(name, batch: 6)
    let (network, block) = (subject.network, subject.block)
    let pass = Pass(mode, network.table, weights: block.weights, gradients: block.gradients)
    let y = network.forward(subject.x, noise: subject.noise, labels: subject.labels, pass)
    if mode == .train { network.backward(y, pass) }
    let told = network.passSize(mode).numbers(batch: 6)
    #expect(isClose(Double(pass.size), told, relative: 0.2), "\(pass.size), not \(told)")
  }

  @Test(
    "activations that are computed anew take less memory and give the same bits",
    arguments: TestedNetworks.names)
  func recomputing(_ name: String) throws {
    let subject = try Subject(name, batch: 2)
    let (network, block) = (subject.network, subject.block)
    func step(_ recomputes: Bool) -> (gradients: [Float], dx: [Float], learned: [Float], size: Int)
    {
      let weights = Tensor(block.weights.shape, block.weights.values)
      let pass = Pass(.train, network.table, weights: weights, gradients: block.gradients)
      (pass.recomputes, pass.dropoutSeed) = (recomputes, 5)
      block.gradients.fill(0)
      let y = network.forward(subject.x, noise: subject.noise, labels: subject.labels, pass)
      let dx = network.backward(y, pass).values
      pass.commitLearned()
      return (block.gradients.values, dx, weights.values, pass.size)
    }
    let (kept, anew) = (step(false), step(true))
    #expect(anew.gradients == kept.gradients)
    #expect(anew.dx == kept.dx)
    #expect(anew.learned == kept.learned)
    #expect(anew.size <= kept.size)
    let hasBlocks = !name.hasSuffix("mlp") && name != "dense"
    #expect(!hasBlocks || anew.size < kept.size, "\(anew.size) of \(kept.size)")
  }

  @Test("a steady step takes no memory and gives the same bits", arguments: TestedNetworks.names)
  func steady(_ name: String) throws {
    let subject = try Subject(name, batch: 2)
    let (network, block) = (subject.network, subject.block)
    let pass = Pass(.train, network.table, weights: block.weights, gradients: block.gradients)
    func step() -> [Float] {
      block.gradients.fill(0)
      let y = network.forward(subject.x, noise: subject.noise, labels: subject.labels, pass)
      network.backward(y, pass)
      pass.commitLearned(keeping: false)
      return block.gradients.values
    }
    withSteadyWorkers {
      let first = step()
      #expect(step() == first)
      let warm = pass.allocations
      #expect(step() == first)
      #expect(pass.allocations == warm)
    }
  }
}
