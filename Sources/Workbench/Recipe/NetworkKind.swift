/// The architectures that a recipe can name.
enum NetworkKind: String, Sendable, CaseIterable {
  case unet
  case residualCNN = "residual-cnn"
  case mlp
  case dense
  case articleUNet = "article-unet"
  case smallDiffusionUNet = "smalldiffusion-unet"
  case dit
  case unet2D = "unet2d"
  case ncsn

  /// One line for a list.
  var summary: String {
    switch self {
    case .unet: "a small residual U-Net, for pictures and signals"
    case .residualCNN: "the same blocks one after the other at full size, to compare with"
    case .mlp: "a multilayer perceptron that is told the noise level, for points"
    case .dense: "one hidden layer that is not told the noise level, for signals"
    case .articleUNet: "the DDPM article's U-Net: batch norm, max pooling, 33 million weights"
    case .smallDiffusionUNet: "smalldiffusion's U-Net: group norm, attention at chosen sides"
    case .dit: "smalldiffusion's diffusion transformer: patches as tokens"
    case .unet2D: "diffusers' UNet2DModel, by its config.json"
    case .ncsn: "the noise-conditional score network: a RefineNet for a few noise levels"
    }
  }

  /// The keys it takes in a recipe, besides `kind`.
  var keys: [String] {
    switch self {
    case .unet: ["channels", "multipliers", "blocks", "groups", "noise", "classes"]
    case .residualCNN: ["channels", "blocks", "groups", "noise"]
    case .mlp: ["hidden", "classes"]
    case .dense: ["hidden"]
    case .articleUNet: ["channels", "timesteps", "embedding"]
    case .smallDiffusionUNet:
      ["channels", "multipliers", "blocks", "attention", "dropout", "classes"]
    case .dit: ["patch", "depth", "head_channels", "heads", "classes"]
    case .unet2D: ["config"]
    case .ncsn: ["channels", "noise_levels"]
    }
  }
}

extension NetworkConfiguration {
  var kind: NetworkKind {
    switch self {
    case .unet: .unet
    case .residualCNN: .residualCNN
    case .mlp: .mlp
    case .dense: .dense
    case .articleUNet: .articleUNet
    case .smallDiffusionUNet: .smallDiffusionUNet
    case .dit: .dit
    case .unet2D: .unet2D
    case .ncsn: .ncsn
    }
  }
}
