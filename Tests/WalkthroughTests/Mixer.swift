public import Diffusion

/// The hyperparameters of an MLP-Mixer.
public struct MixerConfiguration: Architecture {
  public static let name = "mixer"
  public static let meaning = "an MLP-Mixer: linear layers mix patches, then the channels of each"

  public var patch = 2
  public var width = 64
  public var depth = 4
  /// The number of classes it is conditioned on, 0 for none.
  public var classes = 0

  public init() {}

  public static let table: [Setting<Self>] = [
    .integer(\.patch, "patch", 1...64, "side of the square patches that become tokens"),
    .integer(\.width, "width", 4...4096, step: 4, "channels of a token, a multiple of 4"),
    .integer(\.depth, "depth", 1...64, "blocks"), .classes(\.classes),
  ]

  public var conflict: SettingConflict? {
    width.isMultiple(of: 4)
      ? nil : SettingConflict(["width"], "network.width is \(width); expected a multiple of 4")
  }

  public func expectation(unmetBy s: Shape) -> String? {
    s.height.isMultiple(of: patch) && s.width.isMultiple(of: patch)
      ? nil : "images whose sides are multiples of network.patch = \(patch)"
  }

  public func makeNetwork(for sampleShape: Shape) -> Network { .mixer(sampleShape, self) }
}

extension Network {
  /// An MLP-Mixer for images: linear layers mix the tokens and the channels of each in turn.
  ///
  /// Source: Tolstikhin et al. 2021, <https://arxiv.org/abs/2105.01601>.
  public static func mixer(_ sampleShape: Shape, _ configuration: MixerConfiguration) -> Network {
    var table = ParameterTable()
    let (patch, width, channels) = (configuration.patch, configuration.width, sampleShape.channels)
    let (rows, columns) = (sampleShape.height / patch, sampleShape.width / patch)
    let embed = Sum {
      noiseEmbedding(width / 4, .sigma, &table)
      if configuration.classes > 0 {
        LabelEmbedding(configuration.classes + 1, width, "class_embed", &table)
      }
    }
    let body = Conditioned(embed) {
      Conv2d(channels, width, kernel: patch, stride: patch, padding: 0, "patches", &table)
      Reshape(1, rows * columns, width)
      for index in 0..<configuration.depth {
        Residual {
          AddCondition()
          LayerNorm()
          Transpose()
          perceptron(rows * columns, "blocks.\(index).tokens", &table)
          Transpose()
        }
        Residual {
          LayerNorm()
          perceptron(width, "blocks.\(index).numbers", &table)
        }
      }
      Linear(width, patch * patch * channels, "out", &table)
      Reshape(rows, columns, patch * patch * channels)
      Unpatch(patch, channels)
    }
    return Network(
      name: "mixer", sampleShape: sampleShape, noiseInput: .sigma, scalesInput: true,
      classes: configuration.classes,
      nullLabel: configuration.classes > 0 ? configuration.classes : nil, table: table,
      body: body)
  }
}

private func perceptron(_ size: Int, _ name: String, _ table: inout ParameterTable) -> any Layer {
  let up = Linear(size, 2 * size, name + ".0", &table)
  let down = Linear(2 * size, size, name + ".2", &table)
  return Sequential([up, GELU(), down])
}
