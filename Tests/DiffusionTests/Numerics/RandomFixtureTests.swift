import Testing

@testable import Diffusion

@Suite("Random numbers of PyTorch")
struct RandomFixtureTests {
  /// torch's vector logarithm and sine differ from the C library's in the last place.
  private static let tolerance = 2e-6

  @Test("normal numbers are torch.randn's, few or many", arguments: [0, 7] as [UInt64])
  func normals(_ seed: UInt64) throws {
    let fixture = try Fixture("random")
    for count in [3, 15, 16, 17, 31, 100, 1000] {
      var random = Random(seed: seed)
      let expected = try fixture.floats("randn.\(seed).\(count)")
      #expect(isClose(random.normals(count), expected, relative: 1e-5, absolute: Self.tolerance))
    }
  }

  @Test("calls of every kind share one stream")
  func mixedCalls() throws {
    let fixture = try Fixture("random")
    var random = Random(seed: 5)
    #expect(try random.uniforms(5) == fixture.floats("mixed.0"))
    #expect(
      isClose(random.normals(3), try fixture.floats("mixed.1"), absolute: Self.tolerance))
    #expect(try random.integers(below: 1000, count: 64) == fixture.ints("mixed.2"))
    #expect(
      isClose(random.normals(40), try fixture.floats("mixed.3"), absolute: Self.tolerance))
    #expect(try random.permutation(10) == fixture.ints("mixed.4"))
    #expect(
      isClose(random.normals(2), try fixture.floats("mixed.5"), absolute: Self.tolerance))
    #expect(try random.permutation(1000) == fixture.ints("mixed.6"))
  }

  @Test("images are drawn channels first")
  func images() throws {
    let fixture = try Fixture("random")
    var random = Random(seed: 0)
    let tensor = Tensor(Shape(2, 4, 5, 3))
    random.fillNormal(tensor)
    #expect(
      isClose(
        tensor.channelsFirst, try fixture.floats("randn.shape"), absolute: Self.tolerance))
  }

  @Test("layers start where PyTorch's start")
  func initialization() throws {
    let fixture = try Fixture("random")
    var table = ParameterTable()
    _ = Linear(7, 5, "linear", &table)
    _ = Conv2d(3, 8, "conv", &table)
    _ = Conv2d(4, 6, kernel: 1, "conv1", &table)
    let block = table.makeBlock()
    var random = Random(seed: 0)
    table.initialize(block, using: &random)
    for tensor in table.export(block) {
      #expect(try tensor.shape == fixture.shape("init.\(tensor.name)"))
      #expect(
        isNear(tensor.values, try fixture.floats("init.\(tensor.name)"), tolerance: 1e-6))
    }
  }

  @Test("a stream goes on from its saved state")
  func state() throws {
    var random = Random(seed: 9)
    _ = random.normals(5)
    var restored = try #require(Random(state: random.state))
    #expect(restored == random)
    #expect(restored.normals(7) == random.normals(7))
    #expect(Random(state: [1, 2, 3]) == nil)
  }
}
