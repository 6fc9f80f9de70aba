import Diffusion

/// One convolution: its three parts, by every algorithm that can compute them.
struct LayerBenchmark {
  let input: Shape
  let output: Int
  var stride = 1

  /// Shapes of the networks that are measured whole, from the first level to the deepest.
  static let all: [LayerBenchmark] = [
    LayerBenchmark(input: Shape(32, 32, 32, 3), output: 16),
    LayerBenchmark(input: Shape(64, 28, 28, 16), output: 16),
    LayerBenchmark(input: Shape(64, 14, 14, 32), output: 32),
    LayerBenchmark(input: Shape(16, 28, 28, 64), output: 64),
    LayerBenchmark(input: Shape(16, 28, 28, 64), output: 1),
    LayerBenchmark(input: Shape(16, 28, 28, 64), output: 64, stride: 2),
    LayerBenchmark(input: Shape(16, 14, 14, 128), output: 128),
    LayerBenchmark(input: Shape(32, 7, 7, 128), output: 128),
    LayerBenchmark(input: Shape(64, 4, 4, 64), output: 64),
    LayerBenchmark(input: Shape(8, 16, 16, 384), output: 128),
    LayerBenchmark(input: Shape(8, 8, 8, 256), output: 256),
    LayerBenchmark(input: Shape(8, 4, 4, 256), output: 256),
    LayerBenchmark(input: Shape(8, 4, 4, 512), output: 512),
    LayerBenchmark(input: Shape(8, 2, 2, 512), output: 512),
    LayerBenchmark(input: Shape(1, 14, 14, 128), output: 128),
  ]

  /// One line a part: GFLOP/s per processor of each algorithm, which one the shapes choose, and whether another is more
  /// than a tenth faster on this machine.
  func run() {
    var table = ParameterTable()
    let layer = Conv2d(input.channels, output, stride: stride, "a", &table)
    let (weights, gradients) = (table.makeBlock(), table.makeTrainableBlock())
    var random = Random(seed: 0)
    weights.assign(random.normals(table.count).map { 0.1 * $0 })
    let pass = Pass(.train, table, weights: weights, gradients: gradients)
    let x = Tensor(input, random.normals(input.count))
    let y = layer.forward(x, pass)
    _ = pass.restore()
    let parts: [(String, () -> Void)] = [
      (
        "forward",
        {
          _ = layer.forward(x, pass)
          _ = pass.restore()
        }
      ),
      ("inputGradient", { _ = layer.inputGradient(y, x.shape, pass) }),
      ("weightGradient", { layer.addWeightGradient(y, x, pass) }),
    ]
    let operations = 18 * Double(y.shape.positions * input.channels * output)
    // A convolution with a stride scatters its gradient and has no choice there.
    for (index, (part, body)) in parts.enumerated() where stride == 1 || index != 1 {
      let chosen = layer.algorithms(for: input)[index]
      var speeds: [ConvolutionAlgorithm: Double] = [:]
      for algorithm in ConvolutionAlgorithm.allCases
      where layer.canUse(algorithm, part: index, for: input) {
        ConvolutionAlgorithm.$forced.withValue(algorithm) {
          speeds[algorithm] = operations / Timing(filling: 0.1, of: body).processor * 1e-6
        }
      }
      report(part, chosen, speeds)
    }
  }

  private func report(
    _ part: String, _ chosen: ConvolutionAlgorithm, _ speeds: [ConvolutionAlgorithm: Double]
  ) {
    let listed = speeds.sorted { $0.key.rawValue < $1.key.rawValue }
      .map { "\"\($0.key.rawValue)\": \($0.value.rounded())" }.joined(separator: ", ")
    let best = speeds.max { $0.value < $1.value }
    let isWrong = best.map { $0.value > 1.1 * (speeds[chosen] ?? 0) } ?? false
    print(
      "{\"layer\": \"\(input.batch)×\(input.height)×\(input.width), \(input.channels) to \(output)"
        + "\(stride == 1 ? "" : ", stride \(stride)")\", \"part\": \"\(part)\", "
        + "\"gigaflops\": {\(listed)}, \"chosen\": \"\(chosen.rawValue)\""
        + (isWrong ? ", \"faster\": \"\(best.map(\.key.rawValue) ?? "")\"" : "") + "}")
  }
}
