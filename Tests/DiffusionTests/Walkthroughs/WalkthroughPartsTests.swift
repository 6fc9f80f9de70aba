import Testing

@testable import Diffusion

/// What needs more than the public interface; `WalkthroughTests` has the rest.
@Suite("The walk-throughs' network and layer from inside")
struct WalkthroughPartsTests {
  /// As in the fixture.
  static let mixer: Network = {
    var configuration = MixerConfiguration()
    (configuration.patch, configuration.width, configuration.depth, configuration.classes) = (
      2, 12, 2, 2
    )
    return .mixer(Shape(1, 8, 6, 2), configuration)
  }()

  @Test("the mixer equals the same network in PyTorch")
  func parity() throws {
    let parity = try NetworkParity(Self.mixer, Fixture("network-mixer"))
    try parity.checkTable()
    try parity.checkNumbers()
  }

  @Test("the mixer's gradients agree with finite differences")
  func gradients() {
    var configuration = MixerConfiguration()
    (configuration.patch, configuration.width, configuration.depth, configuration.classes) = (
      2, 4, 1, 2
    )
    let network = Network.mixer(Shape(1, 4, 2, 1), configuration)
    var layer = LayerCase("mixer", Shape(2, 4, 2, 1)) { NetworkLayer(network, into: &$0) }
    layer.conditionIsNoise = true
    #expect(layer.largestGradientError() < GradientTests.tolerance)
  }

  @Test("the layer's gradients agree with finite differences")
  func layerGradients() {
    let layer = LayerCase("ChannelScale", Shape(2, 3, 2, 20)) { ChannelScale(20, "a", &$0) }
    #expect(layer.largestGradientError() < GradientTests.tolerance)
    #expect(layer.largestGradientError(.differentiate) < GradientTests.tolerance)
  }
}
