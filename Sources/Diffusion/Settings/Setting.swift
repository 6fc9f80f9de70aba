/// A setting of a configuration: its key, allowed values, meaning, and where its value is stored.
///
/// Everything that programs, forms and documents know about a setting comes from here.
public struct Setting<Root: Sendable>: Sendable {
  /// All of it but the place of the value.
  package var info: SettingInfo
  /// The value in a configuration, or nil where it is absent.
  package let get: @Sendable (Root) -> SettingValue?
  /// Puts a value in place; what is not allowed leaves everything as it was.
  package let set: @Sendable (inout Root, SettingValue) throws(SettingError) -> Void
}

/// The description of a setting, independent of its configuration.
public struct SettingInfo: Sendable, Hashable {
  /// The name in recipes, such as `learning_rate`.
  public let key: String
  /// The name on the screen.
  public var label: String
  /// The allowed values.
  public var allowed: AllowedValues
  /// Its meaning, in a few words.
  public let meaning: String
  /// What an absent value stands for, in words, where it may be absent.
  package var absent: String?
  /// The default value.
  public var defaultValue: SettingValue?
  /// Whether a change acts on a run in progress.
  package var isLive = false
  /// Whether a recipe has to say it.
  package var isRequired = false
  /// Another key of the section that this one replaces.
  package var replaces: String?
  /// The keys of the section that this one sets too, unless they are said beside it.
  package var governs: Set<String> = []
  /// Whether it is for text alone; false where it is for anything but text, nil where it is for both.
  package var isForText: Bool?
}

extension SettingInfo {
  /// The setting where samples are masked text, or where they are not: with the words that fit; nil where it
  /// does not apply.
  ///
  /// Where `isText` is nil, everything does.
  package func offered(forText isText: Bool?) -> SettingInfo? {
    guard let isText else { return self }
    func fits(_ isForText: Bool?) -> Bool { isForText.map { $0 == isText } ?? true }
    guard fits(isForText) else { return nil }
    guard case .word(let choices) = allowed else { return self }
    var info = self
    info.allowed = .word(choices.filter { fits($0.isForText) })
    return info
  }
}

/// Why a setting rejects a value.
public enum SettingError: Error, Hashable {
  /// The value is not among the allowed ones (``SettingInfo/allowed``).
  case notAllowed
  /// For this reason: a sentence about the setting, without its name at the front.
  case because(String)
}

/// Values that are allowed one by one, but not together.
public struct SettingConflict: Error, Hashable, CustomStringConvertible {
  /// The keys involved, the most relevant first.
  public let keys: [String]
  public let description: String

  /// A conflict between these keys, described in a sentence.
  public init(_ keys: [String], _ description: String) {
    self.keys = keys
    self.description = description
  }
}

// MARK: - How a setting is declared

extension Setting {
  /// The same setting with another name on the screen.
  public func label(_ label: String) -> Self { with { $0.label = label } }
  /// The same setting, taking effect during a run.
  public var live: Self { with { $0.isLive = true } }
  /// The same setting, without a default.
  public var required: Self { with { $0.isRequired = true } }
  /// The same setting, for text alone, or for anything but text.
  package func forText(_ isForText: Bool) -> Self { with { $0.isForText = isForText } }
  /// The same, written instead of another key of its section.
  package func replaces(_ key: String) -> Self { with { $0.replaces = key } }

  private func with(_ change: (inout SettingInfo) -> Void) -> Self {
    var copy = self
    change(&copy.info)
    return copy
  }

  /// A setting whose value is converted; `set` returns false for invalid values.
  public init(
    _ key: String, _ allowed: AllowedValues, _ meaning: String, absent: String? = nil,
    get: @escaping @Sendable (Root) -> SettingValue?,
    set: @escaping @Sendable (inout Root, SettingValue) throws(SettingError) -> Bool
  ) {
    info = SettingInfo(
      key: key, label: String(key.map { $0 == "_" ? " " : $0 }), allowed: allowed, meaning: meaning,
      absent: absent)
    self.get = get
    self.set = { (root, value) throws(SettingError) in
      guard try set(&root, value) else { throw .notAllowed }
    }
  }

  /// A setting at a key path; `read` returns nil for invalid values.
  init<Value>(
    _ path: any WritableKeyPath<Root, Value> & Sendable, _ key: String, _ allowed: AllowedValues,
    _ meaning: String, write: @escaping @Sendable (Value) -> SettingValue,
    read: @escaping @Sendable (SettingValue) throws(SettingError) -> Value?
  ) {
    self.init(
      key, allowed, meaning, get: { write($0[keyPath: path]) },
      set: { (root, value) throws(SettingError) in
        guard let value = try read(value) else { return false }
        root[keyPath: path] = value
        return true
      })
  }

  /// A setting at a key path that may be absent, with the meaning that `absent` describes.
  init<Value>(
    _ path: any WritableKeyPath<Root, Value?> & Sendable, _ key: String, _ allowed: AllowedValues,
    absent: String, _ meaning: String, write: @escaping @Sendable (Value) -> SettingValue,
    read: @escaping @Sendable (SettingValue) throws(SettingError) -> Value?
  ) {
    self.init(
      key, allowed, meaning, absent: absent, get: { $0[keyPath: path].map(write) },
      set: { (root, value) throws(SettingError) in
        guard let value = try read(value) else { return false }
        root[keyPath: path] = value
        return true
      })
  }

