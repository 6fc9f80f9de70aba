/// Something whose values are set key by key: in recipes, by options, in forms.
public protocol Settable: Sendable {
  /// The settings it currently has, in the order in which they are shown.
  var settings: [SettingInfo] { get }

  /// The value of a setting, or nil where it is absent or there is no such setting.
  func value(of key: String) -> SettingValue?

  /// Sets a value; an invalid value changes nothing.
  ///
  /// - Precondition: a setting with that key exists.
  mutating func set(_ key: String, to value: SettingValue) throws(SettingError)

  /// A conflict between the values, or nil.
  var conflict: SettingConflict? { get }
}

/// What a section of a recipe is read into.
package protocol RecipePart: Settable {
  /// All settings that it can have, by kind.
  static var groups: [SettingGroup] { get }

  /// The keys whose values are kept when another kind that has them is chosen.
  static var sharedKeys: Set<String> { get }

  /// Whether a recipe may set keys of kinds other than the one it chooses.
  var toleratesOtherKinds: Bool { get }

  /// A key whose value decides which others there are, as a chooser does, without being one; nil for none.
  static var decider: String? { get }
}

/// Settings that belong together, in documentation: those of one kind, or those of all.
package struct SettingGroup: Sendable {
  /// The key that chooses, the kind's name and what it is; nil for settings that are always there.
  package let kind: (key: String, name: String, meaning: String)?
  /// The settings, in the order in which they are shown.
  package let settings: [SettingInfo]
}

extension Settable {
  public var conflict: SettingConflict? { nil }

  /// The setting of that key, or nil.
  public func setting(_ key: String) -> SettingInfo? { settings.first { $0.key == key } }

  /// Changes a setting by a number of key presses, as far as its range allows.
  public mutating func step(_ key: String, by steps: Int) {
    guard let info = setting(key), let value = value(of: key),
      let next = info.allowed.stepped(value, by: steps, default: info.defaultValue)
    else { return }
    // A value that can be stepped to is allowed.
    try? set(key, to: next)
  }
}

extension RecipePart {
  package static var sharedKeys: Set<String> { [] }
  package var toleratesOtherKinds: Bool { false }
  package static var decider: String? { nil }
}

extension RecipePart where Self: Configurable {
  package static var groups: [SettingGroup] { [SettingGroup(kind: nil, settings: described)] }
}

/// A configuration with one table of settings.
public protocol Configurable: Settable, Hashable {
  /// The default values.
  init()
  /// The settings, in the order in which they are shown: keys, ranges and meanings by key path.
  static var table: [Setting<Self>] { get }
}

extension Configurable {
  public var settings: [SettingInfo] { Self.described }

  fileprivate static var described: [SettingInfo] { table.described(with: Self()) }

  public func value(of key: String) -> SettingValue? {
    Self.table.first { $0.info.key == key }?.get(self)
  }

  public mutating func set(_ key: String, to value: SettingValue) throws(SettingError) {
    guard let setting = Self.table.first(where: { $0.info.key == key }) else {
      preconditionFailure("\(Self.self) has no setting \(key)")
    }
    try setting.set(&self, value)
  }
}

/// A configuration whose settings are those of a part of it, followed by its own.
public protocol ExtendedConfiguration: Settable {
  /// The part whose settings come first.
  associatedtype Base: Settable
  /// The key path of that part.
  static var base: any WritableKeyPath<Self, Base> & Sendable { get }
  /// Its own settings, in the order in which they are shown.
  static var table: [Setting<Self>] { get }
  /// Descriptions of its own settings.
  static var described: [SettingInfo] { get }
}

extension ExtendedConfiguration {
  public var settings: [SettingInfo] { self[keyPath: Self.base].settings + Self.described }

  public func value(of key: String) -> SettingValue? {
    Self.setting(key).map { $0.get(self) } ?? self[keyPath: Self.base].value(of: key)
  }

  public mutating func set(_ key: String, to value: SettingValue) throws(SettingError) {
    guard let setting = Self.setting(key) else {
      return try self[keyPath: Self.base].set(key, to: value)
    }
    try setting.set(&self, value)
  }

  private static func setting(_ key: String) -> Setting<Self>? {
    table.first { $0.info.key == key }
  }

  public var conflict: SettingConflict? { self[keyPath: Self.base].conflict }
}

extension ExtendedConfiguration where Self: RecipePart, Base: RecipePart {
  package static var sharedKeys: Set<String> { Base.sharedKeys }
  package static var groups: [SettingGroup] {
    Base.groups + [SettingGroup(kind: nil, settings: described)]
  }
}

extension Array {
  /// Descriptions of the settings, with defaults taken from a configuration.
  func described<Root>(with standard: Root) -> [SettingInfo] where Element == Setting<Root> {
    map { setting in
      var info = setting.info
      info.defaultValue = info.isRequired ? nil : setting.get(standard)
      return info
    }
  }
}
