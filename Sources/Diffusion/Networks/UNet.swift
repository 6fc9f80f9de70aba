/// A small residual U-Net for images and signals, with attention where it is asked for.
public struct UNetConfiguration: Architecture {
  public static let name = "unet"
  public static let meaning = "a small residual U-Net, for images, signals and sound"

  /// Channels of the first level.
  public var channels: Int
  /// Channels of each level, as multiples of ``channels``; each level halves height and width.
  public var multipliers: [Int]
  /// Residual blocks per level, on the way down and again on the way up.
  public var blocks: Int
  /// Groups of every group norm; nil for 8, or 1 where 8 does not divide the channels.
  public var groups: Int?
  /// How it is conditioned on the noise level.
  public var noiseInput: Network.NoiseInput
  /// The number of classes it is conditioned on, 0 for none.
  public var classes: Int
  /// How many times larger its samples are than the images that it enlarges, 0 if it takes none.
  public var enlargement = 0
  /// Whether it also predicts the variance of reverse steps.
  public var learnsVariance = false
  /// Whether it takes an earlier estimate of x_0.
  public var isSelfConditioned = false
  /// Values of a signal that become the channels of one position; 1 for images.
  public var patch: Int
  /// The levels, 1 the first, whose blocks are followed by attention, and the middle with the last of them;
  /// nil for none.
  public var attention: [Int]?
  /// Heads of every attention.
  public var heads: Int

  /// The network; `groups` nil means 8, or 1 where 8 does not divide the channels.
  public init(
    channels: Int = 32, multipliers: [Int] = [1, 2], blocks: Int = 2, groups: Int? = nil,
    noiseInput: Network.NoiseInput = .sigma, classes: Int = 0, patch: Int = 1,
    attention: [Int]? = nil, heads: Int = 4
  ) {
    self.channels = channels
    self.multipliers = multipliers
    self.blocks = blocks
    self.groups = groups
    self.noiseInput = noiseInput
    self.classes = classes
    self.patch = patch
    self.attention = attention
    self.heads = heads
  }

  public init() { self.init(channels: 32) }

  public static let table: [Setting<Self>] = [
    .integer(\.channels, "channels", 4...512, "channels of the first level"),
    .multipliers(\.multipliers),
    .integer(\.blocks, "blocks", 1...8, "residual blocks per level, going down and going up"),
    .groups(\.groups), .noise(\.noiseInput), .classes(\.classes),
    .enlargement(\.enlargement), .learnsVariance(\.learnsVariance),
    .selfConditioning(\.isSelfConditioned),
    .integer(
      \.patch, "patch", 1...256,
      "values of a signal that become the channels of one position: sound takes 8 or 16, images 1"),
    .integers(
      \.attention, "attention", 1...8, atMost: 8, absent: "none",
      "levels whose blocks are followed by attention, 1 the first: `[3]`, `[2, 3]`"),
    .integer(\.heads, "heads", 1...32, "heads of every attention"),
  ]

  public var conflict: SettingConflict? {
    groupConflict(groupCount, channels: channels) ?? enlargementConflict(enlargement)
      ?? attentionConflict
  }

  private var attentionConflict: SettingConflict? {
    guard let attention else { return nil }
    if let level = attention.first(where: { $0 > multipliers.count }) {
      return SettingConflict(
        ["attention", "multipliers"],
        "network.attention has level \(level); expected 1 to \(multipliers.count), the levels of "
          + "network.multipliers")
    }
    guard channels.isMultiple(of: heads) else {
      return SettingConflict(
        ["heads", "channels"],
        "network.heads is \(heads), which does not divide the \(channels) channels; expected a number "
          + "that does")
    }
    return nil
  }

  public func expectation(unmetBy sampleShape: Shape) -> String? {
    if patch > 1, sampleShape.height > 1 || !sampleShape.width.isMultiple(of: patch) {
      return "signals whose length is a multiple of network.patch, \(patch)"
    }
    return enlargementExpectation(enlargement, unmetBy: sampleShape)
  }

  var groupCount: Int { groups ?? standardGroups(channels) }

  public func makeNetwork(for sampleShape: Shape) -> Network { .unet(sampleShape, self) }
}

