extension Network {
  /// diffusers' `UNet2DModel`, all of its tensors under their names there.
  ///
  /// ```
  /// conv_in ─ down_blocks.0 ───────────────────────────── up_blocks.n ─ conv_norm_out ─ conv_out
  ///              └─ ↓ down_blocks.1 … mid_block … up_blocks.0 ↑ ─┘
  /// ```
  ///
  /// Every residual block of a down block, with its attention, every halving and `conv_in` are
  /// taken back by one residual block of the up blocks. With the hyperparameters of
  /// google/ddpm-cifar10-32 it has 35,746,307 parameters in 328 tensors.
  ///
  /// - Precondition: ``UNet2DConfiguration/problem(with:)`` finds none.
  ///
  /// Source: Ho et al. 2020, <https://arxiv.org/abs/2006.11239>, as generalised by diffusers.
  package static func unet2D(_ sampleShape: Shape, _ configuration: UNet2DConfiguration) -> Network
  {
    let c = configuration
    if let problem = c.problem(with: sampleShape) { preconditionFailure(problem) }
    var parts = UNet2DParts(configuration: c)
    let widths = c.blockOutChannels
    let stem = widths[0]
    let lastLevel = widths.count - 1

    let convIn = Conv2d(c.inChannels, stem, "conv_in", &parts.table)
    let embed = parts.embedding()

    var down: [any Layer] = [convIn]
    for level in 0...lastLevel {
      let name = "down_blocks.\(level)"
      for index in 0..<c.layersPerBlock {
        let input = index == 0 ? widths[max(level - 1, 0)] : widths[level]
        down.append(
          parts.stage(c.downBlocks[level], input, widths[level], index, name))
      }
      if level < lastLevel {
        let geometry =
          c.downsamplePadding == 0 ? .halving() : KernelGeometry(3, stride: 2, padding: 1)
        down.append(
          Conv2d(
            widths[level], widths[level], geometry, name + ".downsamplers.0.conv", &parts.table))
      }
    }

    let middle = c.hasMidBlock ? parts.middle(widths[lastLevel]) : []

    var up: [any Layer] = []
    for (number, level) in (0...lastLevel).reversed().enumerated() {
      let name = "up_blocks.\(number)"
      for index in 0...c.layersPerBlock {
        let input = index == 0 ? widths[min(level + 1, lastLevel)] : widths[level]
        let skip = index == c.layersPerBlock ? widths[max(level - 1, 0)] : widths[level]
        var stage: [any Layer] = [
          parts.stage(c.upBlocks[number], input + skip, widths[level], index, name)
        ]
        if index == c.layersPerBlock && level > 0 {
          stage.append(Upsample())
          stage.append(
            Conv2d(widths[level], widths[level], name + ".upsamplers.0.conv", &parts.table))
        }
        up.append(Sequential(stage))
      }
    }
    let normOut = parts.norm(stem, "conv_norm_out")
    let convOut = Conv2d(stem, c.outChannels, "conv_out", &parts.table)
    parts.arrange()

    let body = Sequential {
      Conditioned(embed) {
        if c.centerInputSample { Affine(scale: 2, shift: -1) }
        UShape(down: { down }, middle: { middle }, up: { up })
        normOut
        SiLU()
        convOut
      }
      if c.timeEmbedding == .fourier { DivideByCondition() }
    }
    return Network(
      name: "unet2d", sampleShape: sampleShape, noiseInput: .timestep,
      classes: c.classes, timestepLimit: c.timestepRows,
      needsPositiveTimestep: c.timeEmbedding == .fourier, learnsVariance: c.learnsVariance,
      table: parts.table, body: body)
  }
}

extension UNet2DConfiguration {
  /// What cannot be computed here for samples of a shape, as a sentence, or nil; that groups and
  /// heads divide the channels is checked where the configuration is read.
  package func problem(with s: Shape) -> String? {
    if s.channels != inChannels || !(outChannels == inChannels || learnsVariance) {
      return
        "in_channels is \(inChannels) and out_channels \(outChannels); both must be \(s.channels), or the "
        + "latter twice that"
    }
    let halvings = 1 << (blockOutChannels.count - 1)
    if !s.height.isMultiple(of: halvings) || !s.width.isMultiple(of: halvings) {
      return "sides must be multiples of \(halvings)"
    }
    return nil
  }
}

extension UNet2DConfiguration {
  /// The rows of the table of timesteps, where the embedding is learned.
  fileprivate var timestepRows: Int? {
    timeEmbedding == .learned ? numTrainTimesteps ?? 1000 : nil
  }
}

/// Makes the parts of a `UNet2DModel` with their names there.
private struct UNet2DParts {
  let configuration: UNet2DConfiguration
  var table = ParameterTable()

  private var embeddingWidth: Int { configuration.timeEmbeddingLength }

  init(configuration: UNet2DConfiguration) { self.configuration = configuration }

  mutating func norm(_ channels: Int, groups: Int? = nil, _ name: String) -> GroupNorm {
    GroupNorm(
      groups ?? configuration.normNumGroups, channels, epsilon: Float(configuration.normEps), name,
      &table)
  }