  /// A whole number; a key press changes it by `step`.
  public static func integer(
    _ path: any WritableKeyPath<Root, Int> & Sendable, _ key: String, _ range: ClosedRange<Int>,
    step: Int = 1, _ meaning: String
  ) -> Self {
    Setting(
      path, key, .integer(range, step: step), meaning,
      write: { .integer($0) }, read: { $0.integer(in: range) })
  }

  /// A whole number that may be absent, with the meaning that `absent` describes.
  public static func integer(
    _ path: any WritableKeyPath<Root, Int?> & Sendable, _ key: String, _ range: ClosedRange<Int>,
    step: Int = 1, absent: String, _ meaning: String
  ) -> Self {
    Setting(
      path, key, .integer(range, step: step), absent: absent, meaning,
      write: { .integer($0) }, read: { $0.integer(in: range) })
  }

  /// A random seed: a whole number from 0.
  public static func seed(
    _ path: any WritableKeyPath<Root, UInt64> & Sendable, key: String = "seed", _ meaning: String
  ) -> Self {
    Setting(
      path, key, .integer(0...Int.max, step: 1), meaning,
      write: { .integer(Int(clamping: $0)) }, read: { $0.integer(in: 0...Int.max).map(UInt64.init) }
    )
  }

  /// A number in an interval.
  public static func real(
    _ path: any WritableKeyPath<Root, Double> & Sendable, _ key: String, _ interval: Interval,
    by stepping: AllowedValues.Stepping = .linear(step: 0.05), _ meaning: String
  ) -> Self {
    Setting(
      path, key, .real(interval, stepping), meaning,
      write: { .real($0) }, read: { $0.number(in: interval) })
  }

  /// A number that may be absent, with the meaning that `absent` describes.
  public static func real(
    _ path: any WritableKeyPath<Root, Double?> & Sendable, _ key: String, _ interval: Interval,
    by stepping: AllowedValues.Stepping = .linear(step: 0.05), absent: String, _ meaning: String
  ) -> Self {
    Setting(
      path, key, .real(interval, stepping), absent: absent, meaning,
      write: { .real($0) }, read: { $0.number(in: interval) })
  }

  /// True or false.
  public static func flag(
    _ path: any WritableKeyPath<Root, Bool> & Sendable, _ key: String, _ meaning: String
  ) -> Self {
    Setting(path, key, .flag, meaning, write: { .flag($0) }, read: { $0.flag })
  }

  /// One of the words of an enumeration, by default any of them.
  public static func word<Word: RecipeWord>(
    _ path: any WritableKeyPath<Root, Word> & Sendable, _ key: String,
    of words: [Word] = Array(Word.allCases), _ meaning: String
  ) -> Self {
    let choices = words.map { AllowedValues.Choice($0.rawValue, $0.meaning) }
    return Setting(
      path, key, .word(choices), meaning, write: { .text($0.rawValue) },
      read: { value in words.first { .text($0.rawValue) == value } })
  }

  /// A list of 1 to `atMost` whole numbers.
  public static func integers(
    _ path: any WritableKeyPath<Root, [Int]> & Sendable, _ key: String, _ range: ClosedRange<Int>,
    atMost most: Int, _ meaning: String
  ) -> Self {
    Setting(
      path, key, .integers(range, atMost: most), meaning,
      write: { .list($0.map { .integer($0) }) },
      read: { $0.list(of: 1...most) { $0.integer(in: range) } })
  }

  /// A list of whole numbers that may be absent, with the meaning that `absent` describes.
  public static func integers(
    _ path: any WritableKeyPath<Root, [Int]?> & Sendable, _ key: String, _ range: ClosedRange<Int>,
    atMost most: Int, absent: String, _ meaning: String
  ) -> Self {
    Setting(
      path, key, .integers(range, atMost: most), absent: absent, meaning,
      write: { .list($0.map { .integer($0) }) },
      read: { $0.list(of: 1...most) { $0.integer(in: range) } })
  }

  /// A list of numbers.
  public static func reals(
    _ path: any WritableKeyPath<Root, [Double]> & Sendable, _ key: String, _ interval: Interval,
    count: ClosedRange<Int>, _ meaning: String
  ) -> Self {
    Setting(
      path, key, .reals(interval, count: count), meaning,
      write: { .list($0.map { .real($0) }) },
      read: { $0.list(of: count) { $0.number(in: interval) } })
  }
}

extension SettingValue {
  /// The whole number, if it lies in a range; nil for anything else.
  fileprivate func integer(in range: ClosedRange<Int>) -> Int? {
    if case .integer(let number) = self, range.contains(number) { number } else { nil }
  }

  /// The number, whole or not, if it lies in an interval; nil for anything else.
  fileprivate func number(in interval: Interval) -> Double? {
    number.flatMap { interval.contains($0) ? $0 : nil }
  }

  /// The entries of a list with an allowed number of values, all accepted by `read`; nil otherwise.
  func list<Entry>(
    of count: ClosedRange<Int>, _ read: (SettingValue) -> Entry?
  ) -> [Entry]? {
    guard case .list(let values) = self, count.contains(values.count) else { return nil }
    let entries = values.compactMap(read)
    return entries.count == values.count ? entries : nil
  }

  /// Whether it is true; nil for anything but true and false.
  var flag: Bool? {
    if case .flag(let flag) = self { flag } else { nil }
  }

  /// The text, unless it is empty; nil for anything else.
  var nonemptyText: String? {
    if case .text(let text) = self, !text.isEmpty { text } else { nil }
  }
}

/// An enumeration whose cases are words of recipes.
public protocol RecipeWord: RawRepresentable<String>, CaseIterable, Sendable, Hashable {
  /// The meaning of the word.
  var meaning: String { get }
}
