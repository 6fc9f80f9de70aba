/// A key of a configuration: its name, what it may be, what it means, and where its value is kept.
///
/// All that programs, forms and documents know of a setting comes from here.
public struct Setting<Root: Sendable>: Sendable {
  /// All of it but the place of the value.
  package var info: SettingInfo
  /// The value in a configuration, or nil where it is absent.
  package let get: @Sendable (Root) -> SettingValue?
  /// Puts a value in place; what is not allowed leaves everything as it was.
  package let set: @Sendable (inout Root, SettingValue) throws(SettingError) -> Void
}

/// What is known of a setting apart from whose it is.
public struct SettingInfo: Sendable, Hashable {
  /// The name in recipes, such as `learning_rate`.
  public let key: String
  /// The name on the screen.
  public var label: String
  /// What its value may be.
  public var allowed: AllowedValues
  /// What it is, in some words.
  public let meaning: String
  /// What an absent value stands for, in words, where it may be absent.
  package var absent: String?
  /// The value unless a configuration says otherwise.
  public var defaultValue: SettingValue?
  /// Whether a change acts on a run in progress.
  package var isLive = false
  /// Whether a recipe has to say it.
  package var isRequired = false
  /// Another key of the section that this one replaces.
  package var replaces: String?
  /// The keys of the section that this one sets too, unless they are said beside it.
  package var governs: Set<String> = []
}

/// A value that a setting does not take.
public enum SettingError: Error, Hashable {
  /// The value is not among those allowed, which the setting's ``SettingInfo/allowed`` tells.
  case notAllowed
  /// As a sentence about the setting, without its name at the front.
  case because(String)
}

/// Values that are allowed one by one, but not together.
public struct SettingConflict: Error, Hashable, CustomStringConvertible {
  /// The keys that take part, the most relevant first.
  public let keys: [String]
  public let description: String

  /// What is wrong, as a sentence, and the keys it is about.
  public init(_ keys: [String], _ description: String) {
    self.keys = keys
    self.description = description
  }
}

// MARK: - How a setting is declared

extension Setting {
  /// The same under another name on the screen.
  public func label(_ label: String) -> Self { with { $0.label = label } }
  /// The same, acting on a run in progress.
  public var live: Self { with { $0.isLive = true } }
  /// The same, without a default.
  public var required: Self { with { $0.isRequired = true } }
  /// The same, written instead of another key of its section.
  package func replaces(_ key: String) -> Self { with { $0.replaces = key } }

  private func with(_ change: (inout SettingInfo) -> Void) -> Self {
    var copy = self
    change(&copy.info)
    return copy
  }

  /// A setting whose value is converted; `set` answers false for what is not allowed.
  public init(
    _ key: String, _ allowed: AllowedValues, _ meaning: String, absent: String? = nil,
    get: @escaping @Sendable (Root) -> SettingValue?,
    set: @escaping @Sendable (inout Root, SettingValue) throws(SettingError) -> Bool
  ) {
    info = SettingInfo(
      key: key, label: key.replacing("_", with: " "), allowed: allowed, meaning: meaning,
      absent: absent)
    self.get = get
    self.set = { (root, value) throws(SettingError) in
      guard try set(&root, value) else { throw .notAllowed }
    }
  }

  /// A whole number; a key press changes it by `step`.
  public static func integer(
    _ path: any WritableKeyPath<Root, Int> & Sendable, _ key: String, _ range: ClosedRange<Int>,
    step: Int = 1, _ meaning: String
  ) -> Self {
    Setting(
      key, .integer(range, step: step), meaning, get: { .integer($0[keyPath: path]) },
      set: {
        guard case .integer(let number) = $1, range.contains(number) else { return false }
        $0[keyPath: path] = number
        return true
      })
  }

  /// A whole number that may be absent, which means what `absent` says.
  public static func integer(
    _ path: any WritableKeyPath<Root, Int?> & Sendable, _ key: String, _ range: ClosedRange<Int>,
    step: Int = 1, absent: String, _ meaning: String
  ) -> Self {
    Setting(
      key, .integer(range, step: step), meaning, absent: absent,
      get: { $0[keyPath: path].map { .integer($0) } },
      set: {
        guard case .integer(let number) = $1, range.contains(number) else { return false }
        $0[keyPath: path] = number
        return true
      })
  }

  /// Where random numbers start: a whole number from 0.
  public static func seed(
    _ path: any WritableKeyPath<Root, UInt64> & Sendable, key: String = "seed", _ meaning: String
  ) -> Self {
    Setting(
      key, .integer(0...Int.max, step: 1), meaning,
      get: { .integer(Int(clamping: $0[keyPath: path])) },
      set: {
        guard case .integer(let number) = $1, number >= 0 else { return false }
        $0[keyPath: path] = UInt64(number)
        return true
      })
  }

