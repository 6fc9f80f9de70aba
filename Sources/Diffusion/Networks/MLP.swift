/// A multilayer perceptron conditioned on the noise level.
public struct MLPConfiguration: Architecture {
  public static let name = "mlp"
  public static let meaning = "a multilayer perceptron conditioned on the noise level, for points"
  public static let exampleShape = Shape(1, 1, 1, 2)

  /// The widths of the hidden layers.
  public var hidden = [16, 128, 128, 128, 128, 16]
  /// The number of classes it is conditioned on, 0 for none.
  public var classes = 0

  public init() {}

  public static let table: [Setting<Self>] = [
    .integers(\.hidden, "hidden", 1...8192, atMost: 32, "widths of the hidden layers"),
    .classes(\.classes),
  ]

  public func makeNetwork(for sampleShape: Shape) -> Network {
    .mlp(sampleShape, hidden: hidden, classes: classes)
  }
}

extension Network {
  /// A multilayer perceptron conditioned on the noise level: `[x, sin ½ ln σ, cos ½ ln σ]` through
  /// linear layers with GELUs between.
  ///
  /// Names `net.0`, `net.2`, … as in smalldiffusion's `TimeInputMLP`; `hidden` are the widths
  /// between. With `classes` it is its `ConditionalMLP`: four more inputs come from the label, one
  /// past the last of which stands for any class.
  package static func mlp(_ sampleShape: Shape, hidden: [Int], classes: Int = 0) -> Network {
    var table = ParameterTable()
    let size = sampleShape.sampleCount
    let labelWidth = classes > 0 ? 4 : 0
    let widths = [size + labelWidth + 2] + hidden + [size]
    var layers: [any Layer] = [Reshape(1, 1, size), AppendCondition()]
    for index in 0..<widths.count - 1 {
      if index > 0 { layers.append(GELU()) }
      layers.append(Linear(widths[index], widths[index + 1], "net.\(2 * index)", &table))
    }
    layers.append(Reshape(sampleShape.height, sampleShape.width, sampleShape.channels))
    let condition = Concatenate {
      SigmaEmbedding()
      if classes > 0 { labelEmbedding(classes, labelWidth, "cond_embed", &table) }
    }
    return Network(
      name: "mlp", sampleShape: sampleShape, noiseInput: .sigma, classes: classes,
      nullLabel: classes > 0 ? classes : nil, table: table,
      body: Conditioned(condition) { Sequential(layers) })
  }
}

/// smalldiffusion's `CondEmbedderLabel`: a row a class and one for the null label, then a SiLU and
/// a linear layer.
func labelEmbedding(
  _ classes: Int, _ channels: Int, _ name: String, _ table: inout ParameterTable
) -> any Layer {
  Sequential {
    LabelEmbedding(classes + 1, channels, name + ".embeddings", &table)
    SiLU()
    Linear(channels, channels, name + ".mlp.1", &table)
  }
}

/// smalldiffusion's `SigmaEmbedderSinCos`: (sin ½ ln σ, cos ½ ln σ) through two linear layers.
func sigmaEmbedder(
  _ channels: Int, _ name: String, _ table: inout ParameterTable
) -> any Layer {
  Sequential {
    SigmaEmbedding()
    Linear(2, channels, name + ".mlp.0", &table)
    SiLU()
    Linear(channels, channels, name + ".mlp.2", &table)
  }
}
