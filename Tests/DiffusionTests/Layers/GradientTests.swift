import Testing

@testable import Diffusion

/// A layer, the input it is tried on, and its gradients by two ways.
struct LayerCase: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let input: Shape
  let condition: Int
  /// Noise levels have no gradient; other conditions do.
  var conditionIsNoise = false
  /// Where the input is timesteps, how many there are.
  var timesteps: Int?
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

  /// The same layer on timesteps below `count`.
  func onTimesteps(below count: Int) -> LayerCase {
    var result = self
    result.timesteps = count
    return result
  }

  /// The largest difference between backward and central differences, in units of the largest
  /// gradient, over inputs and conditions, and in training over all parameters.
  ///
  /// In `.differentiate` the differences are those of evaluation.
  func largestGradientError(_ mode: Pass.Mode = .train) -> Double {
    var table = ParameterTable()
    let layer = make(&table)
    var random = Random(seed: 7)
    let weights = table.makeBlock()
    weights.assign(random.normals(table.count).map { 0.4 * $0 })
    // Statistics are means and variances, and variances are positive.
    for i in table.trainableCount..<table.count {
      weights.pointer[i] = abs(weights.pointer[i]) + 0.5
    }
    let x = Tensor(
      input,
      timesteps.map { random.integers(below: $0, count: input.count).map { Float($0) } }
        ?? random.normals(input.count))
    let condition = Tensor(
      Shape(input.batch, 1, 1, condition), random.normals(input.batch * condition))

    // loss = Σ y·r with fixed random r, so that no output's gradient cancels
    var factors: [Float] = []
    func loss() -> Double {
      let pass = Pass(mode == .train ? .train : .evaluate, table, weights: weights)
      pass.condition = condition
      pass.labels = (0..<input.batch).map { $0 % 3 }
      let y = layer.forward(x, pass)
      if factors.isEmpty { factors = random.normals(y.count) }
      return zip(y.values, factors).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    _ = loss()

    let gradients = table.makeTrainableBlock()
    let pass = Pass(mode, table, weights: weights, gradients: mode == .train ? gradients : nil)
    pass.condition = condition
    pass.labels = (0..<input.batch).map { $0 % 3 }
    pass.conditionGradient = Tensor(condition.shape)
    let y = layer.forward(x, pass)
    let dx = layer.backward(Tensor(y.shape, factors), pass)
    let dc = pass.requiredConditionGradient

    var largest = 1e-3
    var error = 0.0
    var pairs = [(x, dx)]
    if mode == .train { pairs.append((weights, gradients)) }
    if !conditionIsNoise { pairs.append((condition, dc)) }
    for (numbers, found) in pairs {
      for i in 0..<found.count {
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
    LayerCase("GELU by tanh", Shape(2, 3, 3, 2)) { _ in GELU(.tanh) },
    LayerCase("Mish", Shape(2, 3, 3, 2)) { _ in Mish() },
    LayerCase("ELU", Shape(2, 3, 3, 2)) { _ in ELU() },
    LayerCase("Linear without bias", Shape(3, 2, 1, 5)) { Linear(5, 4, bias: false, "a", &$0) },
    LayerCase("Conv2d dilated, to 16 channels", Shape(2, 6, 5, 3)) {
      Conv2d(3, 16, KernelGeometry(3, dilation: 2), bias: false, "a", &$0)
    },
    LayerCase("Conv2d 3×3 that halves with a border on the far sides", Shape(2, 6, 5, 3)) {
      Conv2d(3, 4, .halving(), "a", &$0)
    },
    LayerCase("Conv2d 2×2 stride 2, as patches", Shape(2, 4, 6, 3)) {
      Conv2d(3, 5, kernel: 2, stride: 2, padding: 0, "a", &$0)
    },
    LayerCase("Conv1d", Shape(2, 1, 7, 3)) { Conv1d(3, 4, "a", &$0) },
    LayerCase("Conv1d stride 2", Shape(2, 1, 7, 3)) { Conv1d(3, 4, stride: 2, "a", &$0) },
    LayerCase("ConvTranspose2d 2×2", Shape(2, 2, 3, 3)) { ConvTranspose2d(3, 4, "a", &$0) },
    LayerCase("ConvTranspose2d 3×3 that overlaps", Shape(2, 2, 3, 3)) {
      ConvTranspose2d(3, 4, kernel: 3, stride: 2, padding: 1, "a", &$0)
    },
    LayerCase("BatchNorm2d", Shape(3, 2, 3, 4)) { BatchNorm2d(4, "a", &$0) },
    LayerCase("BatchNorm2d and ReLU in one loop", Shape(3, 2, 3, 4)) { table in
      Sequential {
        BatchNorm2d(4, "a", &table)
        ReLU()
      }
    },
    LayerCase("LayerNorm", Shape(3, 2, 1, 5)) { _ in LayerNorm() },
    LayerCase("LayerNorm with factors", Shape(3, 2, 1, 5)) { LayerNorm(5, "a", &$0) },
    LayerCase("MaxPool2d", Shape(2, 5, 4, 3)) { _ in MaxPool2d(2) },
    LayerCase("MaxPool2d that overlaps", Shape(1, 4, 3, 2)) { _ in
      MaxPool2d(3, stride: 1, padding: 1)
    },
    LayerCase("AveragePool2d", Shape(2, 4, 5, 2)) { _ in AveragePool2d(2) },
    LayerCase("AveragePool2d that overlaps", Shape(2, 4, 5, 2)) { _ in
      AveragePool2d(5, stride: 1, padding: 2)
    },
    LayerCase("Attention", Shape(2, 2, 3, 12)) { _ in Attention() },
    LayerCase("Attention with two heads", Shape(2, 3, 2, 12)) { _ in Attention(heads: 2) },
    LayerCase("Attention over more than one tile", Shape(1, 1, 270, 6)) { _ in Attention() },
    LayerCase("Dropout", Shape(2, 3, 3, 4)) { _ in
      Sequential {
        Dropout(0.3)
        Dropout(0.3)
      }
    },
    LayerCase("LabelEmbedding", Shape(4, 1, 1, 1)) { LabelEmbedding(3, 5, "a", &$0) },
    LayerCase("ClassNorm", Shape(2, 3, 3, 4), condition: 12) { _ in ClassNorm() },
    LayerCase("Affine", Shape(2, 3, 3, 2)) { _ in Affine(scale: 2, shift: -1) },
    LayerCase("TimestepTable", Shape(4, 1, 1, 1)) {
      TimestepTable(3, 5, .normal(deviation: 1), "a", &$0)
    }.onTimesteps(below: 3),
    LayerCase("Modulate and Gate", Shape(2, 2, 2, 3), condition: 4) { table in
      Conditioned(Linear(4, 9, "a", &table)) {
        Modulate(scale: 3, shift: 6)
        Gate(0)
      }
    },
    LayerCase("Concatenate", Shape(2, 2, 1, 3)) { table in
      Concatenate {
        Linear(3, 2, "a", &table)
        SiLU()
        Linear(3, 4, "b", &table)
      }
    },
    LayerCase("Sum", Shape(2, 2, 1, 3)) { table in
      Sum {
        Linear(3, 2, "a", &table)
        Linear(3, 2, "b", &table)
      }
    },
    LayerCase("Pad", Shape(2, 2, 3, 2)) { _ in Pad(top: 1, left: 2, bottom: -1, right: 1) },
    LayerCase("Transpose", Shape(2, 2, 3, 4)) { _ in Transpose() },
    LayerCase("a U whose stages come up short", Shape(2, 7, 6, 2)) { table in
      UShape(
        down: { Linear(2, 2, "down", &table) },
        middle: {
          MaxPool2d(3)
          ConvTranspose2d(2, 3, "middle", &table)
        },
        up: { Linear(5, 2, "up", &table) })
    },
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

  @Test(
    "convolutions agree with finite differences by every algorithm",
    arguments: layers.filter { $0.testDescription.hasPrefix("Conv") }, ConvolutionAlgorithm.allCases
  )
  func everyAlgorithm(_ layer: LayerCase, _ algorithm: ConvolutionAlgorithm) {
    ConvolutionAlgorithm.$forced.withValue(algorithm) {
      #expect(layer.largestGradientError() < Self.tolerance)
    }
  }

  @Test(
    "differentiating agrees with finite differences of evaluation, weights left alone",
    arguments: layers)
  func differentiatingAgreesWithFiniteDifferences(_ layer: LayerCase) {
    #expect(layer.largestGradientError(.differentiate) < Self.tolerance)
  }

  @Test("a timestep beyond the table's rows stops the program, as in PyTorch")
  func timestepBeyondTheTable() async {
    for timestep: Float in [-1, 3] {
      await #expect(processExitsWith: .failure) { [timestep = timestep as Float] in
        var table = ParameterTable()
        let layer = TimestepTable(3, 5, .normal(deviation: 1), "a", &table)
        let pass = Pass(.evaluate, table, weights: table.makeBlock())
        _ = layer.forward(Tensor(Shape(1, 1, 1, 1), [timestep]), pass)
      }
    }
  }

  static let networks: [Network] = [
    .unet(
      Shape(1, 5, 4, 1), UNetConfiguration(channels: 4, multipliers: [1, 2], blocks: 1, groups: 2)),
    .mlp(Shape(1, 1, 1, 2), hidden: [6, 5]),
    .dense(Shape(1, 1, 6, 1), hidden: 4),
    bits,
  ]

  private static let bits: Network = {
    var configuration = TextTransformerConfiguration()
    (configuration.width, configuration.depth, configuration.heads) = (8, 1, 2)
    configuration.isSelfConditioned = true
    return .textTransformer(Shape(1, 1, 3, 2), vocabulary: 0, configuration)
  }()

  @Test("networks' gradients agree with finite differences", arguments: networks.indices)
  func networkGradientsAgreeWithFiniteDifferences(_ index: Int) {
    let network = Self.networks[index]
    var layer = LayerCase(network.name, network.sampleShape.with(batch: 2)) { table in
      NetworkLayer(network, into: &table)
    }
    layer.conditionIsNoise = true
    #expect(layer.largestGradientError() < Self.tolerance)
    #expect(layer.largestGradientError(.differentiate) < Self.tolerance)
  }

  @Test("a second pass of the same shape takes no memory from the system")
  func steadyStepAllocatesNothing() {
    let network = Network.unet(Shape(1, 7, 7, 1), UNetConfiguration(channels: 8, groups: 4))
    let block = ParameterBlock(network.table)
    var random = Random(seed: 1)
    block.initialize(network.table, using: &random)
    let pass = Pass(.train, network.table, weights: block.weights, gradients: block.gradients)
    let x = Tensor(Shape(3, 7, 7, 1), random.normals(3 * 49))
    let noise = Tensor(Shape(3, 1, 1, 1), random.normals(3))
    func step() {
      let y = network.forward(x, noise: noise, pass)
      network.backward(y, pass)
    }
    withSteadyWorkers {
      step()
      let warm = pass.allocations
      step()
      #expect(warm > 0)
      #expect(pass.allocations == warm)
    }
  }
}

/// A network as a layer: its noise is the pass's condition.
struct NetworkLayer: Layer {
  let network: Network

  init(_ network: Network, into table: inout ParameterTable) {
    self.network = network
    table = network.table
  }

  func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    network.forward(
      x, noise: pass.requiredCondition, labels: network.classes > 0 ? pass.labels : [], pass)
  }

  func backward(_ dy: Tensor, _ pass: Pass) -> Tensor { network.backward(dy, pass) }
}