  /// A number in an interval.
  public static func real(
    _ path: any WritableKeyPath<Root, Double> & Sendable, _ key: String, _ interval: Interval,
    by stepping: AllowedValues.Stepping = .linear(step: 0.05), _ meaning: String
  ) -> Self {
    Setting(
      key, .real(interval, stepping), meaning, get: { .real($0[keyPath: path]) },
      set: {
        guard let number = $1.number, interval.contains(number) else { return false }
        $0[keyPath: path] = number
        return true
      })
  }

  /// A number that may be absent, which means what `absent` says.
  public static func real(
    _ path: any WritableKeyPath<Root, Double?> & Sendable, _ key: String, _ interval: Interval,
    by stepping: AllowedValues.Stepping = .linear(step: 0.05), absent: String, _ meaning: String
  ) -> Self {
    Setting(
      key, .real(interval, stepping), meaning, absent: absent,
      get: { $0[keyPath: path].map { .real($0) } },
      set: {
        guard let number = $1.number, interval.contains(number) else { return false }
        $0[keyPath: path] = number
        return true
      })
  }

  /// True or false.
  public static func flag(
    _ path: any WritableKeyPath<Root, Bool> & Sendable, _ key: String, _ meaning: String
  ) -> Self {
    Setting(
      key, .flag, meaning, get: { .flag($0[keyPath: path]) },
      set: {
        guard case .flag(let flag) = $1 else { return false }
        $0[keyPath: path] = flag
        return true
      })
  }

  /// One of the words of an enumeration, by default any of them.
  public static func word<Word: RecipeWord>(
    _ path: any WritableKeyPath<Root, Word> & Sendable, _ key: String,
    of words: [Word] = Array(Word.allCases), _ meaning: String
  ) -> Self {
    let choices = words.map { AllowedValues.Choice($0.rawValue, $0.meaning) }
    return Setting(
      key, .word(choices), meaning, get: { .text($0[keyPath: path].rawValue) },
      set: {
        guard case .text(let text) = $1, let word = Word(rawValue: text), words.contains(word)
        else {
          return false
        }
        $0[keyPath: path] = word
        return true
      })
  }

  /// A list of whole numbers, one to `atMost` of them.
  public static func integers(
    _ path: any WritableKeyPath<Root, [Int]> & Sendable, _ key: String, _ range: ClosedRange<Int>,
    atMost most: Int, _ meaning: String
  ) -> Self {
    Setting(
      key, .integers(range, atMost: most), meaning,
      get: { .list($0[keyPath: path].map { .integer($0) }) },
      set: {
        guard let numbers = wholeNumbers($1, range, atMost: most) else { return false }
        $0[keyPath: path] = numbers
        return true
      })
  }

  /// A list of whole numbers that may be absent, which means what `absent` says.
  public static func integers(
    _ path: any WritableKeyPath<Root, [Int]?> & Sendable, _ key: String, _ range: ClosedRange<Int>,
    atMost most: Int, absent: String, _ meaning: String
  ) -> Self {
    Setting(
      key, .integers(range, atMost: most), meaning, absent: absent,
      get: { $0[keyPath: path].map { .list($0.map { .integer($0) }) } },
      set: {
        guard let numbers = wholeNumbers($1, range, atMost: most) else { return false }
        $0[keyPath: path] = numbers
        return true
      })
  }

  /// A list of numbers.
  public static func reals(
    _ path: any WritableKeyPath<Root, [Double]> & Sendable, _ key: String, _ interval: Interval,
    count: ClosedRange<Int>, _ meaning: String
  ) -> Self {
    Setting(
      key, .reals(interval, count: count), meaning,
      get: { .list($0[keyPath: path].map { .real($0) }) },
      set: {
        guard case .list(let values) = $1, count.contains(values.count) else { return false }
        let numbers = values.compactMap(\.number).filter(interval.contains)
        guard numbers.count == values.count else { return false }
        $0[keyPath: path] = numbers
        return true
      })
  }
}

/// The numbers of a list of 1 to `most` of them, all within `range`; nil for anything else.
private func wholeNumbers(
  _ value: SettingValue, _ range: ClosedRange<Int>, atMost most: Int
) -> [Int]? {
  guard case .list(let values) = value, (1...most).contains(values.count) else { return nil }
  let numbers = values.compactMap { value in
    if case .integer(let number) = value, range.contains(number) { number } else { nil }
  }
  return numbers.count == values.count ? numbers : nil
}

/// An enumeration whose cases are words of recipes.
public protocol RecipeWord: RawRepresentable<String>, CaseIterable, Sendable, Hashable {
  /// What the word stands for.
  var meaning: String { get }
}
