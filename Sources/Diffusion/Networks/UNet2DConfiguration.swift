/// The configuration of diffusers' `UNet2DModel`: the keys and defaults of its
/// `config.json`.
///
/// It holds only what can be computed here; reading another configuration is refused.
///
/// Source: diffusers 0.42, `models/unets/unet_2d.py`.
package struct UNet2DConfiguration: Architecture {
  package static let name = "unet2d"
  package static let meaning = "diffusers' UNet2DModel, built from its config.json"
  package static let exampleShape = Shape(1, 32, 32, 3)

  /// The sides of an image, in pixels.
  package struct SampleSize: Sendable, Hashable {
    /// Pixels down.
    package var height: Int
    /// Pixels across.
    package var width: Int

    /// Images of so many pixels.
    package init(height: Int, width: Int) {
      self.height = height
      self.width = width
    }
  }

  /// How the timestep becomes numbers.
  package enum TimeEmbedding: String, Sendable, CaseIterable {
    /// Sines and cosines of the timestep at fixed frequencies.
    case positional
    /// Sines and cosines of the noise's logarithm at random frequencies, which are a parameter.
    case fourier
    /// A row of a table for each timestep.
    case learned
  }

  /// A stage of the way down or up: residual blocks, with or without attention after each.
  package enum Block: Sendable, Hashable {
    /// Residual blocks alone: `DownBlock2D` and `UpBlock2D`.
    case plain
    /// Residual blocks with attention after each: `AttnDownBlock2D` and `AttnUpBlock2D`.
    case attention
  }

  /// The function between the layers of the residual blocks.
  package enum Activation: String, Sendable, CaseIterable {
    /// x·sigmoid(x); also called swish.
    case silu
    /// x·tanh(softplus(x)).
    case mish
    /// x·Φ(x).
    case gelu
    /// max(x, 0).
    case relu
  }

  /// What the embedded time does to the residual blocks.
  package enum TimeScaleShift: String, Sendable, CaseIterable {
    /// It is added.
    case add = "default"
    /// Half of it multiplies, half of it is added.
    case scaleShift = "scale_shift"
  }

  /// What becomes of the class label that is added to the embedded time, where there is no table of
  /// vectors for classes.
  package enum ClassEmbedding: String, Sendable, CaseIterable {
    /// It is embedded like a timestep.
    case timestep
    /// It is added as it is, a vector.
    case identity
  }

  /// The images' size; nil where the configuration does not say.
  package var sampleSize: SampleSize?
  /// Channels of the images that come in.
  package var inChannels = 3
  /// Channels of the images that go out.
  package var outChannels = 3
  /// Whether it predicts the variance of reverse steps as well, by a second half of the output's
  /// channels.
  package var learnsVariance: Bool { outChannels == 2 * inChannels }
  /// Whether the input x is taken as 2·x − 1.
  package var centerInputSample = false
  /// How a timestep becomes a vector.
  package var timeEmbedding = TimeEmbedding.positional
  /// The length of the embedded time; four times the first stage's channels if nil.
  package var timeEmbeddingDim: Int?
  /// Subtracted from the number of frequencies where they are spread.
  package var freqShift = 0.0
  /// Whether cosines come before sines.
  package var flipSinToCos = true
  /// The stages that halve, the largest images first.
  package var downBlocks: [Block] = [.plain, .attention, .attention, .attention]
  /// Whether there are blocks between the way down and the way up.
  package var hasMidBlock = true
  /// The stages that double, the smallest images first.
  package var upBlocks: [Block] = [.attention, .attention, .attention, .plain]
  /// The channels of each stage, from the full resolution down.
  package var blockOutChannels = [224, 448, 672, 896]
  /// Residual blocks a stage on the way down; one more on the way up.
  package var layersPerBlock = 2
  /// What the sums of the middle's residual blocks are divided by.
  package var midBlockScaleFactor = 1.0
  /// 1 pads the halving convolution on all sides, 0 on the right and below only.
  package var downsamplePadding = 1
  /// The part of the numbers that dropout sets to zero in training, in [0, 1).
  package var dropout = 0.0
  /// The activation of all blocks.
  package var activation = Activation.silu
  /// Channels a head of attention; all of them if nil.
  package var attentionHeadDim: Int? = 8
  /// Groups of the group norms.
  package var normNumGroups = 32
  /// Groups of the norm before the middle's attention; nil for ``normNumGroups``, or none with
  /// ``TimeScaleShift/scaleShift``.
  package var attnNormNumGroups: Int?
  /// What keeps the variance of a norm above 0.
  package var normEps = 1e-5
  /// How the embedded timestep enters a block.
  package var timeScaleShift = TimeScaleShift.add
  /// Whether the middle has attention.
  package var addAttention = true
  /// How a class becomes a vector; nil for a row of a table, or a network without classes.
  package var classEmbedding: ClassEmbedding?
  /// The number of classes, each with a learned vector; nil without such classes.
  package var numClassEmbeds: Int?
  /// The rows of the table of a ``TimeEmbedding/learned`` embedding.
  package var numTrainTimesteps: Int?

  /// The library's defaults.
  package init() {}

  package static let table: [Setting<Self>] = [
    Setting(
      "config", .text("the path of a config.json of diffusers, or its text"),
      "path of the `config.json`, or its contents",
      get: { .text($0.json.description) },
      set: { (root, value) throws(SettingError) in
        guard case .text(let config) = value, !config.isEmpty else { return false }
        root = try Self(config: config)
        return true
      }
    ).required
  ]

  /// What a text describes, or the file that it names.
  private init(config: String) throws(SettingError) {
    do {
      guard config.hasPrefix("{") else {
        try self.init(json: JSON(contentsOf: config), path: config)
        return
      }
      try self.init(json: JSON(parsing: config), path: "network.config")
    } catch let problem as JSONSyntaxError {
      throw .because("network.config is not JSON: \(problem.problem)")
    } catch {
      throw .because("\(error)")
    }
  }

  /// Classes that are embedded like timesteps are as many as it is said, or a thousand.
  package var classes: Int {
    switch classEmbedding {
    case nil: numClassEmbeds ?? 0
    case .timestep: numClassEmbeds ?? numTrainTimesteps ?? 1000
    case .identity: 0
    }
  }

  package var fixedSampleShape: Shape? {
    sampleSize.map { Shape(1, $0.height, $0.width, inChannels) }
  }

  package func expectation(unmetBy sampleShape: Shape) -> String? {
    problem(with: sampleShape).map { "images that fit its config: \($0)" }
  }

  package func makeNetwork(for sampleShape: Shape) -> Network { .unet2D(sampleShape, self) }
}

// MARK: - What follows

extension UNet2DConfiguration {
  /// The length of the vector that the time embedding's layers give.
  var timeEmbeddingLength: Int { timeEmbeddingDim ?? 4 * blockOutChannels[0] }

  /// Groups of the norm before the middle's attention, or nil where there is no such norm.
  var midAttentionGroups: Int? {
    attnNormNumGroups ?? (timeScaleShift == .add ? normNumGroups : nil)
  }

  /// Fewer parameters than this it cannot have: those of the widest layers of each block alone.
  var leastParameters: Double {
    let (stem, time) = (Double(blockOutChannels[0]), Double(timeEmbeddingLength))
    let convolutions = blockOutChannels.reduce(0.0) { $0 + 9 * Double($1) * Double($1) }
    let rows = timeEmbedding == .learned ? Double(numTrainTimesteps ?? 0) : 0
    return convolutions * Double(2 * layersPerBlock + 1) + time * time
      + time * Double(numClassEmbeds ?? 0) + stem * (rows + 9 * Double(inChannels + outChannels))
  }

  /// The heads of attention over so many channels; what is left of the channels has no head.
  func heads(channels: Int) -> Int { channels / (attentionHeadDim ?? channels) }
}
