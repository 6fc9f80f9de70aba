import Foundation
import Testing

@testable import Diffusion

@Suite("Networks as in their originals")
struct NetworkParityTests {
  /// The networks of the fixtures, by the fixtures' names.
  static let networks: [String: Network] = [
    "article": .articleUNet(Shape(1, 35, 22, 3), ArticleUNetConfiguration(channels: 4)),
    "timeinputmlp": .mlp(Shape(1, 1, 1, 2), hidden: [16, 128, 256, 128, 16]),
    "conditionalmlp": .mlp(Shape(1, 1, 1, 2), hidden: [16, 128, 256, 128, 16], classes: 4),
    "sd-unet": .smallDiffusionUNet(
      Shape(1, 14, 14, 1),
      SmallDiffusionUNetConfiguration(
        channels: 64, multipliers: [1, 2], attention: [7], dropout: 0)),
    "sd-unet-classes": .smallDiffusionUNet(
      Shape(1, 14, 14, 3),
      SmallDiffusionUNetConfiguration(
        channels: 64, multipliers: [1, 1], blocks: 1, attention: [7], dropout: 0, classes: 3)),
    "dit": .dit(Shape(1, 8, 8, 3), DiTConfiguration(depth: 2, headChannels: 8, heads: 2)),
    "dit-classes": .dit(
      Shape(1, 8, 8, 1), DiTConfiguration(depth: 2, headChannels: 8, heads: 2, classes: 3)),
    "unet2d-a": unet2D("unet2d-a"), "unet2d-b": unet2D("unet2d-b"), "unet2d-c": unet2D("unet2d-c"),
    "unet2d-d": unet2D("unet2d-d"), "unet2d-fourier": unet2D("unet2d-fourier"),
    "unet2d-timestep": unet2D("unet2d-timestep"), "unet2d-identity": unet2D("unet2d-identity"),
    "ncsn": .ncsn(Shape(1, 12, 10, 2), NCSNConfiguration(channels: 8, noiseLevels: 3)),
    "residual-cnn": .residualCNN(
      Shape(1, 7, 9, 2), ResidualCNNConfiguration(channels: 8, blocks: 3, groups: 4)),
    "unet-1d": .unet(
      Shape(1, 1, 22, 2),
      UNetConfiguration(channels: 8, multipliers: [1, 2, 2], blocks: 1, groups: 4)),
    "unet-sound": .unet(
      Shape(1, 1, 44, 2),
      UNetConfiguration(
        channels: 8, multipliers: [1, 2], blocks: 1, groups: 4, classes: 2, patch: 4,
        attention: [2], heads: 2)),
    "unet-classes": .unet(
      Shape(1, 9, 6, 1),
      UNetConfiguration(channels: 8, multipliers: [1, 2], blocks: 1, groups: 4, classes: 3)),
  ]

