import Testing

@testable import Diffusion

@Suite("Adam")
struct AdamTests {
  @Test("moments keep their digits where β is next to 1", arguments: Adam.Variant.allCases)
  func moments(_ kind: Adam.Variant) {
    var table = ParameterTable()
    // Powers of two, so that squares are exact, and enough for every kind of loop.
    let gradients = (0..<37).map {
      Float(sign: $0 % 2 == 0 ? .plus : .minus, exponent: $0 % 5 - 3, significand: 1)
    }
    _ = table.add("w", [gradients.count], .constant(0))
    let block = ParameterBlock(table)
    block.gradients.assign(gradients)
    let (beta1, beta2) = (0.9, 0.99999)
    Adam(kind, beta1: beta1, beta2: beta2, weightDecay: 0).step(
      block, step: 1, learningRate: 1e-3, gradientScale: 1, averageDecay: 0.9)
    let g = gradients.map { Double($0) }
    #expect(isClose(block.m.values.map { Double($0) }, g.map { (1 - beta1) * $0 }, relative: 1e-7))
    #expect(
      isClose(block.v.values.map { Double($0) }, g.map { (1 - beta2) * $0 * $0 }, relative: 1e-7))
  }
}
