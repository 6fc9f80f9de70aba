import Testing

@testable import Diffusion

/// A layer, the input it is tried on, and its gradients by two ways.
struct LayerCase: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let input: Shape
  let condition: Int
  /// Noise levels have no gradient; other conditions do.
  var conditionIsNoise = false
  let make: @Sendable (inout ParameterTable) -> any Layer

  init(
    _ name: String, _ input: Shape, condition: Int = 1,
    _ make: @escaping @Sendable (inout ParameterTable) -> any Layer
  ) {
    testDescription = name
    self.input = input
    self.condition = condition
    self.make = make
  }

  /// The largest difference between backward and central differences, in units of the largest
  /// gradient, over all parameters, inputs and conditions.
  func largestGradientError() -> Double {
    var table = ParameterTable()
    let layer = make(&table)
    var random = Random(seed: 7)
    let weights = table.makeBlock()
    weights.assign(random.normals(table.count).map { 0.4 * $0 })
    let x = Tensor(input, random.normals(input.count))
    let condition = Tensor(
      Shape(input.batch, 1, 1, condition), random.normals(input.batch * condition))

    // loss = Σ y·r with fixed random r, so that no output's gradient cancels
    var factors: [Float] = []
    func loss() -> Double {
      let pass = Pass(.evaluate, weights: weights)
      pass.condition = condition
      let y = layer.forward(x, pass)
      if factors.isEmpty { factors = random.normals(y.count) }
      return zip(y.values, factors).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    _ = loss()

    let gradients = table.makeBlock()
    let pass = Pass(.train, weights: weights, gradients: gradients)
    pass.condition = condition
    pass.conditionGradient = Tensor(condition.shape)
    let y = layer.forward(x, pass)
    let dx = layer.backward(Tensor(y.shape, factors), pass)
    let dc = pass.requiredConditionGradient

    var largest = 1e-3
    var error = 0.0
    var pairs = [(weights, gradients), (x, dx)]
    if !conditionIsNoise { pairs.append((condition, dc)) }
    for (numbers, found) in pairs {
      for i in 0..<numbers.count {
        let kept = numbers.pointer[i]
        let step: Float = 1e-2
        numbers.pointer[i] = kept + step
        let up = loss()
        numbers.pointer[i] = kept - step
        let down = loss()
        numbers.pointer[i] = kept
        let expected = (up - down) / (2 * Double(step))
        largest = max(largest, abs(expected))
        error = max(error, abs(expected - Double(found.pointer[i])))
      }
    }
    return error / largest
  }
}