  /// diffusers' U-Net: as in ddpm-cifar10-32, with the library's defaults, with a stage of two channels and
  /// heads that leave channels over, with everything else.
  private static func unet2D(_ name: String) -> Network {
    var c = UNet2DConfiguration()
    (c.blockOutChannels, c.layersPerBlock, c.normNumGroups) = ([16, 32, 32], 1, 4)
    switch name {
    case "unet2d-a":
      (c.freqShift, c.flipSinToCos, c.downsamplePadding) = (1, false, 0)
      (c.attentionHeadDim, c.normEps, c.normNumGroups) = (nil, 1e-6, 8)
      (c.downBlocks, c.upBlocks) = (
        [.plain, .attention, .plain], [.plain, .attention, .plain]
      )
      return .unet2D(Shape(1, 12, 12, 3), c)
    case "unet2d-b":
      (c.inChannels, c.outChannels) = (1, 1)
      (c.downBlocks, c.upBlocks) = (
        [.plain, .plain, .attention], [.attention, .plain, .plain]
      )
      return .unet2D(Shape(1, 12, 12, 1), c)
    case "unet2d-d":
      (c.inChannels, c.outChannels, c.blockOutChannels) = (2, 2, [2, 12])
      (c.downBlocks, c.upBlocks) = ([.plain, .attention], [.attention, .plain])
      (c.normNumGroups, c.attentionHeadDim, c.activation) = (1, 5, .gelu)
      return .unet2D(Shape(1, 8, 6, 2), c)
    case "unet2d-fourier", "unet2d-timestep", "unet2d-identity":
      (c.inChannels, c.outChannels, c.blockOutChannels, c.normNumGroups) = (1, 1, [4, 8], 2)
      (c.downBlocks, c.upBlocks) = ([.plain, .attention], [.attention, .plain])
      switch name {
      case "unet2d-fourier": c.timeEmbedding = .fourier
      case "unet2d-timestep": (c.classEmbedding, c.numClassEmbeds) = (.timestep, 5)
      default: c.classEmbedding = .identity
      }
      return .unet2D(Shape(1, 8, 8, 1), c)
    default:
      (c.inChannels, c.outChannels, c.numClassEmbeds) = (2, 2, 4)
      (c.blockOutChannels, c.layersPerBlock) = ([16, 32], 2)
      (c.downBlocks, c.upBlocks) = ([.plain, .attention], [.attention, .plain])
      (c.timeScaleShift, c.centerInputSample) = (.scaleShift, true)
      return .unet2D(Shape(1, 8, 12, 2), c)
    }
  }

  private func parity(_ name: String) throws -> NetworkParity {
    let network = try #require(Self.networks[name])
    return try NetworkParity(network, Fixture("network-\(name)"))
  }

  @Test("names, shapes and order of all tensors", arguments: networks.keys.sorted())
  func tables(_ name: String) throws {
    try parity(name).checkTable()
  }

  @Test(
    "start, outputs, gradients, statistics and ten losses", arguments: networks.keys.sorted())
  func numbers(_ name: String) throws {
    try parity(name).checkNumbers()
  }

  @Test(
    "the same by every algorithm for convolutions",
    arguments: ["article", "sd-unet", "unet2d-a", "unet2d-c"], ConvolutionAlgorithm.allCases)
  func everyAlgorithm(_ name: String, _ algorithm: ConvolutionAlgorithm) throws {
    try ConvolutionAlgorithm.$forced.withValue(algorithm) { try numbers(name) }
  }

  @Test("with scale_input off, smalldiffusion's Unet answers as without its Scaled")
  func unscaled() throws {
    let (parity, fixture) = (try parity("sd-unet"), try Fixture("network-sd-unet"))
    let network = parity.network
    let shape = network.sampleShape.with(batch: 2)
    let weights = Weights(copying: try parity.testWeights().weights)
    let x = Tensor(channelsFirst: try fixture.floats("x"), shape)
    let steps = try fixture.floats("noise").map { noise in
      NoiseStep(index: nil, timestep: 0, level: NoiseLevel(sigma: exp(2 * Double(noise))))
    }
    func epsilon(_ scales: Bool?) -> [Float] {
      var parameterization = Parameterization.epsilon
      parameterization.scalesInput = scales
      return NetworkDenoiser(network, weights: weights, predicting: parameterization)
        .predict(Query(x, steps: steps)).epsilon.channelsFirst
    }
    let plain = try fixture.floats("output.eval")
    #expect(isNear(epsilon(false), plain, tolerance: 1e-4))
    #expect(!isNear(epsilon(nil), plain, tolerance: 1e-2))
  }

