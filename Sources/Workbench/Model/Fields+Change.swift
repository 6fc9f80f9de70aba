import Diffusion

extension WorkbenchModel {
  /// Moves a field by so many key presses.
  mutating func change(_ id: FieldID, by steps: Int) -> [Effect] {
    switch id {
    case .recipe(let key):
      var recipe = train.recipe
      recipe.step(key, by: steps)
      return use(recipe)
    case .sampling(let key):
      guard let info = samplingSetting(key),
        let value = denoise.sampling.value(of: key) ?? Self.anyClass(key),
        let next = info.allowed.stepped(value, by: steps, default: info.defaultValue)
      else { return [] }
      return set(sampling: key, to: next)
    case .schedule(let key):
      schedule.step(key, by: steps)
      return []
    }
  }

  /// Sets a field to what was typed; a value that cannot be leaves everything as it was.
  ///
  /// The error is the sentence to show.
  mutating func set(_ id: FieldID, to text: String) -> Result<[Effect], TypedValueError> {
    switch id {
    case .recipe(let key):
      guard let info = train.recipe.setting(key) else { return .success([]) }
      var recipe = train.recipe
      if let error = Self.set(
        info, text,
        { (value) throws(SettingProblem) in
          try recipe.set(key, to: value)
        })
      {
        return .failure(error)
      }
      return .success(use(recipe))
    case .sampling(let key):
      guard let info = samplingSetting(key) else { return .success([]) }
      var sampling = denoise.sampling
      if let error = Self.set(
        info, text,
        { (value) throws(SettingProblem) in
          guard info.allowed.allows(value) else { throw .notAllowed }
          try sampling.set(key, to: value)
        })
      {
        return .failure(error)
      }
      return .success(sampleAgain(with: sampling))
    case .schedule(let key):
      guard let info = schedule.edited.setting(key) else { return .success([]) }
      var edited = schedule.edited
      if let error = Self.set(
        info, text,
        { (value) throws(SettingProblem) in
          try edited.set(key, to: value)
        })
      {
        return .failure(error)
      }
      if let conflict = edited.conflict { return .failure(TypedValueError("\(conflict)")) }
      schedule.edit(edited)
      return .success([])
    }
  }

  private static func set(
    _ info: SettingInfo, _ text: String,
    _ body: (SettingValue) throws(SettingProblem) -> Void
  ) -> TypedValueError? {
    do {
      try body(info.allowed.value(typed: text))
      return nil
    } catch {
      switch error {
      case .notAllowed: return TypedValueError("\(Wording.quoted(text)) is not \(info.allowed)")
      case .because(let sentence): return TypedValueError(sentence)
      }
    }
  }

  /// Trains and previews by another recipe from the next step on, if anything changed.
  private mutating func use(_ recipe: Recipe) -> [Effect] {
    var recipe = recipe
    recipe.preview.sampling.steps = min(
      recipe.preview.sampling.steps, recipe.schedule.timesteps)
    guard recipe != train.recipe else { return [] }
    train.recipe = recipe
    if let schedule = train.askedSchedule { recipe.schedule = schedule }
    return [.training(.change(recipe))]
  }

  private mutating func set(sampling key: String, to value: SettingValue) -> [Effect] {
    var sampling = denoise.sampling
    if value == Self.anyClass(key) {
      sampling.className = nil
    } else {
      // A value that can be stepped to is allowed.
      try? sampling.set(key, to: value)
    }
    return sampleAgain(with: sampling)
  }

  /// Draws the Denoise screen's samples again, from the same noise, if anything changed.
  private mutating func sampleAgain(with sampling: SamplingConfiguration) -> [Effect] {
    guard sampling != denoise.sampling else { return [] }
    denoise.sampling = sampling
    denoise.selected = min(denoise.selected, sampling.count - 1)
    return beginDenoising()
  }
}

/// Why a typed value cannot be, as the sentence the user reads.
struct TypedValueError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
