import Foundation

@testable import Diffusion

/// A permutation test of whether two sets of points in the plane are of the same distribution.
///
/// The distance is that of Wasserstein, squared, along lines in all directions; the test asks how
/// seldom chance alone makes it as large.
struct SlicedWasserstein {
  /// Along each line: the places of all points in order, and whose they are.
  private let lines: [(values: [Double], owners: [Int])]
  private let count: Int

  /// - Precondition: both have as many points, x and y in turn.
  init(_ a: [Float], _ b: [Float], lines count: Int = 16) {
    precondition(a.count == b.count)
    let points = a + b
    self.count = a.count / 2
    lines = (0..<count).map { k in
      let angle = Double.pi * Double(k) / Double(count)
      let places = (0..<points.count / 2).map {
        cos(angle) * Double(points[2 * $0]) + sin(angle) * Double(points[2 * $0 + 1])
      }
      let order = places.indices.sorted { places[$0] < places[$1] }
      return (order.map { places[$0] }, order)
    }
  }

  /// The part of so many random divisions of all points whose distance is as large as theirs.
  func probability(divisions: Int, using random: inout Random) -> Double {
    let own = distance((0..<2 * count).map { $0 < count })
    var larger = 0
    for _ in 0..<divisions {
      var isFirst = [Bool](repeating: false, count: 2 * count)
      for index in random.permutation(2 * count).prefix(count) { isFirst[index] = true }
      if distance(isFirst) >= own { larger += 1 }
    }
    return Double(larger + 1) / Double(divisions + 1)
  }

  /// The distance of the two sets: the root of the mean square over points and lines.
  var distance: Double {
    (distance((0..<2 * count).map { $0 < count }) / Double(count * lines.count)).squareRoot()
  }

  private func distance(_ isFirst: [Bool]) -> Double {
    var sum = 0.0
    var first = [Double](repeating: 0, count: count)
    var second = first
    for line in lines {
      var (i, j) = (0, 0)
      for (value, owner) in zip(line.values, line.owners) {
        if isFirst[owner] {
          first[i] = value
          i += 1
        } else {
          second[j] = value
          j += 1
        }
      }
      for k in 0..<count {
        let difference = first[k] - second[k]
        sum += difference * difference
      }
    }
    return sum
  }
}
