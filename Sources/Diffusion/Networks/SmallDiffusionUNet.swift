/// smalldiffusion's U-Net.
package struct SmallDiffusionUNetConfiguration: Architecture {
  package static let name = "smalldiffusion-unet"
  package static let meaning = "smalldiffusion's U-Net: group norm, attention at chosen resolutions"

  /// Channels of the first level, a multiple of 32.
  package var channels: Int
  /// Channels of each level, as multiples of ``channels``; each level halves height and width.
  package var multipliers: [Int]
  /// Residual blocks of a level on the way down; one more on the way up.
  package var blocks: Int
  /// The sides of images at which attention follows every block.
  package var attention: [Int]
  /// The part of the numbers that dropout sets to zero in training, in [0, 1).
  package var dropout: Double
  /// The number of classes it is conditioned on, 0 for none.
  package var classes: Int

  /// The network, by default as in smalldiffusion.
  package init(
    channels: Int = 128, multipliers: [Int] = [1, 2, 2, 2], blocks: Int = 2,
    attention: [Int] = [16], dropout: Double = 0.1, classes: Int = 0
  ) {
    self.channels = channels
    self.multipliers = multipliers
    self.blocks = blocks
    self.attention = attention
    self.dropout = dropout
    self.classes = classes
  }

  /// The hyperparameters of recipes by default: those for Fashion-MNIST.
  package init() { self.init(channels: 64, multipliers: [1, 1, 2], attention: [14]) }

  package static let table: [Setting<Self>] = [
    .integer(
      \.channels, "channels", 32...1024, step: 32, "channels of the first level, a multiple of 32"),
    .multipliers(\.multipliers),
    .integer(
      \.blocks, "blocks", 1...8, "residual blocks per level going down, one more going up"),
    .integers(
      \.attention, "attention", 0...1024, atMost: 6,
      "resolutions at which attention follows every block; `[0]` for attention in the middle only"
    ),
    .real(
      \.dropout, "dropout", Interval(0..<1), "dropout probability"),
    .classes(\.classes),
  ]

  package var conflict: SettingConflict? {
    guard !channels.isMultiple(of: 32) else { return nil }
    return SettingConflict(
      ["channels"],
      "network.channels is \(channels); expected a multiple of 32: its norms have 32 groups")
  }

  package func expectation(unmetBy sampleShape: Shape) -> String? {
    let multiple = 1 << (multipliers.count - 1)
    return sampleShape.height == sampleShape.width && sampleShape.height.isMultiple(of: multiple)
      ? nil : "square images whose size is a multiple of \(multiple)"
  }

  package func makeNetwork(for sampleShape: Shape) -> Network {
    .smallDiffusionUNet(sampleShape, self)
  }
}

