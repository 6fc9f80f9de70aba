import Diffusion
import TUI

/// Noise schedules to look at and to change, for sampling and for training.
struct ScheduleScreen: Screen {
  static let title = "Schedule"

  enum Panel: Sendable {
    case curves
    case parameters
    case strip
    /// Samples along the edited schedule.
    case results
  }

  enum Command: String {
    case useForSampling
    case useForTraining
    case undo
    case redo
    case raisePoint
    case lowerPoint
    case raisePointFar
    case lowerPointFar
    case addPoint
    case removePoint
  }

  static let keys: [KeyBinding] =
    pointKeys
    + KeyBinding.group(
      title, in: [context],
      [
        .init(
          ["a"], own(Command.useForSampling), "use for sampling", help: "Sample with this schedule",
          prominence: 85),
        .init(
          ["A"], own(Command.useForTraining), "use for training",
          help: "Train with this schedule from the next step", prominence: 84),
        .init(
          ["u"], own(Command.undo), "undo", help: "Undo the last schedule change", prominence: 48),
        .init(
          [.control("r")], own(Command.redo), "redo", help: "Redo the last undone change",
          prominence: 47),
      ])

  static let slot = SampleSlot("schedule")

  var focus = PanelFocus(Panel.parameters)
  let panels: [Panel] = [.parameters, .curves, .strip, .results]
  /// The schedule under the user's hands.
  private(set) var edited: ScheduleConfiguration
  /// The same made, or the last that could be.
  private(set) var schedule: Schedule
  /// Why ``edited`` makes no schedule, or nil.
  private(set) var problem: String?
  private(set) var undoStack: [ScheduleConfiguration] = []
  private(set) var redoStack: [ScheduleConfiguration] = []
  /// Samples along the edited schedule.
  private(set) var results = ResultStrip()
  /// The forward process on an example.
  var forward = Forward()
  /// The example and its noise, of a session.
  let forwardParts = Memo<Int, NoiseStrip.Parts>()
  /// The point of log-SNR that keys move.
  var selectedPoint = 0
  /// The point that the mouse holds.
  var drag: PointDrag?
  /// The curves of the schedule and of the other families.
  let curves = Memo<ScheduleConfiguration, [Curves]>()
  /// The data under its noise, at so many places.
  let images = Memo<NoiseStrip.Key, [PixelImage]>()
  let plots = Memo<NoiseStrip.Key, [[Float]]>()
  /// Where along t samplers stop.
  let ticks = Memo<TickKey, [Int]>()

  struct TickKey: Equatable {
    var schedule: ScheduleConfiguration
    var sampling: SamplingConfiguration
  }

  /// Steps back that are remembered.
  private static let undoLimit = 100

  init(_ session: Session) {
    edited = session.schedule
    schedule = (try? edited.make()) ?? .linear()
  }

  mutating func appear(_ session: inout Session) -> [Effect] {
    results.refresh()
    return []
  }

  mutating func sample(_ session: inout Session) -> [Effect] {
    results.awaitModel()
    return session.askForModel()
  }

  mutating func receive(_ message: Message, _ session: inout Session) -> [Effect] {
    switch message {
    case .run(.model(let model), _): results.take(model)
    case .sampling(let event, Self.slot): results.receive(event)
    default: break
    }
    return []
  }

  var tickInterval: Double? {
    // What plays keeps its pace.
    if forward.isPlaying { return Forward.interval }
    return problem == nil ? results.tickInterval(for: edited) : nil
  }

  mutating func tick(_ session: inout Session) -> [Effect] {
    let seconds = tickInterval ?? 0
    forward.playOn()
    return problem == nil ? results.tick(edited, after: seconds, &session) : []
  }

  // MARK: Fields

  func fields(of panel: Panel, _ session: Session) -> [FieldValue] {
    guard panel == .parameters else { return [] }
    return edited.settings.compactMap(offered).map { info in
      FieldValue(
        info.key, info, edited.value(of: info.key),
        explanation: info.key == Schedules.chooser.key ? edited.meaning : nil, live: false)
    }
  }

  /// A setting with the words that fit: families for text where this is one, others elsewhere.
  private func offered(_ info: SettingInfo) -> SettingInfo? {
    info.offered(forText: edited.isForText)
  }

  mutating func change(_ key: String, by steps: Int, _ session: inout Session) -> [Effect] {
    step(key, by: steps)
    return []
  }

  mutating func set(
    _ key: String, to text: String, _ session: inout Session
  ) throws(FieldInputError) -> [Effect] {
    guard let info = edited.setting(key).flatMap(offered) else { return [] }
    var edited = edited
    try info.type(text) { (value) throws(SettingError) in try edited.set(key, to: value) }
    if let conflict = edited.conflict { throw FieldInputError("\(conflict)") }
    edit(edited)
    return []
  }

  // MARK: Actions

  func contexts(of panel: Panel) -> Set<KeyContext> {
    switch panel {
    case .curves: points == nil ? [] : [Self.pointContext]
    case .strip: [.timeline]
    case .parameters, .results: []
    }
  }

