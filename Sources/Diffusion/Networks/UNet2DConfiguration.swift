/// The sides of diffusers' `UNet2DModel`, under the names of its `config.json` in camel case.
public struct UNet2DConfiguration: Sendable, Hashable {
  /// What a level consists of.
  public enum Block: Sendable, Hashable {
    /// `DownBlock2D`, `UpBlock2D`.
    case plain
    /// `AttnDownBlock2D`, `AttnUpBlock2D`: attention after every residual block.
    case attention
  }

  /// The non-linearity of residual blocks.
  public enum Activation: String, Sendable, CaseIterable {
    case silu
    case gelu
    case relu
  }

  /// Height and width of pictures, or nil where any will do.
  public var sampleSize: [Int]?
  public var inChannels = 3
  public var outChannels = 3
  /// Whether pictures are 0…1 and become −1…1 first.
  public var centerInputSample = false
  public var freqShift = 0
  public var flipSinToCos = true
  /// From the first level to the last.
  public var downBlockTypes: [Block] = [.plain, .attention, .attention, .attention]
  /// Whether there is a middle, and attention in it.
  public var hasMidBlock = true
  public var addAttention = true
  /// From the last level to the first.
  public var upBlockTypes: [Block] = [.attention, .attention, .attention, .plain]
  public var blockOutChannels = [224, 448, 672, 896]
  public var layersPerBlock = 2
  public var midBlockScaleFactor = 1.0
  /// 0 stands for a border of zeros on the far sides only.
  public var downsamplePadding = 1
  public var dropout = 0.0
  public var actFn = Activation.silu
  /// Channels of a head; nil for one head.
  public var attentionHeadDim: Int? = 8
  public var normNumGroups = 32
  /// Groups of the norm before the middle's attention, where they differ.
  public var attnNormNumGroups: Int?
  public var normEps = 1e-5
  /// Whether the timestep scales and shifts, `scale_shift`, rather than adds.
  public var scaleShift = false
  public var numClassEmbeds: Int?

  /// The library's own defaults.
  public init() {}
}
