import TUI

@testable import Diffusion
@testable import Workbench

/// The effects an application asked for, in order.
final class EffectLog {
  private(set) var all: [Effect] = []

  func add(_ effect: Effect) { all.append(effect) }

  var commands: [RunCommand] { all.commands }

  func requests(_ slot: SampleSlot) -> [SamplingRequest] { all.requests(slot) }
}

extension [Effect] {
  var commands: [RunCommand] {
    compactMap { if case .training(let command) = $0 { command } else { nil } }
  }

  func requests(_ slot: SampleSlot) -> [SamplingRequest] {
    compactMap { if case .sample(let request, slot) = $0 { request } else { nil } }
  }

  /// The slots of all requests for samples.
  var slots: [SampleSlot] {
    compactMap { if case .sample(_, let slot) = $0 { slot } else { nil } }
  }
}

extension WorkbenchApplication {
  /// An application about a recipe, in a world where nothing happens.
  init(_ recipe: Recipe) {
    self.init(
      Session(recipe), world: World(carryOut: { _ in }, timeOfDay: { 0 }, theme: { _ in .dark }))
  }

  var train: TrainScreen {
    get { screen() }
    set { put(newValue) }
  }
  var denoise: DenoiseScreen {
    get { screen() }
    set { put(newValue) }
  }
  var schedule: ScheduleScreen {
    get { screen() }
    set { put(newValue) }
  }
  var compared: ABScreen {
    get { screen() }
    set { put(newValue) }
  }
  var inside: InsideScreen {
    get { screen() }
    set { put(newValue) }
  }
  var runs: RunsScreen {
    get { screen() }
    set { put(newValue) }
  }

  private func screen<S: Screen>() -> S {
    guard let screen = screens.lazy.compactMap({ $0 as? S }).first else {
      preconditionFailure("there is no screen \(S.title)")
    }
    return screen
  }

  private mutating func put<S: Screen>(_ screen: S) {
    screens = screens.map { $0 is S ? screen : $0 }
  }

  /// Does something, and returns what was asked for.
  mutating func act(_ action: Action) -> [Effect] {
    let effects = perform(action)
    carryOut(effects)
    return effects
  }

  /// Hears of something, and returns what was asked for.
  mutating func hear(_ message: Message) -> [Effect] {
    let effects = receive(message)
    carryOut(effects)
    return effects
  }

  mutating func hear(_ event: RunEvent) -> [Effect] {
    hear(.run(event, session: session.number))
  }

  mutating func hear(_ event: SamplingEvent, _ slot: SampleSlot = DenoiseScreen.slot) {
    _ = hear(.sampling(event, slot))
  }

  /// Moves a field of the Train screen.
  mutating func change(_ key: String, by steps: Int) -> [Effect] {
    var screen = train
    defer { train = screen }
    return screen.change(key, by: steps, &session)
  }

  /// Types into a field of a screen, without what it asks for.
  mutating func set<S: Screen>(
    _ path: WritableKeyPath<Self, S>, _ key: String, to text: String
  ) throws(FieldInputError) {
    _ = try setting(path, key, to: text)
  }

  /// Types into a field of a screen, and answers what it asks for.
  mutating func setting<S: Screen>(
    _ path: WritableKeyPath<Self, S>, _ key: String, to text: String
  ) throws(FieldInputError) -> [Effect] {
    var screen = self[keyPath: path]
    let effects = try screen.set(key, to: text, &session)
    self[keyPath: path] = screen
    return effects
  }
}