  @Test("the course's table of timesteps, and the usual one")
  func timestepTables() throws {
    let fixture = try Fixture("network-article")
    for embedding in ArticleUNetConfiguration.Embedding.allCases {
      let rows = embedding.rows(1000, 100)
      let chosen = [1, 2, 3, 500, 501, 999].flatMap { rows[$0 * 100..<($0 + 1) * 100] }
      #expect(
        isClose(chosen, try fixture.floats("table.\(embedding.rawValue)"), absolute: 1e-6),
        "\(embedding)")
    }
    let base1000 = ArticleUNetConfiguration.Embedding.standard.rows(4, 100, base: 1000)
    #expect(abs(base1000[3 * 100 + 50] - 0.094726091) < 1e-6)
    // An odd number of rows loses even ones.
    let odd = ArticleUNetConfiguration.Embedding.article.rows(7, 10)
    #expect(isClose(odd, try fixture.floats("table.odd"), absolute: 1e-6))
  }

  @Test("networks with a table of timesteps say how many it has")
  func timestepLimits() {
    let configuration = ArticleUNetConfiguration(channels: 4, timesteps: 70)
    #expect(Network.articleUNet(Shape(1, 16, 16, 1), configuration).timestepLimit == 70)
    let classes = NCSNConfiguration(channels: 8, noiseLevels: 3)
    #expect(Network.ncsn(Shape(1, 8, 8, 1), classes).timestepLimit == 3)
    var c = UNet2DConfiguration()
    (c.blockOutChannels, c.layersPerBlock, c.normNumGroups) = ([16, 32], 1, 4)
    (c.downBlocks, c.upBlocks) = ([.plain, .plain], [.plain, .plain])
    #expect(Network.unet2D(Shape(1, 8, 8, 3), c).timestepLimit == nil)
    c.timeEmbedding = .learned
    #expect(Network.unet2D(Shape(1, 8, 8, 3), c).timestepLimit == 1000)
    c.numTrainTimesteps = 40
    #expect(Network.unet2D(Shape(1, 8, 8, 3), c).timestepLimit == 40)
    #expect(Network.dense(Shape(1, 1, 6, 1)).timestepLimit == nil)
  }

  @Test("networks at full width have their originals' numbers of parameters")
  func counts() {
    #expect(Network.articleUNet(Shape(1, 32, 32, 3)).parameterCount == 33_078_526)
    let article = Network.articleUNet(Shape(1, 32, 32, 1)).table
    #expect(article.trainableCount == 33_077_032)
    #expect(article.untrainedCount == 100_000 + 11_776 + 18)
    let fashion = Network.smallDiffusionUNet(
      Shape(1, 28, 28, 1),
      SmallDiffusionUNetConfiguration(channels: 64, multipliers: [1, 1, 2], attention: [14]))
    #expect(fashion.parameterCount == 4_424_833)
    #expect(fashion.table.parameters.count == 250)
    let cifar = Network.smallDiffusionUNet(
      Shape(1, 32, 32, 3), SmallDiffusionUNetConfiguration(channels: 128))
    #expect(cifar.parameterCount == 36_071_939)
    #expect(cifar.table.parameters.count == 310)
    let dit = Network.dit(Shape(1, 28, 28, 1), DiTConfiguration()).table
    #expect(dit.count == 4_149_700)
    #expect(dit.untrainedCount == 37_632)
    #expect(
      Network.dit(Shape(1, 28, 28, 1), DiTConfiguration(classes: 10)).table.count == 4_188_868)
    let unet2D = Network.unet2D(Shape(1, 32, 32, 3), .ddpmCIFAR10)
    #expect(unet2D.parameterCount == 35_746_307)
    #expect(unet2D.table.parameters.count == 328)
    #expect(
      Network.mlp(Shape(1, 1, 1, 2), hidden: [16, 128, 256, 128, 16]).parameterCount == 70_274)
    let ncsn = Network.ncsn(Shape(1, 32, 32, 3), NCSNConfiguration())
    #expect(ncsn.parameterCount == 30_117_635)
  }

  @Test("the plain network and the U-Net it is compared with have as many parameters")
  func comparison() {
    let shape = Shape(1, 32, 32, 3)
    let plain = Network.residualCNN(shape, ResidualCNNConfiguration(channels: 64, blocks: 6))
    let unet = Network.unet(
      shape, UNetConfiguration(channels: 36, multipliers: [1, 2], blocks: 1, groups: 4))
    let ratio = Double(plain.parameterCount) / Double(unet.parameterCount)
    #expect(abs(ratio - 1) < 0.02, "\(plain.parameterCount) and \(unet.parameterCount)")
  }
}
