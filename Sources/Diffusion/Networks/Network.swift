/// F_θ(x, noise level): the raw network with its table of parameters.
///
/// A network holds only configuration: its values are in a block made by ``ParameterTable/makeBlock()``,
/// and the state of one run is in its ``Pass``.
public struct Network: Sendable {
  /// How a network is conditioned on the noise level of its input.
  public enum NoiseInput: String, RecipeWord {
    /// Nothing.
    case none
    /// The timestep t, an index in the schedule.
    case timestep
    /// ½·ln(sigma/alpha), which means the same in every schedule.
    case sigma
    /// The masked share of a text, in thousandths.
    case maskedShare = "masked-share"

    public var meaning: String {
      switch self {
      case .none: "nothing"
      case .timestep: "the timestep t"
      case .sigma: "½ ln σ/α"
      case .maskedShare: "the masked share"
      }
    }
  }

  /// The architecture's name, as in recipes.
  public let name: String
  /// The shape of one sample it takes and returns, batch 1.
  public let sampleShape: Shape
  /// How it is conditioned on the noise level.
  public let noiseInput: NoiseInput
  /// Whether the input is first divided by √(alpha² + sigma²), so that it has the size of the data
  /// at every noise level.
  package let scalesInput: Bool
  /// The number of classes it is conditioned on, 0 if it takes no label.
  public let classes: Int
  /// The label that stands for "any class", where the network has one.
  public let nullLabel: Int?
  /// How many times larger its samples are than the images that it enlarges, 0 if it takes none.
  ///
  /// A network that takes them sees each image, enlarged by bilinear interpolation, as further channels of x.
  ///
  /// Source: SuperResModel of improved-diffusion (Nichol and Dhariwal 2021).
  public let enlargement: Int
  /// Whether it takes an earlier estimate of x_0.
  ///
  /// Such a network sees the estimate as further channels of x, zeros where there is none.
  ///
  /// Source: self-conditioning of Chen, Zhang and Hinton 2022, <https://arxiv.org/abs/2208.04202>.
  public let isSelfConditioned: Bool
  /// The number of tokens that a position of text can have, 0 where samples are no tokens.
  ///
  /// A network for masked text takes tokens, of which this number is the mask, and returns the logits of
  /// each: as many channels.
  public let vocabulary: Int
  /// The rows of its table of timesteps, which a schedule may not outnumber; nil where it has none.
  package let timestepLimit: Int?
  /// Whether it takes the logarithm of the timestep, which then has to be above 0.
  package let needsPositiveTimestep: Bool
  /// Whether it returns twice the channels, the second half placing the variance of a reverse step
  /// between the least, −1, and the greatest, 1.
  package let learnsVariance: Bool
  /// Its tensors: names, shapes, initial values, and positions in the block of all parameters.
  public let table: ParameterTable
  private let body: any Layer

  /// A network whose layers have added their tensors to `table`.
  ///
  /// `body` takes samples of `sampleShape`, with as many channels more if it enlarges images and again if it
  /// is self-conditioned, and returns as many of the same shape, with twice the channels if it learns the
  /// variance, or with a channel for each token; its outermost condition is the noise, one number per sample.
  public init(
    name: String, sampleShape: Shape, noiseInput: NoiseInput, scalesInput: Bool = false,
    classes: Int = 0, nullLabel: Int? = nil, enlargement: Int = 0, timestepLimit: Int? = nil,
    needsPositiveTimestep: Bool = false, learnsVariance: Bool = false,
    isSelfConditioned: Bool = false, vocabulary: Int = 0, table: ParameterTable, body: any Layer
  ) {
    self.name = name
    self.sampleShape = sampleShape
    self.noiseInput = noiseInput
    self.scalesInput = scalesInput
    self.classes = classes
    self.nullLabel = nullLabel
    self.enlargement = enlargement
    self.timestepLimit = timestepLimit
    self.needsPositiveTimestep = needsPositiveTimestep
    self.learnsVariance = learnsVariance
    self.isSelfConditioned = isSelfConditioned
    self.vocabulary = vocabulary
    self.table = table
    self.body = body
  }

  /// The number of trainable parameters.
  public var parameterCount: Int { table.trainableCount }

  /// The network's output for noisy samples `x` (B, H, W, C).
  ///
  /// `noise` (B, 1, 1, 1) is in the unit of ``noiseInput``; `labels` has one label per sample where the
  /// network takes labels. `classVectors` (B, 1, 1, n) are for networks that take vectors instead; nil means
  /// zeros. `images` (B, h, w, C) are those that the network enlarges, if it does; `estimate` (B, H, W, C) is
  /// x̂_0 of an evaluation before, for networks that take it; nil means zeros.
  public func forward(
    _ x: Tensor, noise: Tensor, labels: [Int] = [], classVectors: Tensor? = nil,
    images: Tensor? = nil, estimate: Tensor? = nil, _ pass: Pass
  ) -> Tensor {
    precondition(
      x.shape == sampleShape.with(batch: x.shape.batch),
      "\(name) expects samples of \(sampleShape), got \(x.shape)")
    pass.condition = noise
    pass.labels = labels
    pass.classVectors = classVectors
    pass.dropoutCount = 0
    guard enlargement > 0 || isSelfConditioned else { return body.run(x, pass) }
    var parts = [x]
    if enlargement > 0 { parts.append(enlarged(images, x.shape, pass)) }
    if isSelfConditioned { parts.append(estimate ?? pass.zeros(x.shape)) }
    let channels = x.shape.channels
    let joined = pass.make(x.shape.with(channels: parts.count * channels))
    for (place, part) in parts.enumerated() {
      precondition(
        part.shape == x.shape, "\(name) expects \(x.shape) beside x, got \(part.shape)")
      copyChannels(from: part, 0, to: joined, place * channels, count: channels)
    }
    return body.run(joined, pass)
  }

  /// The images at the size of samples of `shape`.
  private func enlarged(_ images: Tensor?, _ shape: Shape, _ pass: Pass) -> Tensor {
    let small = smallShape.with(batch: shape.batch)
    guard let images, images.shape == small else {
      preconditionFailure(
        "\(name) enlarges images of \(small), got \(images.map { "\($0.shape)" } ?? "none")")
    }
    return Bilinear(small, height: shape.height, width: shape.width, alignsCorners: false)
      .forward(images, pass)
  }

  /// The shape of the images that it enlarges, batch 1.
  ///
  /// - Precondition: it enlarges some.
  package var smallShape: Shape {
    Shape(
      1, sampleShape.height / enlargement, sampleShape.width / enlargement, sampleShape.channels)
  }

  /// Adds ∂loss/∂θ to the pass's gradients, unless its mode is ``Pass/Mode/differentiate``, and
  /// returns ∂loss/∂x.
  @discardableResult
  public func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    pass.conditionGradient = pass.zeros(Shape(dy.shape.batch, 1, 1, 1))
    let dx = body.runBackward(dy, pass)
    guard enlargement > 0 || isSelfConditioned else { return dx }
    // Images and estimates are given: what they would change is nobody's gradient.
    let result = pass.make(sampleShape.with(batch: dx.shape.batch))
    copyChannels(from: dx, 0, to: result, 0, count: sampleShape.channels)
    return result
  }
}
