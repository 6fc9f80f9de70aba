import ArgumentParser
import Diffusion

extension Option where Value == RecipeOverride? {
  /// An option that sets a setting of a recipe: its name, help and range are the setting's.
  init(setting section: RecipeSection, _ key: String) {
    let place = RecipeKey(section.name, key)
    let name = key.replacing("_", with: "-")
    // Of the first kind that has it.
    let info = section.groups.lazy.flatMap(\.settings).first { $0.key == key }
    self.init(
      name: .customLong(name), parsing: .unconditional,
      help: ArgumentHelp(info.map { "\($0.sentence)" } ?? "", valueName: info?.valueName ?? key)
    ) { RecipeOverride(place, TOML.value($0), option: "--\(name) \($0)") }
  }
}

extension SettingInfo {
  /// What stands for the value in help.
  var valueName: String {
    switch allowed {
    case .integer(let range, _):
      range.upperBound == .max ? "n" : "\(range.lowerBound)…\(range.upperBound)"
    case .real(let interval, _): "\(Wording.short(interval.lower))…\(Wording.short(interval.upper))"
    case .flag: "true|false"
    case .word(let choices): choices.map(\.name).joined(separator: "|")
    case .text, .texts: "name"
    case .integers, .reals: "[n, …]"
    }
  }
}

/// Refuses the value of an option outside a range.
func check(_ option: String, _ value: Int?, in range: ClosedRange<Int>) throws {
  guard let value, !range.contains(value) else { return }
  throw ValidationError(
    "\(option) \(value): expected \(range.lowerBound) to \(range.upperBound)")
}
