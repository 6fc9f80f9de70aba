import Diffusion

/// An architecture with its sides: one case a network, so that adding one is a compiler error
/// wherever it is forgotten.
enum NetworkConfiguration: Sendable, Hashable {
  case mlp(hidden: [Int], classes: Int)
  case dense(hidden: Int)
  case unet(UNetConfiguration)
  case residualCNN(ResidualCNNConfiguration)
  case articleUNet(ArticleUNetConfiguration)
  case smallDiffusionUNet(SmallDiffusionUNetConfiguration)
  case dit(DiTConfiguration)
  case unet2D(UNet2DConfiguration)
  case ncsn(NCSNConfiguration)

  /// The network for samples of that shape.
  ///
  /// - Throws: ``NetworkProblem`` if it cannot take them.
  func make(for sampleShape: Shape) throws(NetworkProblem) -> Network {
    if let expected = expectation(unmetBy: sampleShape) {
      throw NetworkProblem(kind: kind, expected: expected, found: sampleShape)
    }
    return switch self {
    case .mlp(let hidden, let classes): .mlp(sampleShape, hidden: hidden, classes: classes)
    case .dense(let hidden): .dense(sampleShape, hidden: hidden)
    case .unet(let configuration): .unet(sampleShape, configuration)
    case .residualCNN(let configuration): .residualCNN(sampleShape, configuration)
    case .articleUNet(let configuration): .articleUNet(sampleShape, configuration)
    case .smallDiffusionUNet(let configuration): .smallDiffusionUNet(sampleShape, configuration)
    case .dit(let configuration): .dit(sampleShape, configuration)
    case .unet2D(let configuration): .unet2D(sampleShape, configuration)
    case .ncsn(let configuration): .ncsn(sampleShape, configuration)
    }
  }

  /// What samples would have to be like, or nil if these will do.
  private func expectation(unmetBy s: Shape) -> String? {
    switch self {
    case .mlp, .dense, .unet, .residualCNN: return nil
    case .articleUNet:
      return s.height >= 16 && s.width >= 16 ? nil : "pictures of at least 16×16, halved four times"
    case .smallDiffusionUNet(let sides):
      let multiple = 1 << (sides.multipliers.count - 1)
      return s.height == s.width && s.height.isMultiple(of: multiple)
        ? nil : "square pictures whose side is a multiple of \(multiple)"
    case .dit(let sides):
      return s.height == s.width && s.height.isMultiple(of: sides.patch)
        ? nil : "square pictures whose side is a multiple of network.patch = \(sides.patch)"
    case .unet2D(let configuration):
      return configuration.problem(with: s).map { "pictures that fit its config: \($0)" }
    case .ncsn:
      return s.height > 1 && s.height.isMultiple(of: 2) && s.width.isMultiple(of: 2)
        ? nil : "pictures of even sides"
    }
  }

  /// The number of classes it is told of, 0 for none.
  var classes: Int {
    switch self {
    case .mlp(_, let classes): classes
    case .unet(let configuration): configuration.classes
    case .smallDiffusionUNet(let configuration): configuration.classes
    case .dit(let configuration): configuration.classes
    case .unet2D(let configuration): configuration.numClassEmbeds ?? 0
    case .dense, .residualCNN, .articleUNet, .ncsn: 0
    }
  }

  /// The samples of networks that know their size, or nil.
  var ownShape: Shape? {
    guard case .unet2D(let configuration) = self, let size = configuration.sampleSize else {
      return nil
    }
    return Shape(1, size.height, size.width, configuration.inChannels)
  }
}

/// Samples that a network cannot take, as the sentence the user reads.
struct NetworkProblem: Error, CustomStringConvertible {
  let kind: NetworkKind
  let expected: String
  let found: Shape

  var description: String {
    "network.kind \(kind.rawValue) takes \(expected); the samples are "
      + "\(found.height)×\(found.width)×\(found.channels)"
  }
}