@Suite("Layers")
struct GradientTests {
  static let layers: [LayerCase] = [
    LayerCase("Linear", Shape(3, 2, 1, 5)) { Linear(5, 4, "a", &$0) },
    LayerCase("Conv2d 3×3", Shape(2, 4, 5, 3)) { Conv2d(3, 4, "a", &$0) },
    LayerCase("Conv2d 3×3, many channels", Shape(1, 3, 3, 20)) { Conv2d(20, 3, "a", &$0) },
    LayerCase("Conv2d 3×3 to 16 channels", Shape(2, 3, 15, 3)) { Conv2d(3, 16, "a", &$0) },
    LayerCase("Conv2d 3×3 from 16 to 48 channels", Shape(1, 3, 4, 16)) {
      Conv2d(16, 48, "a", &$0)
    },
    LayerCase("Conv2d 5×5 to 16 channels without padding", Shape(1, 6, 7, 2)) {
      Conv2d(2, 16, kernel: 5, padding: 0, "a", &$0)
    },
    LayerCase("Conv2d 3×3 stride 2, even side", Shape(2, 4, 6, 2)) {
      Conv2d(2, 3, stride: 2, "a", &$0)
    },
    LayerCase("Conv2d 3×3 stride 2, odd side", Shape(2, 5, 3, 2)) {
      Conv2d(2, 3, stride: 2, "a", &$0)
    },
    LayerCase("Conv2d 1×1", Shape(2, 3, 3, 4)) { Conv2d(4, 5, kernel: 1, "a", &$0) },
    LayerCase("Conv2d 5×5 without padding", Shape(1, 6, 7, 2)) {
      Conv2d(2, 2, kernel: 5, padding: 0, "a", &$0)
    },
    LayerCase("GroupNorm", Shape(2, 3, 3, 6)) { GroupNorm(2, 6, "a", &$0) },
    LayerCase("GroupNorm and SiLU in one loop", Shape(2, 3, 2, 6)) { table in
      Sequential {
        GroupNorm(3, 6, "a", &table)
        SiLU()
      }
    },
    LayerCase("SiLU", Shape(2, 3, 3, 2)) { _ in SiLU() },
    LayerCase("GELU", Shape(2, 3, 3, 2)) { _ in GELU() },
    LayerCase("ReLU", Shape(1, 2, 2, 2)) { _ in ReLU() },
    LayerCase("Upsample", Shape(2, 2, 3, 2)) { _ in Upsample() },
    LayerCase("Reshape", Shape(2, 2, 3, 2)) { _ in Reshape(1, 1, 12) },
    LayerCase("AddCondition", Shape(2, 2, 3, 4), condition: 4) { _ in AddCondition() },
    LayerCase("AppendCondition", Shape(2, 2, 3, 4), condition: 3) { _ in AppendCondition() },
    LayerCase("Residual with a shortcut", Shape(2, 3, 3, 2)) { table in
      let shortcut = Conv2d(2, 3, kernel: 1, "shortcut", &table)
      return Residual(shortcut: shortcut) {
        Conv2d(2, 3, "a", &table)
        SiLU()
      }
    },
    LayerCase("Conditioned twice over", Shape(2, 3, 2, 4), condition: 3) { table in
      Conditioned(Linear(3, 4, "embed", &table)) {
        Residual { AddCondition() }
        SiLU()
        Conditioned(Linear(4, 4, "inner", &table)) { AddCondition() }
        AddCondition()
      }
    },
    LayerCase("a U with stages that crop", Shape(2, 5, 3, 3), condition: 4) { table in
      UShape(
        down: {
          Linear(3, 4, "down0", &table)
          Sequential {
            Conv2d(4, 4, stride: 2, "down1", &table)
            AddCondition()
          }
        },
        middle: { Linear(4, 4, "middle", &table) },
        up: {
          Sequential {
            Linear(8, 4, "up0", &table)
            Upsample()
          }
          Sequential {
            Linear(8, 2, "up1", &table)
            SiLU()
          }
        })
    },
  ]

  /// Central differences in float32 with steps of 1e-2 are good to about 1e-3.
  static let tolerance = 5e-3

  @Test("backward agrees with finite differences", arguments: layers)
  func backwardAgreesWithFiniteDifferences(_ layer: LayerCase) {
    #expect(layer.largestGradientError() < Self.tolerance)
  }

  static let networks: [Network] = [
    .unet(
      Shape(1, 5, 4, 1), UNetConfiguration(channels: 4, multipliers: [1, 2], blocks: 1, groups: 2)),
    .mlp(Shape(1, 1, 1, 2), hidden: [6, 5]),
    .dense(Shape(1, 1, 6, 1), hidden: 4),
  ]

  @Test("networks' gradients agree with finite differences", arguments: networks.indices)
  func networkGradientsAgreeWithFiniteDifferences(_ index: Int) {
    let network = Self.networks[index]
    var layer = LayerCase(network.name, network.sampleShape.with(batch: 2)) { table in
      Inner(network, into: &table)
    }
    layer.conditionIsNoise = true
    #expect(layer.largestGradientError() < Self.tolerance)
  }

  @Test("a second pass of the same shape takes no memory from the system")
  func steadyStepAllocatesNothing() {
    let network = Network.unet(Shape(1, 7, 7, 1), UNetConfiguration(channels: 8, groups: 4))
    let block = ParameterBlock(network.table)
    var random = Random(seed: 1)
    block.initialize(network.table, using: &random)
    let pass = Pass(.train, weights: block.weights, gradients: block.gradients)
    let x = Tensor(Shape(3, 7, 7, 1), random.normals(3 * 49))
    let noise = Tensor(Shape(3, 1, 1, 1), random.normals(3))
    func step() {
      let y = network.forward(x, noise: noise, pass)
      network.backward(y, pass)
    }
    step()
    let warm = pass.allocations
    step()
    #expect(warm > 0)
    #expect(pass.allocations == warm)
  }
}

/// A network as a layer: its noise is the pass's condition.
private struct Inner: Layer {
  let network: Network

  init(_ network: Network, into table: inout ParameterTable) {
    self.network = network
    for parameter in network.table.parameters {
      _ = table.add(
        parameter.name, parameter.shape, layout: parameter.layout, parameter.initialization)
    }
  }

  func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    network.forward(x, noise: pass.requiredCondition, pass)
  }

  func backward(_ dy: Tensor, _ pass: Pass) -> Tensor { network.backward(dy, pass) }
}
