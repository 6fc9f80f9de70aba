/// The sides of the plain residual network.
public struct ResidualCNNConfiguration: Sendable, Hashable {
  /// Channels of every block.
  public var channels: Int
  /// The number of residual blocks.
  public var blocks: Int
  /// Groups of every group norm.
  public var groups: Int
  public var noiseInput: Network.NoiseInput

  public init(
    channels: Int = 32, blocks: Int = 8, groups: Int = 8,
    noiseInput: Network.NoiseInput = .sigma
  ) {
    self.channels = channels
    self.blocks = blocks
    self.groups = groups
    self.noiseInput = noiseInput
  }
}

extension Network {
  /// Residual blocks one after the other at full size, without down-sampling: what a U-Net of
  /// equally many parameters is compared with.
  ///
  /// Every position sees only its neighbourhood, two more on each side with every block.
  ///
  /// Source: the plain stack of He et al. 2015, <https://arxiv.org/abs/1512.03385>, with the blocks
  /// of the small U-Net.
  public static func residualCNN(
    _ sampleShape: Shape, _ configuration: ResidualCNNConfiguration
  ) -> Network {
    var table = ParameterTable()
    let channels = configuration.channels
    let embed = noiseEmbedding(channels, configuration.noiseInput, &table)
    let body = Conditioned(embed) {
      convolution(of: sampleShape, sampleShape.channels, channels, "conv_in", &table)
      for index in 0..<configuration.blocks {
        residualBlock(
          of: sampleShape, channels, channels, embedding: 4 * channels,
          groups: configuration.groups, "blocks.\(index)", &table)
      }
      GroupNorm(configuration.groups, channels, "norm_out", &table)
      SiLU()
      convolution(of: sampleShape, channels, sampleShape.channels, "conv_out", &table)
    }
    return Network(
      name: "residual-cnn", sampleShape: sampleShape, noiseInput: configuration.noiseInput,
      scalesInput: true, table: table, body: body)
  }
}
