import Diffusion

/// The shape of one 3×3 convolution.
struct ConvolutionShape {
  let input: Shape
  let output: Int
  var stride = 1

  var name: String {
    "convolution \(input.batch)×\(input.height)×\(input.width), \(input.channels) to \(output)"
      + (stride == 1 ? "" : ", stride \(stride)")
  }

  /// Those of the networks that are measured whole, from the first level to the deepest.
  static let all: [ConvolutionShape] = [
    ConvolutionShape(input: Shape(32, 32, 32, 3), output: 16),
    ConvolutionShape(input: Shape(64, 28, 28, 16), output: 16),
    ConvolutionShape(input: Shape(64, 14, 14, 32), output: 32),
    ConvolutionShape(input: Shape(16, 28, 28, 64), output: 64),
    ConvolutionShape(input: Shape(16, 28, 28, 64), output: 1),
    ConvolutionShape(input: Shape(16, 28, 28, 64), output: 64, stride: 2),
    ConvolutionShape(input: Shape(16, 14, 14, 128), output: 128),
    ConvolutionShape(input: Shape(32, 7, 7, 128), output: 128),
    ConvolutionShape(input: Shape(64, 4, 4, 64), output: 64),
    ConvolutionShape(input: Shape(8, 16, 16, 384), output: 128),
    ConvolutionShape(input: Shape(8, 8, 8, 256), output: 256),
    ConvolutionShape(input: Shape(8, 4, 4, 256), output: 256),
    ConvolutionShape(input: Shape(8, 4, 4, 512), output: 512),
    ConvolutionShape(input: Shape(8, 2, 2, 512), output: 512),
    ConvolutionShape(input: Shape(1, 14, 14, 128), output: 128),
  ]
}

/// A single layer: forward alone, and forward with both gradients.
struct LayerBenchmark {
  /// What the peer has to build.
  struct Description: Encodable {
    let kind: String
    /// Batch, height, width, channels.
    let input: [Int]
    /// Output channels, groups, heads or parameters.
    let number: Int
    let stride: Int
  }

  let name: String
  let description: Description
  private let input: Shape
  private let make: (inout ParameterTable) -> any Layer
  /// Multiplications of the forward pass.
  private let multiplications: Int

  static func all() -> [LayerBenchmark] {
    ConvolutionShape.all.map(convolution)
      + [Shape(64, 14, 14, 32), Shape(16, 28, 28, 64), Shape(8, 4, 4, 512)].map(norm)
      + [Shape(32, 14, 14, 128), Shape(8, 16, 16, 64)].map(attention)
  }

  private static func convolution(_ shape: ConvolutionShape) -> LayerBenchmark {
    let (input, output, stride) = (shape.input, shape.output, shape.stride)
    let positions = input.positions / (stride * stride)
    return LayerBenchmark(
      shape.name, "convolution", input, output, stride: stride,
      multiplications: 9 * positions * input.channels * output
    ) { table in Conv2d(input.channels, output, stride: stride, "a", &table) }
  }

  private static func norm(_ shape: Shape) -> LayerBenchmark {
    LayerBenchmark("group norm and SiLU of \(shape)", "norm", shape, 8, multiplications: 0) {
      table in
      Sequential([GroupNorm(8, shape.channels, "a", &table), SiLU()])
    }
  }

  private static func attention(_ shape: Shape) -> LayerBenchmark {
    let tokens = shape.height * shape.width
    return LayerBenchmark(
      "attention over \(shape), 4 heads", "attention", shape.with(channels: 3 * shape.channels), 4,
      multiplications: 2 * shape.batch * tokens * tokens * shape.channels
    ) { _ in Attention(heads: 4) }
  }

  func run() throws {
    var table = ParameterTable()
    let layer = make(&table)
    var random = Random(seed: 0)
    let (weights, gradients) = (table.makeBlock(), table.makeTrainableBlock())
    weights.assign(random.normals(table.count).map { 0.1 * $0 })
    let training = Pass(.train, table, weights: weights, gradients: gradients)
    let evaluation = Pass(.evaluate, fixed: Weights(weights.values), table)
    let x = Tensor(input, random.normals(input.count))
    let forward = Timing(filling: 0.3) { _ = layer.forward(x, evaluation) }
    let both = Timing(filling: 0.3) {
      let y = layer.forward(x, training)
      _ = layer.backward(y, training)
    }
    try report(
      LayerMeasurement(
        name: name, layer: description, forward: forward.milliseconds, both: both.milliseconds,
        gigaflop: 2e-9 * Double(multiplications)))
  }

  private init(
    _ name: String, _ kind: String, _ input: Shape, _ number: Int, stride: Int = 1,
    multiplications: Int, make: @escaping (inout ParameterTable) -> any Layer
  ) {
    self.name = name
    description = Description(
      kind: kind, input: [input.batch, input.height, input.width, input.channels],
      number: number, stride: stride)
    self.input = input
    self.make = make
    self.multiplications = multiplications
  }
}
