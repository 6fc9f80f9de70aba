import Diffusion
import TUI

/// The settings by which samples are drawn, as a form has them.
struct SamplingFields {
  /// Whose samples they are, or nil while there are no weights.
  let model: Model?
  /// The levels of the schedule.
  let timesteps: Int

  /// The most samples drawn at a time.
  private static let countLimit = 256

  /// What only changes samples where there is guidance.
  private static let guiding = ["guidance_rescale", "guidance_min", "guidance_max"]

  func values(of sampling: SamplingConfiguration) -> [FieldValue] {
    let own = sampling.sampler.settings.map(\.key)
    let hasClasses =
      (model?.format.classNames.count ?? 0) > 0 && (model?.network.classes ?? 0) > 0
    let keys =
      own + ["seed", "count", "prompt", "clip"]
      + (hasClasses ? ["class", "guidance"] + (sampling.guidance == 1 ? [] : Self.guiding) : [])
    return keys.compactMap { key in
      setting(key, of: sampling).map {
        FieldValue(key, $0, sampling.value(of: key) ?? Self.anyClass(key))
      }
    }
  }

  /// A setting; classes are those of the model.
  private func setting(_ key: String, of sampling: SamplingConfiguration) -> SettingInfo? {
    // Only what fits the samples: those of the model, or, while there is none, those that the sampler is for.
    let isText = model.map { $0.format.maskedText != nil } ?? sampling.sampler.isForText
    guard let info = sampling.setting(key)?.offered(forText: isText) else { return nil }
    switch key {
    case "class":
      let names = ["any"] + (model?.format.classNames ?? [])
      return info.allowing(.word(names.map { AllowedValues.Choice($0) }))
    case "count": return info.allowing(.integer(1...Self.countLimit, step: 1))
    case "steps": return info.allowing(.integer(1...timesteps, step: 1))
    default: return info
    }
  }

  /// What an absent class is called.
  private static func anyClass(_ key: String) -> SettingValue? {
    key == "class" ? .text("any") : nil
  }

  /// The settings with one moved by so many key presses.
  func changing(
    _ key: String, by steps: Int, of sampling: SamplingConfiguration
  ) -> SamplingConfiguration {
    var changed = sampling
    guard let info = setting(key, of: sampling),
      let value = sampling.value(of: key) ?? Self.anyClass(key),
      let next = info.allowed.stepped(value, by: steps, default: info.defaultValue)
    else { return sampling }
    // A value that can be stepped to is allowed.
    try? Self.set(key, to: next, &changed)
    return changed
  }

  /// The settings with one set to what was typed.
  func setting(
    _ key: String, to text: String, of sampling: SamplingConfiguration
  ) throws(FieldInputError) -> SamplingConfiguration {
    guard let info = setting(key, of: sampling) else { return sampling }
    var changed = sampling
    try info.type(text) { (value) throws(SettingError) in
      try Self.set(key, to: value, &changed)
    }
    return changed
  }

  private static func set(
    _ key: String, to value: SettingValue, _ sampling: inout SamplingConfiguration
  ) throws(SettingError) {
    if value == anyClass(key) {
      sampling.className = nil
    } else {
      try sampling.set(key, to: value)
    }
  }
}
