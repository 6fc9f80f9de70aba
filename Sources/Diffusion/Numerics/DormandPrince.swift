internal import Platform

/// An adaptive Runge–Kutta integrator of order 5 with an error estimate of order 4.
///
/// Source: Dormand and Prince 1980; the choice of steps is that of Hairer, Nørsett and Wanner 1993, section II.4, as in
/// `RK45` of SciPy.
package struct DormandPrince: Sendable {
  /// The error of a step that is allowed, relative to each value.
  package var relativeTolerance = 1e-5
  /// The error of a step that is allowed at values near 0.
  package var absoluteTolerance = 1e-5

  /// An integrator with this tolerance, relative and absolute.
  package init(tolerance: Double = 1e-5) {
    (relativeTolerance, absoluteTolerance) = (tolerance, tolerance)
  }

  private static let places = [0, 0.2, 0.3, 0.8, 8.0 / 9, 1]
  private static let stages: [[Double]] = [
    [],
    [1.0 / 5],
    [3.0 / 40, 9.0 / 40],
    [44.0 / 45, -56.0 / 15, 32.0 / 9],
    [19372.0 / 6561, -25360.0 / 2187, 64448.0 / 6561, -212.0 / 729],
    [9017.0 / 3168, -355.0 / 33, 46732.0 / 5247, 49.0 / 176, -5103.0 / 18656],
  ]
  private static let result = [35.0 / 384, 0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84]
  private static let errors = [
    -71.0 / 57600, 0, 71.0 / 16695, -71.0 / 1920, 17253.0 / 339200, -22.0 / 525, 1.0 / 40,
  ]

  /// The state at `end` of y′ = `slope`(s, y), from `y` at `start` below it.
  ///
  /// - Returns: the state, and how often the slope was evaluated; nil where the steps became too small to move on, as
  ///   where the slope is not finite.
  package func integrate(
    _ y: [Double], from start: Double, to end: Double,
    progress: (_ place: Double) throws -> Void = { _ in },
    slope: (_ place: Double, _ y: [Double]) throws -> [Double]
  ) rethrows -> (y: [Double], evaluations: Int)? {
    precondition(start < end, "an integration goes upwards, got \(start) to \(end)")
    var (y, place, evaluations) = (y, start, 2)
    var first = try slope(place, y)
    guard first.allSatisfy(\.isFinite) else { return nil }
    var step = try firstStep(y, place, first, end, slope)
    var wasRejected = false
    while place < end {
      guard step > 10 * place.ulp, step.isFinite else { return nil }
      let isLast = place + step >= end
      let length = isLast ? end - place : step
      var slopes = [first]
      for (part, weights) in zip(Self.places, Self.stages).dropFirst() {
        slopes.append(
          try slope(place + part * length, Self.moved(y, by: length, weights, slopes)))
      }
      let next = Self.moved(y, by: length, Self.result, slopes)
      slopes.append(try slope(place + length, next))
      evaluations += 6
      let error = norm(Self.moved(nil, by: length, Self.errors, slopes), y, next)
      if error < 1 {
        let growth = error == 0 ? 10 : min(10, 0.9 * pow(error, -0.2))
        step = length * (wasRejected ? min(1, growth) : growth)
        place = isLast ? end : place + length
        (y, first, wasRejected) = (next, slopes[6], false)
        try progress(place)
      } else {
        step = length * (error.isFinite ? max(0.2, 0.9 * pow(error, -0.2)) : 0.2)
        wasRejected = true
      }
    }
    return (y, evaluations)
  }

  /// y + length·Σ w_i·k_i; the sum alone where there is no y.
  private static func moved(
    _ y: [Double]?, by length: Double, _ weights: [Double], _ slopes: [[Double]]
  ) -> [Double] {
    var result = y ?? [Double](repeating: 0, count: slopes[0].count)
    for (weight, slope) in zip(weights, slopes) where weight != 0 {
      for i in result.indices { result[i] += length * weight * slope[i] }
    }
    return result
  }

  /// The root mean square of values in units of what is allowed.
  private func norm(_ values: [Double], _ y: [Double], _ other: [Double]) -> Double {
    var sum = 0.0
    for i in values.indices {
      let allowed = absoluteTolerance + relativeTolerance * max(abs(y[i]), abs(other[i]))
      sum += values[i] / allowed * (values[i] / allowed)
    }
    return (sum / Double(values.count)).squareRoot()
  }

  private func firstStep(
    _ y: [Double], _ start: Double, _ slope: [Double], _ end: Double,
    _ f: (Double, [Double]) throws -> [Double]
  ) rethrows -> Double {
    let (size, speed) = (norm(y, y, y), norm(slope, y, y))
    let guess = min(size < 1e-5 || speed < 1e-5 ? 1e-6 : 0.01 * size / speed, end - start)
    let next = try f(start + guess, Self.moved(y, by: guess, [1], [slope]))
    let bend = norm(zip(next, slope).map { $0 - $1 }, y, y) / guess
    let largest = max(speed, bend)
    let step = largest <= 1e-15 ? max(1e-6, guess * 1e-3) : pow(0.01 / largest, 0.2)
    return min(100 * guess, step, end - start)
  }
}