  /// The timestep's waves through two linear layers, plus what the class has.
  mutating func embedding() -> any Layer {
    let width = embeddingWidth
    let waves = waves()
    let time = Sequential([waves] + perceptron("time_embedding"))
    let label: (any Layer)? =
      switch configuration.classEmbedding {
      case .timestep: Sequential([ClassNumber(), waves] + perceptron("class_embedding"))
      case .identity: ClassVector(width)
      case nil:
        configuration.numClassEmbeds.map {
          LabelEmbedding($0, width, "class_embedding", &table)
        }
      }
    return Sum {
      time
      if let label { label }
    }
  }

  /// A number a sample as many.
  private mutating func waves() -> any Layer {
    let stem = configuration.blockOutChannels[0]
    return switch configuration.timeEmbedding {
    case .positional:
      TimestepEmbedding(
        stem, shift: configuration.freqShift, cosineFirst: configuration.flipSinToCos)
    case .fourier: FourierEmbedding(stem, scale: 16, "time_proj", &table)
    case .learned:
      TimestepTable(
        configuration.timestepRows ?? 1, stem, .normal(deviation: 1), "time_proj", &table)
    }
  }

  private mutating func perceptron(_ name: String) -> [any Layer] {
    let stem = configuration.blockOutChannels[0]
    let input = configuration.timeEmbedding == .fourier ? 2 * stem : stem
    return [
      Linear(input, embeddingWidth, name + ".linear_1", &table), SiLU(),
      Linear(embeddingWidth, embeddingWidth, name + ".linear_2", &table),
    ]
  }

  /// A residual block, and attention where the block has it.
  mutating func stage(
    _ block: UNet2DConfiguration.Block, _ input: Int, _ output: Int, _ index: Int, _ name: String
  ) -> any Layer {
    let residual = residual(input, output, "\(name).resnets.\(index)")
    guard block == .attention else { return residual }
    let attention = attention(
      output, groups: configuration.normNumGroups, "\(name).attentions.\(index)")
    return Sequential([residual, attention])
  }

  mutating func middle(_ width: Int) -> [any Layer] {
    let scale = configuration.midBlockScaleFactor
    let first = residual(width, width, scale: scale, "mid_block.resnets.0")
    let attention =
      configuration.addAttention
      ? [
        attention(
          width, groups: configuration.midAttentionGroups, scale: scale, "mid_block.attentions.0")
      ] : []
    return [first] + attention + [residual(width, width, scale: scale, "mid_block.resnets.1")]
  }

  /// (x + conv(dropout(act(norm(conv(act(norm(x))) + embed(act(condition)))))))/scale.
  private mutating func residual(
    _ input: Int, _ output: Int, scale: Double = 1, _ name: String
  ) -> any Layer {
    let c = configuration
    let norm1 = norm(input, name + ".norm1")
    let conv1 = Conv2d(input, output, name + ".conv1", &table)
    let embed = Linear(
      embeddingWidth, (c.timeScaleShift == .scaleShift) ? 2 * output : output,
      name + ".time_emb_proj", &table)
    let norm2 = norm(output, name + ".norm2")
    let conv2 = Conv2d(output, output, name + ".conv2", &table)
    let shortcut =
      input == output ? nil : Conv2d(input, output, kernel: 1, name + ".conv_shortcut", &table)
    let projection = Sequential([activation, embed])
    let block = Residual(shortcut: shortcut) {
      norm1
      activation
      conv1
      if c.timeScaleShift == .scaleShift {
        norm2
        Conditioned(projection) { Modulate(scale: 0, shift: output) }
      } else {
        Conditioned(projection) { AddCondition() }
        norm2
      }
      activation
      Dropout(c.dropout)
      conv2
    }
    return scaled(block, by: scale)
  }

  /// (x + project(attention(norm(x))))/scale.
  private mutating func attention(
    _ channels: Int, groups: Int?, scale: Double = 1, _ name: String
  ) -> any Layer {
    var norms: [any Layer] = []
    if let groups { norms.append(norm(channels, groups: groups, name + ".group_norm")) }
    let heads = configuration.heads(channels: channels)
    let width = heads * (configuration.attentionHeadDim ?? channels)
    let parts = ["to_q", "to_k", "to_v"].map { part -> any Layer in
      Linear(channels, width, "\(name).\(part)", &table)
    }
    let attention = Attention(heads: heads)
    let project = Linear(width, channels, name + ".to_out.0", &table)
    let block = Residual {
      norms
      Concatenate { parts }
      attention
      project
    }
    return scaled(block, by: scale)
  }

  private func scaled(_ layer: any Layer, by scale: Double) -> any Layer {
    scale == 1 ? layer : Sequential([layer, Affine(scale: 1 / Float(scale), shift: 0)])
  }

  private var activation: any Layer {
    switch configuration.activation {
    case .silu: SiLU()
    case .mish: Mish()
    case .gelu: GELU()
    case .relu: ReLU()
    }
  }

  /// The order of the library's state dict, which lists attention before residual blocks, and up
  /// blocks before the middle, though it makes them the other way round.
  mutating func arrange() {
    let levels = configuration.blockOutChannels.indices
    func blocks(_ name: String, _ resampling: String) -> [String] {
      levels.flatMap { level in
        ["attentions", "resnets", resampling].map { "\(name).\(level).\($0)" }
      }
    }
    table.arrange(
      by: ["conv_in", "time_proj", "time_embedding", "class_embedding"]
        + blocks("down_blocks", "downsamplers") + blocks("up_blocks", "upsamplers")
        + ["mid_block.attentions", "mid_block.resnets", "conv_norm_out", "conv_out"])
  }
}
