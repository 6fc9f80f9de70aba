import Testing

@testable import Diffusion

@Suite("Activations")
struct ActivationTests {
  /// Compares with max(x, 0), in which NaN is NaN.
  private func check(_ layer: any Layer, _ table: ParameterTable, _ weights: Tensor) {
    // A vector of the widest kind and a bit, so that all kinds of loops see NaN.
    let x = Tensor(Shape(1, 1, 19, 1), (0..<19).map { [1.5, -2, Float.nan][$0 % 3] })
    let pass = Pass(.evaluate, table, weights: weights)
    for (x, y) in zip(x.values, layer.forward(x, pass).values) {
      #expect(x.isNaN ? y.isNaN : y == max(x, 0), "ReLU of \(x) is \(y)")
    }
  }

  @Test("ReLU passes NaN on, as PyTorch does")
  func notANumber() {
    check(ReLU(), ParameterTable(), Tensor(Shape(1, 1, 1, 0)))
  }

  @Test("ReLU fused behind batch norm passes NaN on")
  func notANumberBehindBatchNorm() {
    var table = ParameterTable()
    // Running statistics of mean 0 and variance 1 change nothing.
    let layer = Sequential {
      BatchNorm2d(1, epsilon: 0, "a", &table)
      ReLU()
    }
    var random = Random(seed: 1)
    let weights = table.makeBlock()
    table.initialize(weights, using: &random)
    check(layer, table, weights)
  }
}
