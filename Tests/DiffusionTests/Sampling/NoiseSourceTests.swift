import Diffusion
import Testing

@Suite("Noise sources")
struct NoiseSourceTests {
  @Test("a sample's noise does not depend on the size of the batch")
  func independentOfBatch() {
    var all = NoiseSource(seed: 7, samples: 0..<6)
    var some = NoiseSource(seed: 7, samples: 2..<4)
    for _ in 0..<3 {
      let six = all.draw(Shape(6, 2, 2, 3)).values
      let two = some.draw(Shape(2, 2, 2, 3)).values
      #expect(Array(six[24..<48]) == two)
    }
  }

  @Test("neighbouring seeds and samples have different noise")
  func different() {
    var (a, b) = (NoiseSource(seed: 0, samples: 0..<3), NoiseSource(seed: 1, samples: 0..<3))
    let shape = Shape(3, 1, 1, 1)
    #expect(Set(a.draw(shape).values + b.draw(shape).values).count == 6)
  }

  @Test("one generator for the batch draws PyTorch's numbers in PyTorch's order")
  func batchOrder() {
    let shape = Shape(2, 2, 2, 3)
    var source = NoiseSource(batch: Random(seed: 0))
    var random = Random(seed: 0)
    #expect(source.draw(shape).channelsFirst == random.normals(24))
    #expect(source.draw(shape).channelsFirst == random.normals(24))
  }

  @Test("skipping draws goes on as if they had been made")
  func skipping() {
    let shape = Shape(2, 1, 1, 2)
    var (walked, skipped) = (
      NoiseSource(seed: 1, samples: 0..<2), NoiseSource(seed: 1, samples: 0..<2)
    )
    for _ in 0..<3 { _ = walked.draw(shape) }
    skipped.skip(3, shape)
    #expect(walked.draws == skipped.draws)
    #expect(walked.draw(shape).values == skipped.draw(shape).values)
  }

  @Test("recorded noise comes back in order")
  func recorded() {
    let shape = Shape(1, 1, 1, 1)
    var source = NoiseSource(recorded: [Tensor(shape, [1]), Tensor(shape, [2])])
    #expect(source.draw(shape).values == [1])
    #expect(source.draw(shape).values == [2])
  }

  @Test("the start has the deviation of its level")
  func start() {
    let shape = Shape(1000, 1, 1, 1)
    for (level, deviation) in [(NoiseLevel(sigma: 10), 10.0), (NoiseLevel(alphaBar: 1e-4), 1)] {
      var source = NoiseSource(batch: Random(seed: 0))
      let x = source.start(shape, at: level)
      #expect(isClose(x.norm / 1000.squareRoot(), deviation, relative: 0.1))
    }
  }
}