  mutating func perform(_ action: Action, _ session: inout Session) -> [Effect] {
    drag = nil
    switch action {
    case .change(let steps) where focus.panel == .curves: selectPoint(by: steps)
    case .change(let steps) where focus.panel == .strip: forward.move(by: steps)
    case .home where focus.panel == .strip: goForward(to: 0)
    case .end where focus.panel == .strip: goForward(to: 1)
    case .play where session.dataset != nil:
      forward.toggle()
      session.note(forward.isPlaying ? "playing the forward process" : "stopped")
    case .nextView where session.dataset != nil:
      forward.isShown.toggle()
      session.note(forward.isShown ? "the forward process on an example" : "timesteps side by side")
    case .own(Self.title, let name):
      return Command(rawValue: name).map { perform($0, &session) } ?? []
    default: break
    }
    return []
  }

  func title(of action: Action, _ session: Session) -> KeyTitle {
    switch action {
    case .play where session.dataset == nil: .notOffered
    case .nextView where session.dataset == nil: .notOffered
    case .play: .named(forward.isPlaying ? "stop" : "play forward process")
    case .nextView: .named(forward.isShown ? "side by side" : "forward")
    case Self.own(Command.undo): undoStack.isEmpty ? .notOffered : .asTable
    case Self.own(Command.redo): redoStack.isEmpty ? .notOffered : .asTable
    case Self.own(Command.useForTraining): session.canTrain ? .asTable : .notOffered
    default: .asTable
    }
  }

  private mutating func perform(_ command: Command, _ session: inout Session) -> [Effect] {
    switch command {
    case .useForSampling: return useForSampling(&session)
    case .useForTraining: return useForTraining(&session)
    case .undo:
      let isFirst = undoStack.isEmpty
      undo()
      session.note(
        isFirst ? "nothing to undo" : "undone: back to the \(edited.name) schedule as it was")
    case .redo:
      let isLast = redoStack.isEmpty
      redo()
      session.note(isLast ? "nothing to redo" : "redone: the \(edited.name) schedule")
    case .raisePoint: movePoint(by: Self.fineStep, &session)
    case .lowerPoint: movePoint(by: -Self.fineStep, &session)
    case .raisePointFar: movePoint(by: Self.coarseStep, &session)
    case .lowerPointFar: movePoint(by: -Self.coarseStep, &session)
    case .addPoint: changePointCount(by: 1, &session)
    case .removePoint: changePointCount(by: -1, &session)
    }
    return []
  }

  private func useForSampling(_ session: inout Session) -> [Effect] {
    guard problem == nil else { return [] }
    session.samplingScheduleOverride = edited
    session.sampling.steps = min(session.sampling.steps, edited.timesteps)
    session.note("sampling with the \(edited.name) schedule")
    return session.requestSamples() + [.show(DenoiseScreen.title)]
  }

  private func useForTraining(_ session: inout Session) -> [Effect] {
    guard problem == nil else { return [] }
    switch session.phase {
    case .stopped, .finished, .idle:
      session.note("nothing is training; the schedule can still be used for sampling")
      return []
    case .preparing, .training, .paused, .diverged: break
    }
    var recipe = session.recipe
    recipe.schedule = edited
    session.requestedSchedule = edited
    return [.training(.change(recipe))]
  }

  // MARK: Editing

  /// Replaces the edited schedule; a step back is possible, to before all that continues one change.
  mutating func edit(_ configuration: ScheduleConfiguration, continuing: Bool = false) {
    guard configuration != edited else { return }
    if !continuing {
      undoStack.append(edited)
      if undoStack.count > Self.undoLimit { undoStack.removeFirst() }
    }
    redoStack = []
    show(configuration)
  }

  mutating func undo() {
    guard let previous = undoStack.popLast() else { return }
    if previous != edited { redoStack.append(edited) }
    show(previous)
  }

  private mutating func redo() {
    guard let next = redoStack.popLast() else { return }
    undoStack.append(edited)
    show(next)
  }

  // MARK: Saving

  var exportTitle: KeyTitle { problem == nil ? .named("save recipe") : .notOffered }

  /// Saves the recipe of the run with the edited schedule, to be started by its name.
  func export(_ session: inout Session) -> [Effect] {
    guard problem == nil, session.phase != .idle else {
      session.note("there is no recipe to save")
      return []
    }
    var recipe = session.recipe
    recipe.schedule = edited
    return [.saveRecipe(recipe, name: "\(recipe.name)-\(edited.name)")]
  }

  /// Moves a parameter by so many key presses, as far as it goes with the others; another family
  /// begins with its own defaults, or with the present curve where it can take any.
  private mutating func step(_ key: String, by steps: Int) {
    if key == Schedules.chooser.key {
      let name = SettingValue.text(edited.name)
      if case .text(let next) = offered(Schedules.chooser)?.allowed.stepped(
        name, by: steps, default: name),
        var family = ScheduleConfiguration(named: next), family.name != edited.name
      {
        family.follow(schedule)
        edit(family)
      }
      return
    }
    for size in stride(from: abs(steps), to: 0, by: -1) {
      var next = edited
      next.step(key, by: steps > 0 ? size : -size)
      if next.conflict == nil { return edit(next) }
    }
  }

  private mutating func show(_ configuration: ScheduleConfiguration) {
    edited = configuration
    results.move()
    do {
      schedule = try configuration.make()
      problem = nil
    } catch {
      problem = "\(error)"
    }
  }
}
