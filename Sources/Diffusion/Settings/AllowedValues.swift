internal import Platform

/// The values that a setting allows.
///
/// Input checks, key presses in forms, documentation and errors all derive from this.
public enum AllowedValues: Sendable, Hashable {
  /// A whole number; a key press changes it by `step`.
  case integer(ClosedRange<Int>, step: Int)
  /// A number in an interval; a key press changes it as given.
  case real(Interval, Stepping)
  /// True or false.
  case flag
  /// One of several words.
  case word([Choice])
  /// Any text, with a description such as "a name".
  case text(String)
  /// A list of 1 to `atMost` whole numbers.
  case integers(ClosedRange<Int>, atMost: Int)
  /// A list of `count` numbers.
  case reals(Interval, count: ClosedRange<Int>)
  /// A list of words, with a description.
  case texts(String)

  /// A word that can be chosen.
  public struct Choice: Sendable, Hashable {
    /// The word, as recipes write it.
    public let name: String
    /// Its meaning; empty where the word says it all.
    public let meaning: String
    /// Whether it is for text alone; false where it is for anything but text, nil where it is for both.
    package let isForText: Bool?

    /// A word with its meaning.
    public init(_ name: String, _ meaning: String = "") {
      self.init(name, meaning, isForText: nil)
    }

    /// The same, and whether it is for text alone.
    package init(_ name: String, _ meaning: String, isForText: Bool?) {
      (self.name, self.meaning, self.isForText) = (name, meaning, isForText)
    }
  }

  /// How a key press changes a number.
  public enum Stepping: Sendable, Hashable {
    /// By adding the step.
    case linear(step: Double)
    /// By multiplying; this many key presses make a factor of 10.
    case logarithmic(perDecade: Int)
  }
}

/// An interval of numbers, with or without its ends.
public struct Interval: Sendable, Hashable, CustomStringConvertible {
  /// The lower end.
  package let lower: Double
  /// The upper end.
  package let upper: Double
  /// Whether the lower end itself is allowed.
  package let includesLower: Bool
  /// Whether the upper end itself is allowed.
  package let includesUpper: Bool

  /// Both ends included.
  public init(_ range: ClosedRange<Double>) {
    (lower, upper, includesLower, includesUpper) = (range.lowerBound, range.upperBound, true, true)
  }

  /// From `lower` to below `upper`.
  public init(_ range: Range<Double>) {
    (lower, upper, includesLower, includesUpper) = (range.lowerBound, range.upperBound, true, false)
  }

  /// Above `lower` and up to `upper`.
  public init(above lower: Double, upTo upper: Double) {
    (self.lower, self.upper, includesLower, includesUpper) = (lower, upper, false, true)
  }

  /// False for what is not a number.
  package func contains(_ value: Double) -> Bool {
    (includesLower ? value >= lower : value > lower)
      && (includesUpper ? value <= upper : value < upper)
  }

  public var description: String {
    let (low, high) = (Wording.short(lower), Wording.short(upper))
    if !includesLower { return "above \(low) and up to \(high)" }
    return includesUpper ? "from \(low) to \(high)" : "from \(low) to below \(high)"
  }
}

extension AllowedValues: CustomStringConvertible {
  /// Such as "a whole number from 1 to 64".
  public var description: String {
    switch self {
    case .integer(let range, _):
      "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .real(let interval, _): "a number \(interval)"
    case .flag: "true or false"
    case .word(let choices): "one of \(choices.map(\.name).joined(separator: ", "))"
    case .text(let what), .texts(let what): what
    case .integers(let range, let most):
      "a list of 1 to \(most) whole numbers from \(range.lowerBound) to \(range.upperBound)"
    case .reals(let interval, let count):
      "a list of \(count.lowerBound) to \(count.upperBound) numbers \(interval)"
    }
  }

  /// Whether a value can be typed; the others are stepped through.
  package var acceptsTyping: Bool {
    switch self {
    case .flag, .word: false
    default: true
    }
  }
}

// MARK: - Typing and stepping

extension AllowedValues {
  /// Whether a whole number or a word is in range; true for everything else, which only its setting
  /// can tell.
  package func allows(_ value: SettingValue) -> Bool {
    switch (self, value) {
    case (.integer(let range, _), .integer(let number)): range.contains(number)
    case (.word(let choices), .text(let word)): choices.contains { $0.name == word }
    default: true
    }
  }

