import Testing

@testable import Diffusion

/// Every algorithm for convolutions, at every level of processors that this machine has, against a plain
/// loop in `Double`.
@Suite("Algorithms for convolutions")
struct ConvolutionTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let input: Shape
    let output: Int
    var geometry = KernelGeometry(3)
    var testDescription: String {
      "\(input) to \(output), \(geometry.height)×\(geometry.width), stride \(geometry.stride)"
    }
  }

  static let cases: [Case] = [
    // Whole tiles of 4×4 and 2×2; images that end within one; more tiles than a task takes; one row.
    Case(input: Shape(2, 8, 4, 16), output: 32),
    Case(input: Shape(3, 7, 5, 32), output: 16),
    Case(input: Shape(2, 23, 21, 16), output: 16),
    Case(input: Shape(1, 1, 9, 16), output: 16),
    Case(input: Shape(9, 2, 2, 16), output: 48),
    // Few positions; channels that are not multiples of 16.
    Case(input: Shape(1, 2, 5, 20), output: 19),
    Case(input: Shape(2, 6, 7, 16), output: 16, geometry: KernelGeometry(3, padding: 0)),
    Case(input: Shape(2, 6, 7, 16), output: 16, geometry: KernelGeometry(3, padding: 2)),
    // Panels that are not full, borders on some sides, steps, gaps, other kernels.
    Case(input: Shape(2, 5, 6, 3), output: 19),
    Case(input: Shape(2, 5, 6, 8), output: 1),
    Case(input: Shape(2, 9, 8, 5), output: 16, geometry: KernelGeometry(3, stride: 2)),
    Case(input: Shape(2, 6, 8, 4), output: 20, geometry: .halving()),
    Case(input: Shape(2, 7, 6, 4), output: 16, geometry: KernelGeometry(3, dilation: 2)),
    Case(input: Shape(2, 7, 6, 4), output: 16, geometry: KernelGeometry(5)),
    Case(input: Shape(2, 4, 3, 20), output: 16, geometry: KernelGeometry(1)),
    Case(input: Shape(2, 1, 11, 16), output: 16, geometry: .line(3)),
    // Strides and wide padding, whose input gradients have spacing or negative padding; 7×7 scatters.
    Case(input: Shape(2, 12, 10, 16), output: 16, geometry: KernelGeometry(2, stride: 2)),
    Case(input: Shape(9, 7, 8, 20), output: 6, geometry: KernelGeometry(3, stride: 3)),
    Case(input: Shape(2, 11, 9, 4), output: 16, geometry: KernelGeometry(4, stride: 2, padding: 3)),
    Case(input: Shape(2, 9, 8, 3), output: 5, geometry: KernelGeometry(7, stride: 2)),
    Case(input: Shape(2, 5, 6, 16), output: 16, geometry: KernelGeometry(3, padding: 3)),
    Case(input: Shape(2, 1, 24, 16), output: 16, geometry: .line(4, stride: 2, padding: 1)),
  ]

  /// One way to compute all three parts.
  struct Way: Sendable, CustomTestStringConvertible {
    let algorithm: ConvolutionAlgorithm
    let level: Int
    var testDescription: String { "\(algorithm) at level \(level)" }
  }

  static let ways = ConvolutionAlgorithm.allCases.flatMap { algorithm in
    ([.indirect, .winograd, .winograd2].contains(algorithm) ? [1, 3, 4] : [0]).map {
      Way(algorithm: algorithm, level: $0)
    }
  }

  @Test("output and both gradients are those of a plain loop", arguments: cases, ways)
  func agreesWithPlainLoop(_ test: Case, _ way: Way) {
    let convolution = PlainConvolution(test.input, test.output, test.geometry, seed: 5)
    let found = way.run { convolution.byLayer() }
    #expect(largestError(found.y, convolution.y) < 1e-5)
    #expect(largestError(found.dx, convolution.dx) < 1e-5)
    #expect(largestError(found.dw, convolution.dw) < 1e-5)
  }

  @Test("adds another tensor to the output", arguments: ways)
  func added(_ way: Way) {
    for (shape, output) in [(Shape(2, 6, 7, 16), 32), (Shape(1, 2, 5, 20), 19)] {
      let convolution = PlainConvolution(shape, output, KernelGeometry(3), seed: 10)
      let other = Tensor(convolution.yShape)
      other.fill(0.25)
      let found = way.run { convolution.byLayer(addedTo: other) }
      #expect(largestError(found, convolution.y.map { $0 + 0.25 }) < 1e-5)
    }
  }

  @Test("the same bits with any number of threads", arguments: ways)
  func bitsDoNotDependOnThreads(_ way: Way) {
    let convolution = PlainConvolution(Shape(5, 11, 10, 16), 32, KernelGeometry(3), seed: 6)
    let results = [1, 2, 5].map { workers in
      Parallel.$ownWorkers.withValue(workers) { way.run { convolution.byLayer() } }
    }
    for other in results.dropFirst() {
      #expect(other.y == results[0].y && other.dx == results[0].dx && other.dw == results[0].dw)
    }
  }

  @Test("without training, a sample is the same bits whatever is beside it")
  func bitsDoNotDependOnBatch() {
    for shape in [Shape(7, 9, 6, 32), Shape(7, 2, 2, 16), Shape(7, 4, 4, 64)] {
      let whole = PlainConvolution(shape, 32, KernelGeometry(3), seed: 7)
      let alone = PlainConvolution(shape.with(batch: 1), 32, KernelGeometry(3), of: whole)
      for isFixed in [false, true] {
        let first = Array(whole.evaluated(isFixed).prefix(alone.yShape.count))
        #expect(first == alone.evaluated(isFixed))
      }
    }
  }

  /// With the points 0, ±1 and ±2 of the textbook this error is about 2e-5 for tiles of 4×4.
  @Test(
    "Winograd's error stays within a few roundings of a plain sum's",
    arguments: [(ConvolutionAlgorithm.winograd, 8e-6), (ConvolutionAlgorithm.winograd2, 3e-6)])
  func winogradError(_ algorithm: ConvolutionAlgorithm, _ limit: Double) {
    let convolution = PlainConvolution(Shape(1, 8, 8, 128), 128, KernelGeometry(3), seed: 8)
    let found = Way(algorithm: algorithm, level: 0).run { convolution.byLayer() }
    #expect(largestError(found.y, convolution.y) < limit)
  }

  @Test(
    "small images take the small tiles of Winograd's algorithm",
    arguments: [(8, ConvolutionAlgorithm.winograd), (2, ConvolutionAlgorithm.winograd2)])
  func tilesThatFit(_ side: Int, _ expected: ConvolutionAlgorithm) {
    var table = ParameterTable()
    let layer = Conv2d(64, 64, "a", &table)
    let algorithms = layer.algorithms(for: Shape(64, side, side, 64))
    #expect(algorithms == [expected, expected, expected])
  }

  @Test("weights transformed for tiles of one size are never used for the other")
  func transformedWeights() {
    let convolution = PlainConvolution(Shape(1, 6, 6, 16), 16, KernelGeometry(3), seed: 9)
    let ways = [ConvolutionAlgorithm.winograd, .winograd2, .winograd].map {
      Way(algorithm: $0, level: 0)
    }
    for y in convolution.evaluated(inOnePass: ways) {
      #expect(largestError(y, convolution.y) < 1e-5)
    }
  }

  /// The largest error in units of the root mean square.
  private func largestError(_ found: [Float], _ expected: [Double]) -> Double {
    let square = expected.reduce(0) { $0 + $1 * $1 } / Double(expected.count)
    let largest = zip(found, expected).map { abs(Double($0) - $1) }.max() ?? .infinity
    return found.count == expected.count ? largest / square.squareRoot() : .infinity
  }
}