extension Network {
  /// A small residual U-Net for images and signals of any side.
  ///
  /// ```
  /// x ─ conv_in ─ block ─ block ──────────────────────────────── block ─ block ─ norm ─ conv_out
  ///                 └───────┴── ↓2 ─ block ─ block ── … ↑2 ────────┴───────┘
  ///                                    └───── middle ───┘
  /// ```
  ///
  /// With classes, a row of `class_embed` is added to the noise level's embedding, the last of which stands
  /// for any class. With images to enlarge, `conv_in` sees them as further channels, and so it does an
  /// earlier estimate of x_0 with self-conditioning. Signals come and go in patches: `patch` values after one
  /// another are the channels of a position.
  package static func unet(_ sampleShape: Shape, _ configuration: UNetConfiguration) -> Network {
    var table = ParameterTable()
    let stem = configuration.channels
    let widths = configuration.multipliers.map { $0 * stem }
    let levels = widths.indices
    let isSignal = sampleShape.height == 1
    let values = sampleShape.channels * configuration.patch
    func block(_ input: Int, _ output: Int, _ name: String) -> any Layer {
      residualBlock(
        of: sampleShape, input, output, embedding: 4 * stem, groups: configuration.groupCount, name,
        &table)
    }

    let embed = Sum {
      noiseEmbedding(stem, configuration.noiseInput, &table)
      if configuration.classes > 0 {
        LabelEmbedding(configuration.classes + 1, 4 * stem, "class_embed", &table)
      }
    }
    func attention(after level: Int, _ width: Int, _ name: String) -> [any Layer] {
      guard configuration.attention?.contains(level + 1) == true else { return [] }
      return [
        attentionBlock(
          width, heads: configuration.heads, groups: configuration.groupCount, name, &table)
      ]
    }
    let inputs =
      values
      * (1 + (configuration.enlargement > 0 ? 1 : 0) + (configuration.isSelfConditioned ? 1 : 0))
    let convIn = convolution(of: sampleShape, inputs, stem, "conv_in", &table)

    var width = stem
    var skips: [Int] = []
    var down: [any Layer] = []
    for level in levels {
      for index in 0..<configuration.blocks {
        let name = "down.\(down.count)"
        var stage: [any Layer] = []
        if index == 0 && level > 0 {
          stage.append(
            convolution(of: sampleShape, width, width, stride: 2, name + ".downsample", &table))
        }
        stage.append(block(width, widths[level], name + ".block"))
        width = widths[level]
        stage += attention(after: level, width, name + ".attention")
        down.append(Sequential(stage))
        skips.append(width)
      }
    }

    let outputs = values * (configuration.learnsVariance ? 2 : 1)
    var middle = [block(width, width, "middle.0")]
    middle += attention(after: widths.count - 1, width, "middle.1")
    middle.append(block(width, width, "middle.\(middle.count)"))

    var up: [any Layer] = []
    for level in levels.reversed() {
      for index in 0..<configuration.blocks {
        let name = "up.\(up.count)"
        var stage = [block(width + skips.removeLast(), widths[level], name + ".block")]
        width = widths[level]
        stage += attention(after: level, width, name + ".attention")
        if index == configuration.blocks - 1 && level > 0 {
          stage.append(isSignal ? Upsample(.width) : Upsample())
          stage.append(convolution(of: sampleShape, width, width, name + ".upsample", &table))
        }
        up.append(Sequential(stage))
      }
    }

    let positions = sampleShape.width / configuration.patch
    let isPatched = configuration.patch > 1
    let body = Conditioned(embed) {
      if isPatched { Reshape(1, positions, inputs) }
      convIn
      UShape(down: { down }, middle: { middle }, up: { up })
      GroupNorm(configuration.groupCount, width, "norm_out", &table)
      SiLU()
      convolution(of: sampleShape, width, outputs, "conv_out", &table)
      if isPatched { Reshape(1, sampleShape.width, outputs / configuration.patch) }
    }
    let classes = configuration.classes
    return Network(
      name: "unet", sampleShape: sampleShape, noiseInput: configuration.noiseInput,
      scalesInput: true, classes: classes, nullLabel: classes > 0 ? classes : nil,
      enlargement: configuration.enlargement, learnsVariance: configuration.learnsVariance,
      isSelfConditioned: configuration.isSelfConditioned, table: table, body: body)
  }
}
