import Testing

@testable import Diffusion

@Suite("Bicubic enlargement")
struct BicubicEnlargementTests {
  @Test("the kernel is Keys'", arguments: [-0.5, -0.75])
  func kernel(_ a: Double) {
    func kernel(_ x: Double) -> Double { BicubicEnlargement.kernel(x, slope: a) }
    #expect([0, 1, 2, 3].map(kernel) == [1, 0, 0, 0])
    for x in stride(from: 0.0, to: 1, by: 0.125) {
      #expect(isClose([kernel(1 + x) + kernel(x) + kernel(1 - x) + kernel(2 - x)], [1]))
    }
    // Its slope is a at a distance of 1, from both sides.
    #expect(abs((kernel(1 + 1e-6) - kernel(1)) / 1e-6 - a) < 1e-4)
    #expect(abs((kernel(1) - kernel(1 - 1e-6)) / 1e-6 - a) < 1e-4)
  }

  @Test("twice: the weights of Keys' paper, edges repeated")
  func weights() {
    // At distances of 1¾, ¾, ¼ and 1¼ with a = −½: −3/128, 29/128, 111/128, −9/128.
    let enlarged = BicubicEnlargement(factor: 2).enlarge(
      [0, 0, 128, 0, 0], Shape(1, 1, 5, 1))
    #expect(enlarged[..<10] == [0, -3, -9, 29, 111, 111, 29, -9, -3, 0])
    #expect(enlarged == Array(enlarged[..<10]) + enlarged[..<10])
    let edge = BicubicEnlargement(factor: 2).enlarge([128, 0, 0, 0], Shape(1, 4, 1, 1))
    #expect(edge.count == 16)
    #expect([edge[0], edge[2], edge[4], edge[6]] == [137, 102, 26, -9])
  }

  @Test("with a = −½ parabolas stay parabolas, with PyTorch's −¾ they do not")
  func parabola() {
    let small = (0..<12).map { Float($0 * $0) }
    func error(_ slope: Double) -> Float {
      let large = BicubicEnlargement(factor: 3, slope: slope).enlarge(small, Shape(1, 1, 12, 1))
      return (6..<30).map { place in
        let x = (Float(place) + 0.5) / 3 - 0.5
        return abs(large[place] - x * x)
      }.max() ?? 0
    }
    #expect(error(-0.5) < 1e-4)
    #expect(error(-0.75) > 0.01)
  }
}
