import Diffusion
import TUI

/// The settings of both sides. Their keys begin with the side's name.
extension ABScreen {
  private static func side(of panel: Panel) -> Int? {
    switch panel {
    case .firstSettings: 0
    case .secondSettings: 1
    default: nil
    }
  }

  func fields(of panel: Panel, _ session: Session) -> [FieldValue] {
    guard let index = Self.side(of: panel) else { return [] }
    let (side, name) = (sides[index], Self.names[index])
    let own = samplingFields(side, session).values(of: side.sampling)
    let other = [scheduleField(side, session), weightsField(side, session)]
    return (own + other).map { field in
      var field = field
      field.key = "\(name).\(field.key)"
      field.owner = name
      return field
    }
  }

  private func samplingFields(_ side: ABSide, _ session: Session) -> SamplingFields {
    SamplingFields(
      model: model(of: side) ?? model, timesteps: schedule(of: side, session).timesteps)
  }

  private func scheduleField(_ side: ABSide, _ session: Session) -> FieldValue {
    let schedule = schedule(of: side, session)
    return FieldValue(
      "schedule", Self.chooser(schedule), .text(schedule.name), label: "schedule",
      explanation: schedule.meaning)
  }

  /// The choice of a schedule: those for text beside one that is, others elsewhere.
  private static func chooser(_ schedule: ScheduleConfiguration) -> SettingInfo {
    Schedules.chooser.offered(forText: schedule.isForText) ?? Schedules.chooser
  }

  private func weightsField(_ side: ABSide, _ session: Session) -> FieldValue {
    let choices = weightsChoices(session)
    let name = choices.first { $0.weights == side.weights }?.name ?? Self.name(of: side.weights)
    return FieldValue(
      key: "weights", label: "weights", text: name, isLive: true,
      explanation: "The weights to sample with, of the open run (averaged or raw) or another one.",
      acceptsTyping: false, allowed: "a run with a checkpoint", choices: choices.map(\.name))
  }

  static func name(of weights: ABSide.Weights) -> String {
    switch weights {
    case .averaged: "this run"
    case .raw: "raw weights"
    case .run(let folder): Wording.escaped(folder.name)
    }
  }

  /// The open run, averaged and raw, and all others with a checkpoint.
  private func weightsChoices(_ session: Session) -> [(name: String, weights: ABSide.Weights)] {
    let others = runs.filter {
      $0.hasCheckpoint && $0.problem == nil && $0.place != session.facts?.place
    }
    let own: [ABSide.Weights] = session.hasRawWeights ? [.averaged, .raw] : [.averaged]
    return (own + others.map { .run($0.folder) }).map { (Self.name(of: $0), $0) }
  }

  // MARK: Changing

  /// The side and the setting that a key of a field is about.
  private static func split(_ key: String) -> (side: Int, key: String)? {
    guard let dot = key.firstIndex(of: "."), let side = names.firstIndex(of: String(key[..<dot]))
    else { return nil }
    return (side, String(key[key.index(after: dot)...]))
  }

  mutating func change(_ key: String, by steps: Int, _ session: inout Session) -> [Effect] {
    guard let (index, key) = Self.split(key) else { return [] }
    let side = sides[index]
    switch key {
    case "schedule":
      let schedule = schedule(of: side, session)
      let name = SettingValue.text(schedule.name)
      guard
        case .text(let next) = Self.chooser(schedule).allowed.stepped(
          name, by: steps, default: name)
      else { return [] }
      return choose(schedule: next, index, &session)
    case "weights":
      let choices = weightsChoices(session)
      let place = choices.firstIndex { $0.weights == side.weights } ?? 0
      let next = min(max(place + steps, 0), choices.count - 1)
      return choose(choices[next].weights, index, &session)
    default:
      let changed = samplingFields(side, session).changing(key, by: steps, of: side.sampling)
      return use(changed, index, &session)
    }
  }

  mutating func set(
    _ key: String, to text: String, _ session: inout Session
  ) throws(FieldInputError) -> [Effect] {
    guard let (index, key) = Self.split(key) else { return [] }
    let side = sides[index]
    switch key {
    case "schedule":
      let isText = schedule(of: side, session).isForText
      guard Schedules.names(forText: isText).contains(text) else {
        throw FieldInputError("\(Wording.quoted(text)) is not a schedule")
      }
      return choose(schedule: text, index, &session)
    case "weights":
      guard let choice = weightsChoices(session).first(where: { $0.name == text }) else {
        throw FieldInputError("\(Wording.quoted(text)) is not a run with a checkpoint")
      }
      return choose(choice.weights, index, &session)
    default:
      let fields = samplingFields(side, session)
      return use(try fields.setting(key, to: text, of: side.sampling), index, &session)
    }
  }

  /// Draws a side again with other settings; both have as many samples.
  private mutating func use(
    _ sampling: SamplingConfiguration, _ index: Int, _ session: inout Session
  ) -> [Effect] {
    guard sampling != sides[index].sampling else { return [] }
    sides[index].sampling = sampling
    guard sides[1 - index].sampling.count != sampling.count else {
      return begin([index], &session)
    }
    sides[1 - index].sampling.count = sampling.count
    return begin([0, 1], &session)
  }

  /// Another family, with as many levels; the one that goes with the weights is taken as it is.
  private mutating func choose(
    schedule name: String, _ index: Int, _ session: inout Session
  ) -> [Effect] {
    let own = ownSchedule(of: sides[index], session)
    let present = schedule(of: sides[index], session)
    guard name != present.name else { return [] }
    sides[index].schedule = nil
    if name != own.name, var family = ScheduleConfiguration(named: name) {
      family.timesteps = own.timesteps
      if let schedule = try? present.make() { family.follow(schedule) }
      sides[index].schedule = family
    }
    return begin([index], &session)
  }

  private mutating func choose(
    _ weights: ABSide.Weights, _ index: Int, _ session: inout Session
  ) -> [Effect] {
    guard weights != sides[index].weights else { return [] }
    sides[index].weights = weights
    sides[index].problem = nil
    forgetUnused()
    if weights == .raw { return sample(&session) }
    let takesRaw = sides.contains { $0.weights == .raw }
    return (takesRaw ? [] : session.takeRawWeights(false, by: Self.title))
      + drawOrRead(index, &session)
  }

  /// Draws a side's samples, or reads the weights of the run that it samples.
  private mutating func drawOrRead(_ index: Int, _ session: inout Session) -> [Effect] {
    guard case .run(let folder) = sides[index].weights else { return begin([index], &session) }
    guard let known = others[folder] else {
      return [.compute(screen: Self.title) { OtherWeights(reading: folder) }]
    }
    sides[index].problem = known.problem
    return begin([index], &session)
  }
}
