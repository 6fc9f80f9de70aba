import Diffusion
import TUI

/// The settings by which the samples are drawn.
extension DenoiseScreen {
  /// The most samples drawn at a time.
  private static let countLimit = 256

  func fields(of panel: Panel, _ session: Session) -> [FieldValue] {
    guard panel == .sampler else { return [] }
    let own = session.sampling.sampler.settings.map(\.key)
    let model = session.model
    let hasClasses =
      (model?.format.classNames.count ?? 0) > 0 && (model?.network.classes ?? 0) > 0
    let keys = own + ["seed", "count", "clip"] + (hasClasses ? ["class", "guidance"] : [])
    return keys.compactMap { key in
      Self.setting(key, session).map {
        FieldValue(key, $0, session.sampling.value(of: key) ?? Self.anyClass(key))
      }
    }
  }

  /// A setting of the sampling; classes are those of the model.
  private static func setting(_ key: String, _ session: Session) -> SettingInfo? {
    guard let info = session.sampling.setting(key) else { return nil }
    switch key {
    case "class":
      let names = ["any"] + (session.model?.format.classNames ?? [])
      return info.allowing(.word(names.map { AllowedValues.Choice($0) }))
    case "count": return info.allowing(.integer(1...countLimit, step: 1))
    case "steps": return info.allowing(.integer(1...session.samplingSchedule.timesteps, step: 1))
    default: return info
    }
  }

  /// What an absent class is called.
  private static func anyClass(_ key: String) -> SettingValue? {
    key == "class" ? .text("any") : nil
  }

  mutating func change(_ key: String, by steps: Int, _ session: inout Session) -> [Effect] {
    guard let info = Self.setting(key, session),
      let value = session.sampling.value(of: key) ?? Self.anyClass(key),
      let next = info.allowed.stepped(value, by: steps, default: info.defaultValue)
    else { return [] }
    var sampling = session.sampling
    // A value that can be stepped to is allowed.
    try? Self.set(key, to: next, &sampling)
    return sample(with: sampling, &session)
  }

  mutating func set(
    _ key: String, to text: String, _ session: inout Session
  ) throws(FieldInputError) -> [Effect] {
    guard let info = Self.setting(key, session) else { return [] }
    var sampling = session.sampling
    try info.type(text) { (value) throws(SettingError) in
      guard info.allowed.allows(value) else { throw .notAllowed }
      try Self.set(key, to: value, &sampling)
    }
    return sample(with: sampling, &session)
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

  /// Draws the samples again, from the same noise, if anything changed.
  private mutating func sample(
    with sampling: SamplingConfiguration, _ session: inout Session
  ) -> [Effect] {
    guard sampling != session.sampling else { return [] }
    session.sampling = sampling
    selected = min(selected, sampling.count - 1)
    return begin(&session)
  }
}
