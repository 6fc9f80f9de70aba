import Diffusion
import TUI

/// A value that keys change: a setting, by its key and whose it is.
enum FieldID: Hashable, Sendable {
  /// Of the recipe that is trained.
  case recipe(RecipeKey)
  /// Of the Denoise screen's sampling.
  case sampling(String)
  /// Of the schedule that is edited.
  case schedule(String)
}

/// A field as it stands.
struct FieldValue: Sendable, Equatable {
  /// When a change acts.
  enum Effectiveness: Sendable {
    case live
    /// As soon as `a` or `A` says so.
    case onApply
  }

  var id: FieldID
  var label: String
  var text: String
  var effectiveness: Effectiveness
  /// One sentence for the foot of the panel.
  var explanation: String
  /// Whether a value can be typed.
  var isTyped = true
}

extension FieldValue {
  fileprivate init(
    _ id: FieldID, _ info: SettingInfo, _ value: SettingValue?, label: String? = nil,
    explanation: String? = nil, _ effectiveness: Effectiveness = .live
  ) {
    self.init(
      id: id, label: label ?? info.label, text: info.text(of: value),
      effectiveness: effectiveness, explanation: explanation ?? info.sentence,
      isTyped: info.allowed.isTyped)
  }
}

extension SettingInfo {
  /// A value as forms show it.
  func text(of value: SettingValue?) -> String {
    switch value {
    case .integer(let number): key == "seed" ? String(number) : Numbers.grouped(number)
    case .real(let number): Numbers.short(number)
    case .flag(let flag): flag ? "on" : "off"
    case .text(let text): text
    case .list, .other: value?.description ?? ""
    case nil: absent ?? ""
    }
  }

  /// What it means, as a sentence.
  var sentence: String {
    meaning.prefix(1).uppercased() + meaning.dropFirst() + (meaning.hasSuffix(".") ? "" : ".")
  }
}

extension WorkbenchModel {
  /// The fields of a panel, from top to bottom; empty for panels without.
  func fields(of panel: PanelName) -> [FieldValue] {
    switch panel {
    case .run: runFields
    case .sampler: samplerFields
    case .parameters: scheduleFields
    default: []
    }
  }

  /// The field that keys change now.
  var focusedField: FieldValue? {
    let fields = fields(of: focusedPanel)
    let index = field[focusedPanel] ?? 0
    return fields.isEmpty ? nil : fields[min(index, fields.count - 1)]
  }

  /// The settings of the recipe that the Train screen has room for, with their names there.
  private static let runKeys = [
    (RecipeKey("optimizer", "learning_rate"), "learning rate"),
    (RecipeKey("preview", "sampler"), "preview by"),
    (RecipeKey("preview", "steps"), "preview steps"),
    (RecipeKey("preview", "interval"), "preview every"),
  ]

  private var runFields: [FieldValue] {
    Self.runKeys.compactMap { key, label in
      train.recipe.setting(key).map {
        FieldValue(.recipe(key), $0, train.recipe.value(of: key), label: label)
      }
    }
  }

  private var samplerFields: [FieldValue] {
    let own = denoise.sampling.sampler.settings.map(\.key)
    let classes = (model?.format.classNames.count ?? 0) > 0 && (model?.network.classes ?? 0) > 0
    return (own + ["seed", "count", "clip"] + (classes ? ["class", "guidance"] : [])).compactMap {
      key in
      samplingSetting(key).map {
        FieldValue(.sampling(key), $0, denoise.sampling.value(of: key) ?? Self.anyClass(key))
      }
    }
  }

  /// A setting of the Denoise screen's sampling; classes are those of the model.
  func samplingSetting(_ key: String) -> SettingInfo? {
    guard let info = denoise.sampling.setting(key) else { return nil }
    switch key {
    case "class":
      let names = ["any"] + (model?.format.classNames ?? [])
      return info.allowing(.word(names.map { Allowed.Choice($0) }))
    case "count": return info.allowing(.integer(1...Self.countLimit, step: 1))
    case "steps": return info.allowing(.integer(1...samplingSchedule.timesteps, step: 1))
    default: return info
    }
  }

  /// What an absent class is called.
  static func anyClass(_ key: String) -> SettingValue? { key == "class" ? .text("any") : nil }

  /// Samples drawn at a time on the Denoise screen.
  static let countLimit = 256

  private var scheduleFields: [FieldValue] {
    let edited = schedule.edited
    return edited.settings.map { info in
      FieldValue(
        .schedule(info.key), info, edited.value(of: info.key),
        explanation: info.key == Schedules.chooser.key ? edited.meaning : nil, .onApply)
    }
  }
}

extension SettingInfo {
  /// The same with another range or other words.
  func allowing(_ allowed: Allowed) -> SettingInfo {
    var info = self
    info.allowed = allowed
    return info
  }
}
