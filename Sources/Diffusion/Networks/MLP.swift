extension Network {
  /// A multilayer perceptron that is told the noise level: `[x, sin ½ ln σ, cos ½ ln σ]` through
  /// linear layers with GELUs between.
  ///
  /// Names `net.0`, `net.2`, … as in smalldiffusion's `TimeInputMLP`; `hidden` are the widths
  /// between.
  public static func mlp(_ sampleShape: Shape, hidden: [Int]) -> Network {
    var table = ParameterTable()
    let size = sampleShape.sampleCount
    let widths = [size + 2] + hidden + [size]
    var layers: [any Layer] = [Reshape(1, 1, size), AppendCondition()]
    for index in 0..<widths.count - 1 {
      if index > 0 { layers.append(GELU()) }
      layers.append(Linear(widths[index], widths[index + 1], "net.\(2 * index)", &table))
    }
    layers.append(Reshape(sampleShape.height, sampleShape.width, sampleShape.channels))
    let body = Conditioned(SigmaEmbedding()) { Sequential(layers) }
    return Network(
      name: "mlp", sampleShape: sampleShape, noiseInput: .sigma, scalesInput: false, table: table,
      body: body)
  }
}