extension Network {
  /// smalldiffusion's `Unet` inside its `Scaled`: residual blocks with group norms of 32 groups,
  /// attention at chosen resolutions and in the middle, an embedding of σ added in every block.
  ///
  /// With 64 channels × (1, 1, 2), attention at 14 and images of 28×28 it has 4,424,833
  /// parameters in 250 tensors.
  ///
  /// - Precondition: sides are equal, and stay whole when every level but the last halves them.
  ///
  /// Source: Permenter and Yuan 2024, <https://arxiv.org/abs/2306.04848>, after Ho et al. 2020.
  package static func smallDiffusionUNet(
    _ sampleShape: Shape, _ configuration: SmallDiffusionUNetConfiguration
  ) -> Network {
    var table = ParameterTable()
    let stem = configuration.channels
    let width = 4 * stem
    let widths = [stem] + configuration.multipliers.map { $0 * stem }
    let lastLevel = widths.count - 2
    let classes = configuration.classes

    // The label's embedding is made before the network that takes it, but listed after its first
    // part.
    let label = classes > 0 ? labelEmbedding(classes, width, "cond_embed", &table) : nil
    let sigma = sigmaEmbedder(width, "sig_embed", &table)
    let embed = Sum {
      sigma
      if let label { label }
    }
    let convIn = Conv2d(sampleShape.channels, stem, "conv_in", &table)

    var side = sampleShape.height
    func stage(_ input: Int, _ output: Int, _ name: String) -> [any Layer] {
      let block = residualBlock(input, output, width, configuration.dropout, name + ".0", &table)
      guard configuration.attention.contains(side) else { return [block] }
      return [block, attentionBlock(output, name + ".1", &table)]
    }

    var down: [any Layer] = [convIn]
    for level in 0...lastLevel {
      for index in 0..<configuration.blocks {
        let input = index == 0 ? widths[level] : widths[level + 1]
        down.append(Sequential(stage(input, widths[level + 1], "downs.\(level).blocks.\(index)")))
      }
      guard level < lastLevel else { break }
      down.append(
        Conv2d(
          widths[level + 1], widths[level + 1], .halving(), "downs.\(level).downsample.1", &table))
      side /= 2
    }

    let deepest = widths[lastLevel + 1]
    let middle = Sequential {
      residualBlock(deepest, deepest, width, configuration.dropout, "mid.0", &table)
      attentionBlock(deepest, "mid.1", &table)
      residualBlock(deepest, deepest, width, configuration.dropout, "mid.2", &table)
    }

    var up: [any Layer] = []
    var input = deepest
    for level in (0...lastLevel).reversed() {
      let name = "ups.\(lastLevel - level)"
      let output = widths[level + 1]
      for index in 0...configuration.blocks {
        let skip = index == configuration.blocks ? widths[level] : output
        var layers = stage(input + skip, output, "\(name).blocks.\(index)")
        input = output
        if index == configuration.blocks && level > 0 {
          layers += [Upsample(), Conv2d(output, output, name + ".upsample.1", &table)]
          side *= 2
        }
        up.append(Sequential(layers))
      }
    }
    let normOut = GroupNorm(32, input, epsilon: 1e-6, "out_layer.0", &table)
    let convOut = Conv2d(input, sampleShape.channels, "out_layer.2", &table)
    table.arrange(by: ["sig_embed.", "cond_embed.", ""])

    let body = Conditioned(embed) {
      UShape(down: { down }, middle: { middle }, up: { up })
      normOut
      SiLU()
      convOut
    }
    return Network(
      name: "smalldiffusion-unet", sampleShape: sampleShape, noiseInput: .sigma, scalesInput: true,
      classes: classes, nullLabel: classes > 0 ? classes : nil, table: table, body: body)
  }
}

/// x + conv(dropout(SiLU(norm(conv(SiLU(norm(x))) + embed(SiLU(condition)))))).
private func residualBlock(
  _ input: Int, _ output: Int, _ embedding: Int, _ dropout: Double, _ name: String,
  _ table: inout ParameterTable
) -> any Layer {
  let norm1 = GroupNorm(32, input, epsilon: 1e-6, name + ".layer1.0", &table)
  let conv1 = Conv2d(input, output, name + ".layer1.2", &table)
  let embed = Linear(embedding, output, name + ".temb_proj.1", &table)
  let norm2 = GroupNorm(32, output, epsilon: 1e-6, name + ".layer2.0", &table)
  let conv2 = Conv2d(output, output, name + ".layer2.3", &table)
  let shortcut =
    input == output ? nil : Conv2d(input, output, kernel: 1, name + ".shortcut", &table)
  return Residual(shortcut: shortcut) {
    norm1
    SiLU()
    conv1
    Conditioned(Sequential([SiLU(), embed])) { AddCondition() }
    norm2
    SiLU()
    Dropout(dropout)
    conv2
  }
}

/// x + conv(project(attention(norm(x)))), one head.
private func attentionBlock(
  _ channels: Int, _ name: String, _ table: inout ParameterTable
) -> any Layer {
  Residual {
    GroupNorm(32, channels, epsilon: 1e-6, name + ".norm", &table)
    Linear(channels, 3 * channels, bias: false, name + ".attn.qkv", &table)
    Attention()
    Linear(channels, channels, name + ".attn.proj", &table)
    Conv2d(channels, channels, kernel: 1, name + ".proj_out", &table)
  }
}
