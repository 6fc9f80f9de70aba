import Foundation
import Testing

@testable import Diffusion

/// The folder of numbers that are too large to keep.
private let fullWidthFolder = ProcessInfo.processInfo.environment["WORKBENCH_FULL_WIDTH"]

/// The networks at their originals' width; skipped unless `WORKBENCH_FULL_WIDTH` names the folder that
/// `Tests/Fixtures/generate.py --full-width FOLDER` wrote.
@Suite(
  "Networks at full width", .serialized,
  .enabled(if: fullWidthFolder != nil, "WORKBENCH_FULL_WIDTH is not set"))
struct FullWidthTests {
  static let names = ["article", "ddpm-cifar10-32", "fashion-dit", "fashion-unet"]

  private func network(_ name: String) -> Network {
    switch name {
    case "article": .articleUNet(Shape(1, 32, 32, 3))
    case "fashion-unet":
      .smallDiffusionUNet(
        Shape(1, 28, 28, 1),
        SmallDiffusionUNetConfiguration(
          channels: 64, multipliers: [1, 1, 2], attention: [14], dropout: 0))
    case "fashion-dit": .dit(Shape(1, 28, 28, 1), DiTConfiguration())
    default: .unet2D(Shape(1, 32, 32, 3), .ddpmCIFAR10)
    }
  }

  @Test("equal PyTorch's in every number", arguments: names)
  func fullWidth(_ name: String) throws {
    let folder = try #require(fullWidthFolder)
    let network = network(name)
    let parity = try NetworkParity(
      network, Fixture(contentsOf: URL(filePath: folder + "/network-\(name).safetensors")))
    try parity.checkTable()
    let d = try parity.checkNumbers()
    let columns = [d.evaluation, d.training, d.input, d.gradient, d.losses].map {
      String(format: "%.1e", $0)
    }
    print(
      "| \(name) | \(network.parameterCount) | \(network.table.parameters.count) | "
        + columns.joined(separator: " | ") + " |")
  }
}

extension UNet2DConfiguration {
  /// The sides of google/ddpm-cifar10-32.
  static var ddpmCIFAR10: UNet2DConfiguration {
    var c = UNet2DConfiguration()
    (c.blockOutChannels, c.freqShift, c.flipSinToCos) = ([128, 256, 256, 256], 1, false)
    c.downBlocks = [.plain, .attention, .plain, .plain]
    c.upBlocks = [.plain, .plain, .attention, .plain]
    (c.attentionHeadDim, c.normEps, c.downsamplePadding) = (nil, 1e-6, 0)
    return c
  }
}