  /// What was typed into a form, with or without brackets and commas; an entry of a list that has spaces is put
  /// in quotation marks.
  package func value(typed text: String) -> SettingValue {
    switch self {
    case .integer, .real:
      let digits = text.filter { $0 != "," && $0 != " " }
      if let whole = Int(digits) { return .integer(whole) }
      guard let number = Double(digits), number.isFinite else { return .text(text) }
      return Int(exactly: number).map { .integer($0) } ?? .real(number)
    case .flag:
      let words = ["true": true, "on": true, "false": false, "off": false]
      return words[text].map { .flag($0) } ?? .text(text)
    case .word, .text: return .text(text)
    case .integers, .reals, .texts:
      return .list(entries(typed: text))
    }
  }

  /// The entries of a list that was typed: every second part between quotation marks is an entry as it stands.
  private func entries(typed text: String) -> [SettingValue] {
    text.split(separator: "\"", omittingEmptySubsequences: false).enumerated().flatMap {
      index, part in
      index % 2 == 1
        ? [.text(String(part))]
        : part.split { ", []".contains($0) }.map { typed(String($0)) }
    }
  }

  /// An entry of a list.
  private func typed(_ word: String) -> SettingValue {
    if let number = Int(word) { return .integer(number) }
    if case .reals = self, let number = Double(word), number.isFinite { return .real(number) }
    return .text(word)
  }

  /// The value so many key presses away, within what is allowed; nil where there is no stepping.
  ///
  /// Numbers lie on a grid around the default, so that stepping there and back gives the same one;
  /// from a value off the grid the first step goes to the next value on it.
  package func stepped(
    _ value: SettingValue, by steps: Int, default standard: SettingValue?
  ) -> SettingValue? {
    switch (self, value) {
    case (.integer(let range, let step), .integer(let value)):
      return .integer(Self.stepped(value, by: steps, step, range))
    case (.real(let interval, let stepping), _):
      guard let value = value.number else { return nil }
      let standard = standard?.number ?? value
      return .real(stepping.stepped(value, by: steps, around: standard, in: interval))
    case (.flag, .flag(let value)):
      return .flag(steps % 2 == 0 ? value : !value)
    case (.word(let choices), .text(let value)):
      // From a word that is none of them, the first step goes to the nearest end.
      let index = choices.firstIndex { $0.name == value } ?? (steps > 0 ? -1 : 0)
      let count = choices.count
      return .text(choices[((index + steps % count) % count + count) % count].name)
    default: return nil
    }
  }

  private static func stepped(
    _ value: Int, by steps: Int, _ step: Int, _ range: ClosedRange<Int>
  ) -> Int {
    let change = steps.multipliedReportingOverflow(by: step)
    let sum = value.addingReportingOverflow(change.partialValue)
    // Beyond all whole numbers lies the end of the range on that side.
    guard !change.overflow, !sum.overflow else {
      return steps > 0 ? range.upperBound : range.lowerBound
    }
    return min(max(sum.partialValue, range.lowerBound), range.upperBound)
  }
}

extension AllowedValues.Stepping {
  fileprivate func stepped(
    _ value: Double, by steps: Int, around standard: Double, in interval: Interval
  ) -> Double {
    guard steps != 0 else { return value }
    let position: Double
    switch self {
    case .linear(let step): position = (value - standard) / step
    case .logarithmic(let count): position = log10(value / standard) * Double(count)
    }
    // A value rounded for the screen counts as on the grid.
    let nearest = position.rounded()
    let start = abs(position - nearest) < 0.05 ? nearest : position.rounded(steps > 0 ? .down : .up)
    let target = start + Double(steps)
    let result: Double
    switch self {
    case .linear(let step): result = rounded(standard + target * step, digits: 9)
    case .logarithmic(let count):
      result = rounded(standard * pow(10, target / Double(count)), digits: 3)
    }
    // An end that is not allowed itself stops where the value was.
    let low = interval.includesLower ? interval.lower : min(value, standard)
    let high = interval.includesUpper ? interval.upper : max(value, standard)
    let next = target == 0 ? standard : result
    return interval.contains(next) ? next : min(max(next, low), high)
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
