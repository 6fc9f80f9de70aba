/// A schedule as a user describes it: a family, a number of levels, and values by name.
///
/// It may hold anything that was typed; ``make()`` says what is wrong with it.
public struct ScheduleConfiguration: Sendable, Hashable {
  public let family: ScheduleFamily
  /// The number of levels, T.
  public var timesteps: Int
  /// The values that differ from the family's defaults, or were written down, by key.
  public var values: [String: Double]

  public init(
    _ family: ScheduleFamily = .linear, timesteps: Int? = nil, values: [String: Double] = [:]
  ) {
    self.family = family
    self.timesteps = timesteps ?? family.defaultTimesteps
    self.values = values
  }

  /// The schedule described.
  public func make() throws(ScheduleError) -> Schedule {
    let parameters = family.parameters
    if let unknown = values.keys.sorted().first(where: { key in
      !parameters.contains { $0.key == key }
    }) {
      throw .unknownParameter(unknown, family)
    }
    let count = ScheduleParameter.timesteps(family.defaultTimesteps)
    guard count.range.contains(Double(timesteps)) else {
      throw .outOfRange("timesteps", Double(timesteps), count.range)
    }
    for parameter in parameters {
      let value = self[parameter.key] ?? parameter.defaultValue
      // Not a number is in no range.
      guard parameter.range.contains(value) else {
        throw .outOfRange(parameter.key, value, parameter.range)
      }
    }
    if let (low, high) = family.ordered, let lowValue = self[low], let highValue = self[high],
      lowValue > highValue
    {
      throw .wrongOrder(low: low, lowValue, high: high, highValue)
    }
    return family.make(timesteps: timesteps) { self[$0] ?? .nan }
  }

  /// The value in force of a parameter of this family, or nil for any other key.
  public subscript(key: String) -> Double? {
    if key == "timesteps" { return Double(timesteps) }
    guard let parameter = parameter(key) else { return nil }
    return values[key] ?? parameter.defaultValue
  }

  /// The parameter called `key`, or nil if this family has none.
  public func parameter(_ key: String) -> ScheduleParameter? {
    if key == "timesteps" { return .timesteps(family.defaultTimesteps) }
    return family.parameters.first { $0.key == key }
  }
}

// MARK: - Changing

extension ScheduleConfiguration {
  /// The same with another value, which is not checked until ``make()``.
  public func setting(_ key: String, to value: Double) -> ScheduleConfiguration {
    var result = self
    if key == "timesteps" {
      result.timesteps = Int(exactly: value.rounded()) ?? 0
    } else {
      result.values[key] = value
    }
    return result
  }

  /// The same with a parameter moved by so many key presses, which keeps a valid one valid.
  public func adjusting(_ key: String, by steps: Int) -> ScheduleConfiguration {
    guard let parameter = parameter(key), let value = self[key] else { return self }
    var stepped = parameter.stepped(value, by: steps)
    if let (low, high) = family.ordered {
      if key == low, let limit = self[high] { stepped = min(stepped, max(limit, value)) }
      if key == high, let limit = self[low] { stepped = max(stepped, min(limit, value)) }
    }
    return setting(key, to: stepped)
  }

  /// The same without what was set for `key`.
  public func resetting(_ key: String) -> ScheduleConfiguration {
    guard let parameter = parameter(key) else { return self }
    if key == "timesteps" { return setting(key, to: parameter.defaultValue) }
    var result = self
    result.values[key] = nil
    return result
  }
}

/// Why there is no schedule of a description.
public enum ScheduleError: Error, Hashable, CustomStringConvertible {
  case unknownParameter(String, ScheduleFamily)
  case outOfRange(String, Double, ClosedRange<Double>)
  case wrongOrder(low: String, Double, high: String, Double)

  /// The parameter to look at.
  public var key: String {
    switch self {
    case .unknownParameter(let key, _), .outOfRange(let key, _, _), .wrongOrder(let key, _, _, _):
      key
    }
  }

  public var description: String {
    switch self {
    case .unknownParameter(let key, let family):
      "A \(family.rawValue) schedule has no parameter \(key); it has timesteps, "
        + "\(family.parameters.map(\.key).joined(separator: " and "))."
    case .outOfRange(let key, let value, let range):
      "\(key) = \(short(value)) is outside \(short(range.lowerBound)) to "
        + "\(short(range.upperBound))."
    case .wrongOrder(let low, let lowValue, let high, let highValue):
      "\(low) = \(short(lowValue)) must not be above \(high) = \(short(highValue))."
    }
  }

  /// Whole numbers without the fraction.
  private func short(_ value: Double) -> String {
    Int(exactly: value).map(String.init) ?? String(value)
  }
}
