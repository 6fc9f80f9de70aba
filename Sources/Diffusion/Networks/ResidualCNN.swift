/// A plain residual network, to compare a U-Net with.
package struct ResidualCNNConfiguration: Architecture {
  package static let name = "residual-cnn"
  package static let meaning = "the blocks of `unet` in sequence at full resolution, for comparison"

  /// Channels of every block.
  package var channels: Int
  /// The number of residual blocks.
  package var blocks: Int
  /// Groups of every group norm; nil for 8, or 1 where 8 does not divide the channels.
  package var groups: Int?
  /// How it is conditioned on the noise level.
  package var noiseInput: Network.NoiseInput

  /// The network; `groups` nil means 8, or 1 where 8 does not divide the channels.
  package init(
    channels: Int = 32, blocks: Int = 8, groups: Int? = nil,
    noiseInput: Network.NoiseInput = .sigma
  ) {
    self.channels = channels
    self.blocks = blocks
    self.groups = groups
    self.noiseInput = noiseInput
  }

  package init() { self.init(channels: 32) }

  package static let table: [Setting<Self>] = [
    .integer(\.channels, "channels", 4...512, "channels of every block"),
    .integer(\.blocks, "blocks", 1...64, "residual blocks"),
    .groups(\.groups), .noise(\.noiseInput),
  ]

  package var conflict: SettingConflict? { groupConflict(groupCount, channels: channels) }
  var groupCount: Int { groups ?? standardGroups(channels) }

  package func makeNetwork(for sampleShape: Shape) -> Network { .residualCNN(sampleShape, self) }
}

extension Network {
  /// Residual blocks one after the other at full size, without down-sampling: what a U-Net of
  /// equally many parameters is compared with.
  ///
  /// Every position sees only its neighbourhood, two more on each side with every block.
  ///
  /// Source: the plain stack of He et al. 2015, <https://arxiv.org/abs/1512.03385>, with the blocks
  /// of the small U-Net.
  package static func residualCNN(
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
          groups: configuration.groupCount, "blocks.\(index)", &table)
      }
      GroupNorm(configuration.groupCount, channels, "norm_out", &table)
      SiLU()
      convolution(of: sampleShape, channels, sampleShape.channels, "conv_out", &table)
    }
    return Network(
      name: "residual-cnn", sampleShape: sampleShape, noiseInput: configuration.noiseInput,
      scalesInput: true, table: table, body: body)
  }
}
