import Testing

@testable import Diffusion

@Suite("Layers as in PyTorch")
struct LayerFixtureTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let make: @Sendable (inout ParameterTable) -> any Layer
    var testDescription: String { name }

    init(_ name: String, _ make: @escaping @Sendable (inout ParameterTable) -> any Layer) {
      self.name = name
      self.make = make
    }
  }

  static let cases: [Case] = [
    Case("linear") { Linear(7, 6, "l", &$0) },
    Case("conv3") { Conv2d(5, 6, "l", &$0) },
    Case("conv3_even") { Conv2d(4, 6, stride: 2, "l", &$0) },
    Case("conv3_odd") { Conv2d(4, 6, stride: 2, "l", &$0) },
    Case("conv1") { Conv2d(6, 4, kernel: 1, "l", &$0) },
    Case("conv3_direct") { Conv2d(16, 48, "l", &$0) },
    Case("conv3_deep") { Conv2d(32, 16, "l", &$0) },
    Case("conv3_one") { Conv2d(1, 32, "l", &$0) },
    Case("norm") { GroupNorm(3, 12, "l", &$0) },
    Case("norm_eps") { GroupNorm(4, 8, epsilon: 1e-6, "l", &$0) },
    Case("norm_silu") { table in
      Sequential {
        GroupNorm(2, 6, "l", &table)
        SiLU()
      }
    },
    Case("silu") { _ in SiLU() }, Case("gelu") { _ in GELU() }, Case("relu") { _ in ReLU() },
    Case("upsample") { _ in Upsample() },
  ]

  @Test("output and every gradient are PyTorch's to 1e-5 of their size", arguments: cases)
  func forwardAndBackward(_ layer: Case) throws {
    let fixture = try Fixture("layers")
    func tensor(_ part: String) throws -> Tensor {
      let shape = try fixture.shape("\(layer.name).\(part)")
      let ours =
        shape.count == 2
        ? Shape(shape[0], 1, 1, shape[1]) : Shape(shape[0], shape[2], shape[3], shape[1])
      return Tensor(channelsFirst: try fixture.floats("\(layer.name).\(part)"), ours)
    }
    var table = ParameterTable()
    let made = layer.make(&table)
    let (weights, gradients) = (table.makeBlock(), table.makeBlock())
    func named(_ prefix: String) throws -> [NamedTensor] {
      try table.parameters.map { parameter in
        let part = "\(layer.name).\(prefix)\(parameter.name.dropFirst(2))"
        return NamedTensor(
          name: parameter.name, shape: parameter.shape, values: try fixture.floats(part))
      }
    }
    try table.load(try named(""), into: weights)
    let pass = Pass(.train, table, weights: weights, gradients: gradients)
    let y = made.forward(try tensor("x"), pass)
    #expect(isNear(y.channelsFirst, try fixture.floats("\(layer.name).y")))
    let dx = made.backward(try tensor("dy"), pass)
    #expect(isNear(dx.channelsFirst, try fixture.floats("\(layer.name).dx")))
    for (found, expected) in zip(table.export(gradients), try named("d")) {
      #expect(isNear(found.values, expected.values), "\(found.name)")
    }
  }

  @Test(
    "convolutions are PyTorch's by every algorithm",
    arguments: cases.filter { $0.name.hasPrefix("conv") }, ConvolutionAlgorithm.allCases)
  func everyAlgorithm(_ layer: Case, _ algorithm: ConvolutionAlgorithm) throws {
    try ConvolutionAlgorithm.$forced.withValue(algorithm) { try forwardAndBackward(layer) }
  }

  @Test("embeddings of timesteps and noise levels are the references'")
  func embeddings() throws {
    let fixture = try Fixture("embeddings")
    func embed(_ layer: some Layer, _ values: [Float]) -> [Float] {
      let pass = Pass(.evaluate, ParameterTable(), weights: Tensor(Shape(1, 1, 1, 0)))
      return layer.forward(Tensor(Shape(values.count, 1, 1, 1), values), pass).values
    }
    let t = try fixture.floats("t")
    for channels in [32, 33] {
      for cosineFirst in [false, true] {
        for shift in [0, 1] {
          let layer = TimestepEmbedding(
            channels, shift: Double(shift), cosineFirst: cosineFirst)
          let name = "timestep.\(channels).\(cosineFirst ? 1 : 0).\(shift)"
          // Angles of up to 1000 in float32 are good to 3e-5.
          #expect(isClose(embed(layer, t), try fixture.floats(name), absolute: 1e-4))
        }
      }
    }
    let halves = try fixture.floats("sigma").map { NoiseLevel(sigma: Double($0)) }
      .map { Float($0.logSNR / -4) }
    #expect(
      isClose(embed(SigmaEmbedding(), halves), try fixture.floats("sigma.embedded"), absolute: 1e-6)
    )
  }
}

/// Whether two lists agree to `tolerance` of the largest number in them.
func isNear(_ found: [Float], _ expected: [Float], tolerance: Double = 1e-5) -> Bool {
  let size = expected.map { Double(abs($0)) }.max() ?? 0
  return isClose(found, expected, relative: 0, absolute: tolerance * size)
}
