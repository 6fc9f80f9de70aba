internal import Platform

/// A number that shapes a schedule: what it is called, what it may be and how it is stepped.
public struct ScheduleParameter: Sendable, Hashable {
  /// How a key press changes a value.
  public enum Stepping: Sendable, Hashable {
    /// By adding the step.
    case linear(step: Double)
    /// By multiplying; this many steps make a factor of 10.
    case logarithmic(perDecade: Int)
  }

  /// The name in recipes.
  public let key: String
  /// The name on the screen.
  public let symbol: String
  public let defaultValue: Double
  public let range: ClosedRange<Double>
  public let stepping: Stepping
  /// What it does, in one sentence.
  public let explanation: String

  /// The value `steps` key presses away, kept in ``range``.
  ///
  /// Values lie on a grid around the default, so that stepping there and back gives the same
  /// number; from a value off the grid the first step goes to the next value on it.
  public func stepped(_ value: Double, by steps: Int) -> Double {
    guard steps != 0 else { return value }
    let position: Double
    switch stepping {
    case .linear(let step): position = (value - defaultValue) / step
    case .logarithmic(let count): position = log10(value / defaultValue) * Double(count)
    }
    // A value rounded for the screen counts as on the grid.
    let nearest = position.rounded()
    let tolerance = 0.05
    let start =
      abs(position - nearest) < tolerance
      ? nearest : position.rounded(steps > 0 ? .down : .up)
    let target = start + Double(steps)
    let result: Double
    switch stepping {
    case .linear(let step): result = rounded(defaultValue + target * step, digits: 9)
    case .logarithmic(let count):
      result = rounded(defaultValue * pow(10, target / Double(count)), digits: 3)
    }
    return min(max(target == 0 ? defaultValue : result, range.lowerBound), range.upperBound)
  }

  /// `value` with so many significant digits, as short to read as it can be.
  private func rounded(_ value: Double, digits: Int) -> Double {
    guard value != 0, value.isFinite else { return value }
    let places = digits - 1 - Int(log10(abs(value)).rounded(.down))
    // Powers of ten up to 22 are exact, so this gives the number a reader would type.
    return places >= 0
      ? (value * pow(10, Double(places))).rounded() / pow(10, Double(places))
      : (value / pow(10, Double(-places))).rounded() * pow(10, Double(-places))
  }
}

// MARK: - Catalogue

extension ScheduleParameter {
  /// The number of levels, which every family has; a whole number.
  public static func timesteps(_ defaultValue: Int) -> ScheduleParameter {
    ScheduleParameter(
      key: "timesteps", symbol: "T", defaultValue: Double(defaultValue), range: 2...10_000,
      stepping: .linear(step: 10), explanation: "How many noise levels there are.")
  }

  static func betaStart(_ defaultValue: Double) -> ScheduleParameter {
    ScheduleParameter(
      key: "beta_start", symbol: "β₁", defaultValue: defaultValue, range: 1e-6...0.5,
      stepping: .logarithmic(perDecade: 20),
      explanation: "The noise added at the first step; smaller keeps the first levels cleaner.")
  }

  static func betaEnd(_ defaultValue: Double) -> ScheduleParameter {
    ScheduleParameter(
      key: "beta_end", symbol: "β_T", defaultValue: defaultValue, range: 1e-5...0.999,
      stepping: .logarithmic(perDecade: 20),
      explanation: "The noise added at the last step; too small leaves signal at the last level.")
  }

  static let cosineOffset = ScheduleParameter(
    key: "s", symbol: "s", defaultValue: 0.008, range: 0...0.5, stepping: .linear(step: 0.001),
    explanation: "Shifts the cosine, so that the first steps are not too small to matter.")

  static let maxBeta = ScheduleParameter(
    key: "max_beta", symbol: "β max", defaultValue: 0.999, range: 0.01...0.9999,
    stepping: .linear(step: 0.01),
    explanation: "Limits β, which would otherwise reach 1 at the last step.")

  static let sigmaMin = ScheduleParameter(
    key: "sigma_min", symbol: "σ min", defaultValue: 0.02, range: 1e-4...10,
    stepping: .logarithmic(perDecade: 20),
    explanation: "The lowest noise; finer detail than this is not learned.")

  static let sigmaMax = ScheduleParameter(
    key: "sigma_max", symbol: "σ max", defaultValue: 10, range: 0.1...2000,
    stepping: .logarithmic(perDecade: 20),
    explanation: "The highest noise; it must drown the data, whose size is about 1.")
}
