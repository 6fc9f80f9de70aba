/// A network as a user describes it: an architecture with its hyperparameters.
public protocol Architecture: Kind {
  /// The number of classes it is conditioned on, 0 for none.
  var classes: Int { get }

  /// How many times larger its samples are than the images that it enlarges, 0 if it takes none.
  var enlargement: Int { get }

  /// The shape of the samples, batch 1, where the configuration fixes it; nil for all others.
  var fixedSampleShape: Shape? { get }

  /// The shape of samples it is shown with by default.
  static var exampleShape: Shape { get }

  /// What the network requires of samples, in words; nil if these meet it.
  func expectation(unmetBy sampleShape: Shape) -> String?

  /// What the network requires of text, in words; nil if text of this format meets it.
  func expectation(unmetBy text: TextFormat) -> String?

  /// The network for samples of that shape, batch 1.
  ///
  /// - Precondition: `expectation(unmetBy:)` is nil for them.
  func makeNetwork(for sampleShape: Shape) -> Network

  /// The network for samples of that format: of their shape, unless more of it counts.
  ///
  /// - Precondition: `expectation(unmetBy:)` is nil for them.
  func makeNetwork(for format: SampleFormat) -> Network
}

extension Architecture {
  public var classes: Int { 0 }
  public var enlargement: Int { 0 }
  public var fixedSampleShape: Shape? { nil }
  public static var exampleShape: Shape { Shape(1, 28, 28, 1) }
  public func expectation(unmetBy sampleShape: Shape) -> String? { nil }
  public func expectation(unmetBy text: TextFormat) -> String? {
    text.encoding == .bits
      ? nil : "another network.kind, such as transformer, or data.encoding = \"bits\""
  }
  public func makeNetwork(for format: SampleFormat) -> Network { makeNetwork(for: format.shape) }
}

/// All architectures.
public enum Architectures: Catalog {
  public static let all: [any Architecture] = [
    UNetConfiguration(), ResidualCNNConfiguration(), MLPConfiguration(), DenseConfiguration(),
    ArticleUNetConfiguration(), SmallDiffusionUNetConfiguration(), DiTConfiguration(),
    UNet2DConfiguration(), NCSNConfiguration(), TextTransformerConfiguration(),
  ]
  public static func kind(of member: any Architecture) -> any Kind { member }

  public static let chooser = makeChooser("kind", "the architecture", required: true)
}

/// An architecture with its hyperparameters.
public typealias NetworkConfiguration = Selection<Architectures>

extension NetworkConfiguration {
  /// The number of classes the network is conditioned on, 0 for none.
  public var classes: Int { value.classes }
  /// How many times larger its samples are than the images that it enlarges, 0 if it takes none.
  package var enlargement: Int { value.enlargement }
  /// The shape of the samples, batch 1, where the configuration fixes it; nil for all others.
  package var fixedSampleShape: Shape? { value.fixedSampleShape }

  /// The network for samples of that shape.
  public func make(for sampleShape: Shape) throws(NetworkError) -> Network {
    if let expected = value.expectation(unmetBy: sampleShape) {
      throw NetworkError(kind: name, expected: expected, found: sampleShape)
    }
    return value.makeNetwork(for: sampleShape)
  }

  /// The network for samples of that format.
  public func make(for format: SampleFormat) throws(NetworkError) -> Network {
    if let text = format.text {
      if let expected = value.expectation(unmetBy: text) {
        throw NetworkError(
          kind: name, expected: expected, found: format.shape, encoding: text.encoding)
      }
    } else if isForText {
      throw NetworkError(kind: name, expected: "text", found: format.shape)
    }
    if let expected = value.expectation(unmetBy: format.shape) {
      throw NetworkError(kind: name, expected: expected, found: format.shape)
    }
    return value.makeNetwork(for: format)
  }
}

