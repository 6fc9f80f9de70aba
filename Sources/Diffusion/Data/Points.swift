internal import Platform

/// Made sets of points in the plane: the classic toys, on which every quantity can be checked.
package enum Points {
  typealias Point = (x: Double, y: Double)

  /// A spiral: t = tMin + u·tMax for u evenly in [0, 1], at (t cos t, t sin t) / tMax.
  ///
  /// Source: smalldiffusion, `Swissroll`; t runs to tMin + tMax, so the spiral leaves [−1, 1].
  package static func swissroll() -> Dataset {
    let (tMin, tMax) = (Double.pi / 2, 5 * Double.pi)
    let reach = Float((tMin + tMax) / tMax)
    let points = evenly(100, includingEnd: true).map { u -> Point in
      let t = tMin + u * tMax
      return (t * cos(t) / tMax, t * sin(t) / tMax)
    }
    return dataset("swissroll", points, range: -reach...reach)
  }

  /// Two half circles, each the other's hollow.
  static func moons() -> Dataset {
    let upper = evenly(100, includingEnd: true).map { u -> Point in
      (cos(.pi * u) / 1.5 - 1.0 / 3, sin(.pi * u) / 1.5 - 1.0 / 6)
    }
    let lower = evenly(100, includingEnd: true).map { u -> Point in
      (1.0 / 3 - cos(.pi * u) / 1.5, 1.0 / 6 - sin(.pi * u) / 1.5)
    }
    return dataset("moons", upper, lower, classNames: ["upper", "lower"])
  }

  /// Two circles around one centre, of radius 1 and 1/2.
  static func circles() -> Dataset {
    func circle(_ radius: Double) -> [Point] {
      evenly(100, includingEnd: false).map { u in
        (radius * cos(2 * .pi * u), radius * sin(2 * .pi * u))
      }
    }
    return dataset("circles", circle(1), circle(0.5), classNames: ["outer", "inner"])
  }

  /// A square grid of 5 × 5 points over [−1, 1]².
  static func grid() -> Dataset {
    let places = evenly(5, includingEnd: true).map { 2 * $0 - 1 }
    return dataset("grid", places.flatMap { y in places.map { x in (x, y) } })
  }

  /// `count` numbers evenly from 0 to 1, which is the last one or the one after it.
  static func evenly(_ count: Int, includingEnd: Bool) -> [Double] {
    let steps = Double(includingEnd ? count - 1 : count)
    return (0..<count).map { Double($0) / steps }
  }

  static func dataset(
    _ name: String, _ points: [Point], range: ClosedRange<Float> = -1...1
  ) -> Dataset {
    Dataset(
      name: name, kind: .points, shape: Shape(1, 1, 1, 2), range: range,
      values: points.flatMap { [Float($0.x), Float($0.y)] })
  }

  private static func dataset(
    _ name: String, _ first: [Point], _ second: [Point], classNames: [String]
  ) -> Dataset {
    Dataset(
      name: name, kind: .points, shape: Shape(1, 1, 1, 2), range: -1...1,
      values: (first + second).flatMap { [Float($0.x), Float($0.y)] },
      labels: first.map { _ in 0 } + second.map { _ in 1 }, classNames: classNames)
  }
}

extension BuiltInData {
  /// 100 points in the plane along a spiral.
  public static let swissroll = BuiltInData("swissroll", "100 points along a spiral") {
    Points.swissroll()
  }
  /// 200 points in the plane on two half circles, 2 classes.
  public static let moons = BuiltInData("moons", "200 points on two half circles, 2 classes") {
    Points.moons()
  }
  /// 200 points in the plane on two circles, one inside the other, 2 classes.
  public static let circles = BuiltInData("circles", "200 points on two circles, 2 classes") {
    Points.circles()
  }
  /// 25 points in the plane on a square grid.
  public static let grid = BuiltInData("grid", "25 points on a square grid") { Points.grid() }
}
