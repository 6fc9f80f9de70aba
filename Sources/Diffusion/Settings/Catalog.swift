/// A configuration that is one of several kinds, chosen by name.
public protocol Kind: Configurable {
  /// The name in recipes, such as "ddim".
  static var name: String { get }
  /// A one-line description, for choosing.
  static var meaning: String { get }
  /// Whether it is for text, and for nothing else.
  static var isForText: Bool { get }
}

extension Kind {
  public static var isForText: Bool { false }

  /// The name of this value's kind.
  package var kindName: String { Self.name }
  package var kindMeaning: String { Self.meaning }
  fileprivate var kindIsForText: Bool { Self.isForText }

  fileprivate func isEqual(to other: any Kind) -> Bool { self == other as? Self }
}

/// All kinds of something: networks, schedules, samplers, objectives.
public protocol Catalog: Sendable {
  /// The protocol of the kinds, such as `any Architecture`, which refines ``Kind``.
  associatedtype Member: Sendable
  /// The setting with which recipes choose a kind.
  static var chooser: SettingInfo { get }
  /// One value of each kind with its defaults, in the order in which they are shown; the first is the
  /// default.
  static var all: [Member] { get }
  /// A member as a kind: itself. (Where the type is known, this needs no search for its conformance.)
  static func kind(of member: Member) -> any Kind
  /// The keys whose values are kept when another kind that has them is chosen.
  static var shared: Set<String> { get }
}

extension Catalog {
  public static var shared: Set<String> { [] }

  /// The names of the kinds.
  public static var names: [String] { kinds.map(\.kindName) }

  /// The kinds with their meanings, as choices.
  package static var choices: [AllowedValues.Choice] {
    kinds.map {
      AllowedValues.Choice($0.kindName, $0.kindMeaning, isForText: $0.kindIsForText)
    }
  }

  /// The names of those for text, or of those for anything else.
  package static func names(forText isText: Bool) -> [String] {
    kinds.filter { $0.kindIsForText == isText }.map(\.kindName)
  }

  static var kinds: [any Kind] { all.map { kind(of: $0) } }

  /// A setting with which recipes choose a kind; its words are the catalogue's names.
  static func makeChooser(
    _ key: String, label: String? = nil, _ meaning: String, required: Bool = false
  ) -> SettingInfo {
    var info = SettingInfo(key: key, label: label ?? key, allowed: .word(choices), meaning: meaning)
    info.isRequired = required
    info.defaultValue = required ? nil : names.first.map { .text($0) }
    return info
  }
}

/// One kind of a catalogue, with its settings.
public struct Selection<Kinds: Catalog>: RecipePart, Hashable {
  private var kind: any Kind

  /// A selection of this kind with its settings.
  public init(_ member: Kinds.Member) { kind = Kinds.kind(of: member) }

  /// The first kind with its defaults.
  public init() { kind = Kinds.kinds[0] }

  /// The kind of that name with its defaults, or nil.
  public init?(named name: String) {
    guard let kind = Kinds.kinds.first(where: { $0.kindName == name }) else { return nil }
    self.kind = kind
  }

  /// The kind with its settings, as its own type.
  public var value: Kinds.Member {
    get {
      guard let member = kind as? Kinds.Member else {
        preconditionFailure("only members of \(Kinds.self) get in here, this is \(kind)")
      }
      return member
    }
    set { kind = Kinds.kind(of: newValue) }
  }

  /// The kind's name, as in recipes.
  public var name: String { kind.kindName }
  /// A one-line description, for choosing.
  package var meaning: String { kind.kindMeaning }
  /// Whether the kind is for text, and for nothing else.
  package var isForText: Bool { kind.kindIsForText }

  public static func == (a: Self, b: Self) -> Bool { a.kind.isEqual(to: b.kind) }
  public func hash(into hasher: inout Hasher) { kind.hash(into: &hasher) }

  // MARK: Settable

  public var settings: [SettingInfo] { [Kinds.chooser] + kind.settings }
  public var conflict: SettingConflict? { kind.conflict }

  public func value(of key: String) -> SettingValue? {
    key == Kinds.chooser.key ? .text(name) : kind.value(of: key)
  }

  public mutating func set(_ key: String, to value: SettingValue) throws(SettingError) {
    guard key == Kinds.chooser.key else { return try kind.set(key, to: value) }
    guard case .text(let name) = value, var other = Self(named: name) else { throw .notAllowed }
    guard name != self.name else { return }
    for info in kind.settings where Kinds.shared.contains(info.key) {
      guard other.setting(info.key) != nil, let kept = kind.value(of: info.key) else { continue }
      // What one kind allows and another does not begins with that one's default.
      try? other.set(info.key, to: kept)
    }
    self = other
  }

  package static var sharedKeys: Set<String> { Kinds.shared }

  package static var groups: [SettingGroup] {
    [SettingGroup(kind: nil, settings: [Kinds.chooser])]
      + Kinds.kinds.map {
        SettingGroup(
          kind: (Kinds.chooser.key, $0.kindName, $0.kindMeaning), settings: $0.settings)
      }
  }
}
