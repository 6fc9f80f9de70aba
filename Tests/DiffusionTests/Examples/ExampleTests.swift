import Foundation
import Testing

@testable import Diffusion

@Suite("The examples of the documentation")
struct ExampleTests {
  /// As in the fixture.
  static let mixer: Network = {
    var sides = MixerConfiguration()
    (sides.patch, sides.width, sides.depth, sides.classes) = (2, 12, 2, 2)
    return .mixer(Shape(1, 8, 6, 2), sides)
  }()

  private static let root = Fixture.folder.deletingLastPathComponent().deletingLastPathComponent()

  @Test(
    "the documents show the examples that these tests compile, each short",
    arguments: [("adding-a-network", "Mixer", 60), ("adding-a-layer", "ChannelScale", 40)])
  func documents(_ document: String, _ example: String, _ limit: Int) throws {
    func text(_ path: String) throws -> String {
      try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
    }
    let source = try text("Tests/DiffusionTests/Examples/\(example).swift")
    // In the library the file imports nothing.
    let head = "@testable public import Diffusion\n\n"
    #expect(source.hasPrefix(head))
    let code = source.dropFirst(head.count)
    #expect(code.split(separator: "\n", omittingEmptySubsequences: false).count - 1 < limit)
    let found = try text("docs/\(document).md").contains("```swift\n\(code)```\n")
    #expect(found, "docs/\(document).md does not have the text of \(example).swift")
  }

  @Test("the mixer equals the same network in PyTorch")
  func parity() throws {
    let parity = try NetworkParity(Self.mixer, Fixture("network-mixer"))
    try parity.checkTable()
    try parity.checkNumbers()
  }

  @Test("the mixer's gradients agree with finite differences")
  func gradients() {
    var sides = MixerConfiguration()
    (sides.patch, sides.width, sides.depth, sides.classes) = (2, 4, 1, 2)
    let network = Network.mixer(Shape(1, 4, 2, 1), sides)
    var layer = LayerCase("mixer", Shape(2, 4, 2, 1)) { NetworkLayer(network, into: &$0) }
    layer.conditionIsNoise = true
    #expect(layer.largestGradientError() < GradientTests.tolerance)
  }

  @Test("the mixer learns")
  func training() throws {
    let digits = DataCatalog.digits14.make()
    var sides = MixerConfiguration()
    (sides.width, sides.depth, sides.classes) = (32, 2, 10)
    let trainer = Trainer(
      .mixer(digits.shape, sides), on: digits, schedule: .cosine(),
      TrainingConfiguration(batchSize: 32, steps: 80, learningRate: LearningRate(3e-3)))
    let losses = trainer.map(\.loss)
    let end = losses.suffix(10).reduce(0, +) / 10
    #expect(losses.count == 80)
    #expect(end < 0.6 * losses[0])
  }

  @Test("the layer's gradients agree with finite differences")
  func layerGradients() {
    let layer = LayerCase("ChannelScale", Shape(2, 3, 2, 20)) { ChannelScale(20, "a", &$0) }
    #expect(layer.largestGradientError() < GradientTests.tolerance)
  }

  @Test("the layer is listed in summaries")
  func layerSummary() {
    var table = ParameterTable()
    let body = ChannelScale(3, "scale", &table)
    let network = Network(
      name: "scaled", sampleShape: Shape(1, 2, 2, 3), noiseInput: .none, table: table, body: body)
    let rows = network.summary().rows
    #expect(rows.map(\.kind) == ["ChannelScale"])
    #expect(rows.map(\.name) == ["scale"])
    #expect(rows.map(\.parameters) == [.init(trainable: 3)])
  }
}
