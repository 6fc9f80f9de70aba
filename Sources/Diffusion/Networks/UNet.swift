/// The sides of the small U-Net.
public struct UNetConfiguration: Sendable, Hashable {
  /// Channels of the first level.
  public var channels: Int
  /// Channels of each level, as multiples of ``channels``; each level halves height and width.
  public var multipliers: [Int]
  /// Residual blocks of a level, on the way down and again on the way up.
  public var blocks: Int
  /// Groups of every group norm.
  public var groups: Int
  public var noiseInput: Network.NoiseInput

  public init(
    channels: Int = 32, multipliers: [Int] = [1, 2], blocks: Int = 2, groups: Int = 8,
    noiseInput: Network.NoiseInput = .sigma
  ) {
    self.channels = channels
    self.multipliers = multipliers
    self.blocks = blocks
    self.groups = groups
    self.noiseInput = noiseInput
  }
}

extension Network {
  /// A small residual U-Net for pictures of any side.
  ///
  /// ```
  /// x ─ conv_in ─ block ─ block ──────────────────────────────── block ─ block ─ norm ─ conv_out
  ///                 └───────┴── ↓2 ─ block ─ block ── … ↑2 ────────┴───────┘
  ///                                    └───── middle ───┘
  /// ```
  public static func unet(_ sampleShape: Shape, _ configuration: UNetConfiguration) -> Network {
    var table = ParameterTable()
    let stem = configuration.channels
    let embedding = 4 * stem
    let widths = configuration.multipliers.map { $0 * stem }
    let levels = widths.indices
    func block(_ input: Int, _ output: Int, _ name: String) -> any Layer {
      residualBlock(input, output, embedding, configuration.groups, name, &table)
    }

    let timesteps = configuration.noiseInput == .timestep
    let embed = Sequential {
      if timesteps { TimestepEmbedding(stem) } else { SigmaEmbedding() }
      Linear(timesteps ? stem : 2, embedding, "noise_embed.0", &table)
      SiLU()
      Linear(embedding, embedding, "noise_embed.2", &table)
    }
    let convIn = Conv2d(sampleShape.channels, stem, "conv_in", &table)

    var width = stem
    var skips: [Int] = []
    var down: [any Layer] = []
    for level in levels {
      for index in 0..<configuration.blocks {
        let name = "down.\(down.count)"
        var stage: [any Layer] = []
        if index == 0 && level > 0 {
          stage.append(Conv2d(width, width, stride: 2, name + ".downsample", &table))
        }
        stage.append(block(width, widths[level], name + ".block"))
        down.append(Sequential(stage))
        width = widths[level]
        skips.append(width)
      }
    }

    let middle = [block(width, width, "middle.0"), block(width, width, "middle.1")]

    var up: [any Layer] = []
    for level in levels.reversed() {
      for index in 0..<configuration.blocks {
        let name = "up.\(up.count)"
        var stage = [block(width + skips.removeLast(), widths[level], name + ".block")]
        width = widths[level]
        if index == configuration.blocks - 1 && level > 0 {
          stage.append(Upsample())
          stage.append(Conv2d(width, width, name + ".upsample", &table))
        }
        up.append(Sequential(stage))
      }
    }

    let body = Conditioned(embed) {
      convIn
      UShape(down: { down }, middle: { middle }, up: { up })
      GroupNorm(configuration.groups, width, "norm_out", &table)
      SiLU()
      Conv2d(width, sampleShape.channels, "conv_out", &table)
    }
    return Network(
      name: "unet", sampleShape: sampleShape, noiseInput: configuration.noiseInput,
      scalesInput: true, table: table, body: body)
  }
}

/// x + conv(SiLU(norm(conv(SiLU(norm(x))) + embed(SiLU(condition))))), with a 1×1 convolution on
/// the straight way where the channels differ.
private func residualBlock(
  _ input: Int, _ output: Int, _ embedding: Int, _ groups: Int, _ name: String,
  _ table: inout ParameterTable
) -> any Layer {
  let norm1 = GroupNorm(groups, input, name + ".norm1", &table)
  let conv1 = Conv2d(input, output, name + ".conv1", &table)
  let embed = Linear(embedding, output, name + ".embed", &table)
  let norm2 = GroupNorm(groups, output, name + ".norm2", &table)
  let conv2 = Conv2d(output, output, name + ".conv2", &table)
  let shortcut =
    input == output ? nil : Conv2d(input, output, kernel: 1, name + ".shortcut", &table)
  return Residual(shortcut: shortcut) {
    norm1
    SiLU()
    conv1
    Conditioned(Sequential([SiLU(), embed])) { AddCondition() }
    norm2
    SiLU()
    conv2
  }
}