extension ConvolutionTests.Way {
  func run<Result>(_ body: () -> Result) -> Result {
    ConvolutionAlgorithm.$forced.withValue(algorithm) {
      ConvolutionAlgorithm.$level.withValue(level, operation: body)
    }
  }
}

/// A convolution of random numbers and its gradients, summed one by one in `Double`.
struct PlainConvolution {
  let xShape: Shape
  let yShape: Shape
  let geometry: KernelGeometry
  private let x: [Float]
  private let weight: [Float]  // (height, width, in, out)
  private let bias: [Float]
  private let dy: [Float]
  private(set) var y: [Double]
  private(set) var dx: [Double]
  private(set) var dw: [Double]

  init(_ input: Shape, _ output: Int, _ geometry: KernelGeometry, seed: UInt64) {
    var random = Random(seed: seed)
    let y = geometry.output(of: input, channels: output)
    let rows = geometry.taps * input.channels
    self.init(
      input, y, geometry, x: random.normals(input.count),
      weight: random.normals(rows * output).map { $0 / Float(rows).squareRoot() },
      bias: random.normals(output), dy: random.normals(y.count))
  }

  /// The first sample of another.
  init(_ input: Shape, _ output: Int, _ geometry: KernelGeometry, of other: PlainConvolution) {
    let y = geometry.output(of: input, channels: output)
    self.init(
      input, y, geometry, x: Array(other.x.prefix(input.count)), weight: other.weight,
      bias: other.bias, dy: Array(other.dy.prefix(y.count)))
  }

