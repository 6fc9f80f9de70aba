import ArgumentParser
import Diffusion

extension Option where Value == RecipeOverride? {
  /// An option that sets a setting of a recipe: its name, help and range are the setting's.
  init(setting section: String, _ key: String) {
    let place = RecipeKey(section, key)
    let name = key.replacing("_", with: "-")
    let info = RecipeKeys.setting(place)
    self.init(
      name: .customLong(name), parsing: .unconditional,
      help: ArgumentHelp(info.map { "\($0.sentence)" } ?? "", valueName: info?.valueName ?? key)
    ) { RecipeOverride(place, TOML.value($0), option: "--\(name) \($0)") }
  }
}

/// What is known of the settings of recipes, whatever kinds a recipe has.
enum RecipeKeys {
  /// The setting of that key, of the first kind that has it.
  static func setting(_ key: RecipeKey) -> SettingInfo? {
    RecipeSection.all.first { $0.name == key.section }?.groups.lazy
      .flatMap(\.settings).first { $0.key == key.name }
  }
}

extension SettingInfo {
  /// What stands for the value in help.
  fileprivate var valueName: String {
    switch allowed {
    case .integer(let range, _):
      range.upperBound == .max ? "n" : "\(range.lowerBound)…\(range.upperBound)"
    case .real(let interval, _): "\(Wording.short(interval.lower))…\(Wording.short(interval.upper))"
    case .flag: "true|false"
    case .word(let choices): choices.map(\.name).joined(separator: "|")
    case .text, .texts: "name"
    case .integers: "[n, …]"
    }
  }
}