/// Samples that a network cannot take, as the sentence the user reads.
public struct NetworkError: Error, CustomStringConvertible {
  let kind: String
  let expected: String
  let found: Shape
  /// How text is encoded that does not fit; nil where it is the shape that does not.
  var encoding: TextFormat.Encoding?

  public var description: String {
    if let encoding {
      return "network.kind \(kind) cannot take text as \(encoding.rawValue); expected \(expected)"
    }
    return "network.kind \(kind) cannot take samples of "
      + "\(found.height)×\(found.width)×\(found.channels); expected \(expected)"
  }
}

// MARK: - Settings that several have

extension Setting where Root: Architecture {
  /// The number of classes it is conditioned on.
  public static func classes(_ path: any WritableKeyPath<Root, Int> & Sendable) -> Self {
    .integer(
      path, "classes", 0...1000,
      "number of classes the network is conditioned on; 0 for an unconditional network")
  }

  /// How many times it enlarges images.
  public static func enlargement(_ path: any WritableKeyPath<Root, Int> & Sendable) -> Self {
    .integer(
      path, "superres", 0...64,
      "condition the network on images this many times smaller than its samples, which it enlarges "
        + "(super-resolution); 0 for an ordinary network")
  }

  /// Whether it takes an earlier estimate of x_0.
  static func selfConditioning(_ path: any WritableKeyPath<Root, Bool> & Sendable) -> Self {
    .flag(
      path, "self_conditioning",
      "also take the previous estimate of x_0 as input; in training, half of the batches get one"
    )
  }

  static func learnsVariance(_ path: any WritableKeyPath<Root, Bool> & Sendable) -> Self {
    .flag(
      path, "learn_variance",
      "also predict the variance of reverse steps, for ddpm's learned-range; trained with the hybrid loss"
    )
  }

  static func noise(_ path: any WritableKeyPath<Root, Network.NoiseInput> & Sendable) -> Self {
    .word(
      path, "noise", of: [.sigma, .timestep], "how the network is conditioned on the noise level")
  }

  static func multipliers(_ path: any WritableKeyPath<Root, [Int]> & Sendable) -> Self {
    .integers(
      path, "multipliers", 1...16, atMost: 6,
      "channels of each level as multiples of `channels`; each level halves the resolution")
  }

  static func groups(_ path: any WritableKeyPath<Root, Int?> & Sendable) -> Self {
    .integer(
      path, "groups", 1...512, absent: "8, or 1 where 8 does not divide the channels",
      "groups of every group norm; a divisor of `channels`")
  }
}

/// The default number of groups of a norm over `channels`.
func standardGroups(_ channels: Int) -> Int { channels.isMultiple(of: 8) ? 8 : 1 }

/// The conflict where images would be enlarged by 1, or nil.
func enlargementConflict(_ enlargement: Int) -> SettingConflict? {
  guard enlargement == 1 else { return nil }
  return SettingConflict(
    ["superres"],
    "network.superres is 1, which enlarges nothing; expected 0, or how many times from 2 on")
}

/// What a network that enlarges images requires of samples, in words; nil if these meet it.
func enlargementExpectation(_ enlargement: Int, unmetBy shape: Shape) -> String? {
  guard enlargement > 1 else { return nil }
  let fits =
    shape.height > 1 && shape.height.isMultiple(of: enlargement)
    && shape.width.isMultiple(of: enlargement)
  return fits ? nil : "images whose sides are multiples of network.superres = \(enlargement)"
}

/// The conflict where the groups do not divide the channels, or nil.
func groupConflict(_ groups: Int, channels: Int) -> SettingConflict? {
  guard !channels.isMultiple(of: groups) else { return nil }
  let divisors = (1...channels).filter { channels.isMultiple(of: $0) }.map(String.init)
  return SettingConflict(
    ["groups", "channels"],
    "network.groups is \(groups); expected a divisor of network.channels = \(channels): "
      + divisors.joined(separator: ", "))
}
