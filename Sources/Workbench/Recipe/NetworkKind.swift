/// The architectures that a recipe can name.
enum NetworkKind: String, Sendable, CaseIterable {
  case unet
  case mlp
  case dense

  /// One line for a list.
  var summary: String {
    switch self {
    case .unet: "a small residual U-Net, for pictures"
    case .mlp: "a multilayer perceptron that is told the noise level, for points"
    case .dense: "one hidden layer that is not told the noise level, for signals"
    }
  }

  /// The keys it takes in a recipe, besides `kind`.
  var keys: [String] {
    switch self {
    case .unet: ["channels", "multipliers", "blocks", "groups", "noise"]
    case .mlp, .dense: ["hidden"]
    }
  }
}

extension NetworkConfiguration {
  var kind: NetworkKind {
    switch self {
    case .unet: .unet
    case .mlp: .mlp
    case .dense: .dense
    }
  }
}
