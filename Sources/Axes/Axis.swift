/// A range of values along one side of a chart, linear or logarithmic.
public struct Axis: Hashable, Sendable {
  /// How values are mapped to positions on the axis.
  public enum Scale: Hashable, Sendable {
    /// Equal differences have equal lengths.
    case linear
    /// Equal ratios have equal lengths; values of 0 and below have no position.
    case log
  }

  /// A round value and its label.
  public struct Tick: Hashable, Sendable {
    /// Where the tick is.
    public var value: Double
    /// The text at the tick.
    public var label: String

    /// A tick with its label.
    public init(value: Double, label: String) {
      self.value = value
      self.label = label
    }
  }

  /// The scale of the axis.
  public let scale: Scale
  /// The value at the lower end.
  public let lower: Double
  /// The value at the upper end.
  public let upper: Double
  // The ends as they are spread: the values themselves, or their logarithms. They and what reads them
  // can be inlined, as charts of another module ask for the place of every point.
  @usableFromInline let start: Double
  @usableFromInline let length: Double

  /// An axis over `range`, widened if that is a single value.
  public init(_ range: ClosedRange<Double>, scale: Scale = .linear) {
    var lower = range.lowerBound.isFinite ? range.lowerBound : 0
    var upper = range.upperBound.isFinite ? range.upperBound : max(lower, 1)
    if scale == .log {
      if upper <= 0 { upper = 1 }
      if lower <= 0 { lower = upper / 1000 }
      if upper / lower < 1.000_001 { (lower, upper) = (lower / 2, upper * 2) }
      start = Numbers.logarithm(lower)
      length = Numbers.logarithm(upper) - start
    } else {
      if upper - lower <= max(lower.magnitude, upper.magnitude) * 1e-12 {
        let room = lower == 0 ? 0.5 : lower.magnitude * 0.1
        (lower, upper) = (lower - room, upper + room)
      }
      start = lower
      length = upper - lower
    }
    (self.lower, self.upper, self.scale) = (lower, upper, scale)
  }

  /// An axis that shows all of `values` that have a position, or nil if none has.
  ///
  /// Leaves 6 % free at both ends. For values that are never negative, a linear axis does not go below 0,
  /// and starts there if they come close to it.
  @inlinable
  public init?(fitting values: some Sequence<Double>, scale: Scale = .linear) {
    var lowest = Double.infinity
    var highest = -Double.infinity
    for value in values where value.isFinite && (scale == .linear || value > 0) {
      lowest = min(lowest, value)
      highest = max(highest, value)
    }
    guard lowest <= highest else { return nil }
    let tight = Axis(lowest...highest, scale: scale)
    let (low, high) = (tight.value(at: -0.06), tight.value(at: 1.06))
    let startsAtZero = scale == .linear && lowest >= 0 && low < 0.1 * high
    self.init((startsAtZero ? 0 : low)...high, scale: scale)
  }

  /// The position of a value: 0 at the lower end, 1 at the upper; nil for one without a position.
  @inlinable
  public func fraction(of value: Double) -> Double? {
    guard value.isFinite else { return nil }
    switch scale {
    case .linear: return (value - start) / length
    case .log: return value > 0 ? (Numbers.logarithm(value) - start) / length : nil
    }
  }

  /// The number of `values` in each of `count` equal parts of the axis; others are ignored.
  public func counts(of values: [Double], in count: Int) -> [Int] {
    var counts = Array(repeating: 0, count: max(0, count))
    guard count > 0 else { return counts }
    for value in values {
      guard let fraction = fraction(of: value), fraction >= 0, fraction <= 1 else { continue }
      counts[min(count - 1, Int(fraction * Double(count)))] += 1
    }
    return counts
  }

  /// The value at a fraction of the length.
  public func value(at fraction: Double) -> Double {
    let position = start + fraction * length
    return scale == .linear ? position : Numbers.powerOfTen(position)
  }
}

extension Axis {
  /// The round values on the axis, as many as possible but at most `count`.
  public func ticks(atMost count: Int) -> [Tick] {
    guard count > 0 else { return [] }
    if scale == .log {
      let ticks = logTicks(atMost: count)
      if ticks.count >= 2 { return ticks }
    }
    return linearTicks(atMost: count)
  }

  private func linearTicks(atMost count: Int) -> [Tick] {
    let span = upper - lower
    var exponent = Int(Numbers.logarithm(span / Double(count)).rounded(.down))
    for _ in 0..<3 {
      for mantissa in [1.0, 2.0, 5.0] {
        let step = Numbers.scaled(mantissa, byTenTo: exponent)
        let first = (lower / step - 1e-9).rounded(.up)
        let last = (upper / step + 1e-9).rounded(.down)
        guard last - first < Double(count) else { continue }
        guard first <= last else { return [] }
        return (0...Int(last - first)).map { index in
          let value = (first + Double(index)) * step
          return Tick(value: value, label: Self.label(value, step: step, digits: max(0, -exponent)))
        }
      }
      exponent += 1
    }
    return []
  }

  private static func label(_ value: Double, step: Double, digits: Int) -> String {
    if digits > 6 || value.magnitude >= 1e15 { return Numbers.compact(value) }
    if step >= 100_000 { return value == 0 ? "0" : Numbers.si(value) }
    return Numbers.fixed(value, digits)
  }

  private func logTicks(atMost count: Int) -> [Tick] {
    let decades =
      Int(
        Numbers.logarithm(lower).rounded(.down))...Int(
        Numbers.logarithm(upper).rounded(.up))
    let choices: [(mantissas: [Double], every: Int)] =
      [([1, 2, 5], 1), ([1, 3], 1), ([1], 1)] + [2, 3, 5, 10, 20, 50].map { ([1], $0) }
    for choice in choices {
      var ticks: [Tick] = []
      for decade in decades where decade.isMultiple(of: choice.every) {
        for mantissa in choice.mantissas {
          let value = Numbers.scaled(mantissa, byTenTo: decade)
          guard value >= lower * 0.999_999, value <= upper * 1.000_001 else { continue }
          ticks.append(Tick(value: value, label: Self.logLabel(mantissa, decade: decade)))
        }
      }
      if ticks.count <= count { return ticks }
    }
    return []
  }

  private static func logLabel(_ mantissa: Double, decade: Int) -> String {
    switch decade {
    case -3..<0: Numbers.fixed(Numbers.scaled(mantissa, byTenTo: decade), -decade)
    case 0..<5: Numbers.fixed(Numbers.scaled(mantissa, byTenTo: decade), 0)
    default: "\(Int(mantissa))e\(decade)"
    }
  }
}

/// A point between two axes.
public struct PlotPoint: Hashable, Sendable {
  /// The horizontal value.
  public var x: Double
  /// The vertical value.
  public var y: Double

  /// A point.
  public init(_ x: Double, _ y: Double) { (self.x, self.y) = (x, y) }
}
