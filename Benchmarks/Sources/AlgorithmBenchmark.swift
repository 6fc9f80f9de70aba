import Diffusion

/// The three parts of a convolution, by every algorithm that can compute them.
struct AlgorithmBenchmark {
  let convolution: ConvolutionShape

  /// One line a part: GFLOP/s per processor of each algorithm, which one the shapes choose, and whether another is more
  /// than a tenth faster on this machine.
  func run() {
    let (input, output, stride) = (convolution.input, convolution.output, convolution.stride)
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
    for (index, (part, body)) in parts.enumerated() {
      let chosen = layer.algorithms(for: input)[index]
      var speeds: [ConvolutionAlgorithm: Double] = [:]
      for algorithm in ConvolutionAlgorithm.allCases
      where layer.canUse(algorithm, part: index, for: input) {
        ConvolutionAlgorithm.$forced.withValue(algorithm) {
          let time = Timing(filling: 0.1, of: body).milliseconds.processor
          speeds[algorithm] = operations / time * 1e-6
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
      "{\"name\": \"\(convolution.name)\", \"part\": \"\(part)\", "
        + "\"gigaflops\": {\(listed)}, \"chosen\": \"\(chosen.rawValue)\""
        + (isWrong ? ", \"faster\": \"\(best.map(\.key.rawValue) ?? "")\"" : "") + "}")
  }
}
