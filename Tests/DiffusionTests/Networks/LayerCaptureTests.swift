import Testing

@testable import Diffusion

@Suite("What a layer inside a network computes")
struct LayerCaptureTests {
  /// diffusers' U-Net of the fixture, the rows of its summary, and one sample of the fixture.
  private struct Scene {
    let fixture: Fixture
    let network: Network
    let weights: Tensor
    let rows: [NetworkSummary.Row]

    init() throws {
      fixture = try Fixture("captures")
      network = try #require(NetworkParityTests.networks["unet2d-b"])
      weights = try NetworkParity(network, Fixture("network-unet2d-b")).testWeights().weights
      rows = network.summary().rows
    }

    /// The output of a layer for a sample of the fixture.
    func output(of layer: Int, sample: Int) throws -> LayerOutput {
      let batch = try fixture.shape("x")[0]
      let all = Tensor(
        channelsFirst: try fixture.floats("x"), network.sampleShape.with(batch: batch))
      let x = Tensor(network.sampleShape, all.shape.sample(sample, of: all.values))
      let noise = Tensor(Shape(1, 1, 1, 1), [try fixture.floats("noise")[sample]])
      let trace = NetworkTrace(capturing: layer)
      let pass = Pass(.evaluate, network.table, weights: weights)
      pass.trace = trace
      _ = network.forward(x, noise: noise, pass)
      return try #require(trace.output)
    }
  }

  @Test("a convolution's output is that of diffusers", arguments: 0..<2)
  func convolution(_ sample: Int) throws {
    let scene = try Scene()
    let name = "down_blocks.1.resnets.0.conv1"
    let layer = try #require(scene.rows.firstIndex { $0.name == name })
    let found = try scene.output(of: layer, sample: sample)
    let shape = try scene.fixture.shape(name)
    #expect(found.shape == Shape(1, shape[2], shape[3], shape[1]) && found.attention == nil)
    let expected = Tensor(
      channelsFirst: try scene.fixture.floats(name), found.shape.with(batch: shape[0]))
    #expect(
      isClose(
        found.values, found.shape.sample(sample, of: expected.values), relative: 1e-5,
        absolute: 1e-5))
    let channel = (0..<shape[2] * shape[3]).map { found.values[$0 * shape[1] + 3] }
    #expect(found.channel(3) == channel)
  }

  @Test(
    "attention weights are those of diffusers, by head and averaged",
    arguments: ["down_blocks.2.attentions.0", "mid_block.attentions.0"])
  func attention(_ name: String) throws {
    let scene = try Scene()
    // Queries, keys and values are computed just before.
    let before = try #require(scene.rows.lastIndex { $0.name == "\(name).to_v" })
    let layer = try #require(
      scene.rows[before...].firstIndex { $0.kind.hasPrefix("Attention") })
    let shape = try scene.fixture.shape(name)
    let expected = try scene.fixture.floats(name)
    for sample in 0..<shape[0] {
      let scores = try #require(try scene.output(of: layer, sample: sample).attention)
      let (heads, count) = (shape[1], shape[2])
      #expect(scores.heads == heads && scores.count == count && heads > 1)
      for query in 0..<count {
        let rows = (0..<heads).map { head in
          let start = ((sample * heads + head) * count + query) * count
          return Array(expected[start..<start + count])
        }
        for (head, row) in rows.enumerated() {
          let found = scores.weights(query: query, head: head)
          #expect(isClose(found, row, relative: 1e-5, absolute: 1e-5))
        }
        let mean = (0..<count).map { key in rows.reduce(0) { $0 + $1[key] } / Float(heads) }
        #expect(
          isClose(scores.weights(query: query), mean, relative: 1e-5, absolute: 1e-5))
      }
    }
  }

  @Test("the last layer's output is the network's, and capturing changes no estimate")
  func last() throws {
    let scene = try Scene()
    let denoiser = NetworkDenoiser(
      scene.network, weights: Weights(copying: scene.weights), predicting: .epsilon)
    var random = Random(seed: 3)
    let shape = scene.network.sampleShape
    let query = Query(
      Tensor(shape, random.normals(shape.count)),
      at: NoiseStep(index: nil, timestep: 100, level: NoiseLevel(sigma: 0.5)))
    let plain = denoiser.predict(query)
    let (captured, output) = denoiser.predict(query, capturing: scene.rows.count - 1)
    #expect(
      captured.epsilon.values == plain.epsilon.values && captured.x0.values == plain.x0.values)
    #expect(output?.values == plain.epsilon.values)
    #expect(denoiser.predict(query, capturing: scene.rows.count).output == nil)
  }
}