  private init(
    _ xShape: Shape, _ yShape: Shape, _ geometry: KernelGeometry, x: [Float], weight: [Float],
    bias: [Float], dy: [Float]
  ) {
    (self.xShape, self.yShape, self.geometry) = (xShape, yShape, geometry)
    (self.x, self.weight, self.bias, self.dy) = (x, weight, bias, dy)
    let channels = yShape.channels
    y = (0..<yShape.count).map { Double(bias[$0 % channels]) }
    dx = [Double](repeating: 0, count: xShape.count)
    dw = [Double](repeating: 0, count: weight.count)
    forEachPair { position, place, tap in
      for i in 0..<xShape.channels {
        for o in 0..<channels {
          let (here, there) = (place * xShape.channels + i, position * channels + o)
          let w = (tap * xShape.channels + i) * channels + o
          y[there] += Double(x[here]) * Double(weight[w])
          dx[here] += Double(dy[there]) * Double(weight[w])
          dw[w] += Double(x[here]) * Double(dy[there])
        }
      }
    }
  }

  /// Calls `body` with every position of the output, each position of the input it sees, and the tap.
  private func forEachPair(_ body: (_ position: Int, _ place: Int, _ tap: Int) -> Void) {
    for position in 0..<yShape.positions {
      let (sample, inside) = position.quotientAndRemainder(
        dividingBy: yShape.height * yShape.width)
      let top = inside / yShape.width * geometry.stride - geometry.top
      let left = inside % yShape.width * geometry.stride - geometry.left
      for tap in 0..<geometry.taps {
        let row = top + tap / geometry.width * geometry.dilation
        let column = left + tap % geometry.width * geometry.dilation
        guard (0..<xShape.height).contains(row), (0..<xShape.width).contains(column) else {
          continue
        }
        body(position, (sample * xShape.height + row) * xShape.width + column, tap)
      }
    }
  }

  private func layer(_ table: inout ParameterTable) -> (Conv2d, Tensor) {
    let layer = Conv2d(xShape.channels, yShape.channels, geometry, "a", &table)
    let block = table.makeBlock()
    block.assign(weight + bias)
    return (layer, block)
  }

  /// What the layer makes of the same numbers in training.
  func byLayer() -> (y: [Float], dx: [Float], dw: [Float]) {
    var table = ParameterTable()
    let (layer, weights) = layer(&table)
    let gradients = table.makeTrainableBlock()
    let pass = Pass(.train, table, weights: weights, gradients: gradients)
    let y = layer.forward(Tensor(xShape, x), pass)
    let dx = layer.backward(Tensor(yShape, dy), pass)
    return (y.values, dx.values, Array(gradients.values.prefix(weight.count)))
  }

  /// The layer's output by each algorithm in turn, in one pass that keeps transformed weights.
  func evaluated(inOnePass ways: [ConvolutionTests.Way]) -> [[Float]] {
    var table = ParameterTable()
    let (layer, weights) = layer(&table)
    let pass = Pass(.evaluate, fixed: Weights(copying: weights), table)
    return ways.map { way in way.run { layer.forward(Tensor(xShape, x), pass).values } }
  }

  /// The layer's output in evaluation, with weights that are fixed or not.
  func evaluated(_ isFixed: Bool) -> [Float] {
    var table = ParameterTable()
    let (layer, weights) = layer(&table)
    let pass =
      isFixed
      ? Pass(.evaluate, fixed: Weights(copying: weights), table)
      : Pass(.evaluate, table, weights: weights)
    return layer.forward(Tensor(xShape, x), pass).values
  }

  /// The layer's output, in training, added to another tensor.
  func byLayer(addedTo other: Tensor) -> [Float] {
    var table = ParameterTable()
    let (layer, weights) = layer(&table)
    let pass = Pass(
      .train, table, weights: weights, gradients: table.makeTrainableBlock())
    return layer.forward(Tensor(xShape, x), addedTo: other, pass).values
  }
}
