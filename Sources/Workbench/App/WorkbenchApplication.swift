import Diffusion
import TUI

/// The program on the screen: it joins the screens with what is behind them, and owns nothing of any.
struct WorkbenchApplication: Application {
  /// What is on top of the screen and takes the keys.
  enum Overlay: Sendable, Equatable {
    case help
    /// A command by name.
    case palette
    /// A new value for the field with this key, typed.
    case typing(String)
    /// What to do with the run before leaving.
    case quitting
    /// One sample as large as it goes.
    case picture
    /// An error that stays until it is read.
    case message(String)
    /// Why the run cannot be saved, and where to save it instead, typed.
    case unsaved(String)
  }

  var session: Session
  var screens: [any Screen]
  /// The screen that is shown, counted from 0.
  var current = 0
  var overlay: Overlay?
  private(set) var settings: UserSettings
  private(set) var theme: Theme
  private(set) var size = Size.zero
  /// The line that is being typed, for values and for the palette.
  var line = TextField()
  /// What is wrong with what was typed.
  var lineProblem = ""
  /// The selected line of the palette, or the first that help shows.
  var chosen = 0
  /// The signal that ended the program, to be raised again.
  private(set) var endSignal: EndSignal?
  /// Whether the program leaves as soon as everything is saved.
  private(set) var isLeaving = false
  /// Earlier runs that are still being saved.
  private var endingRuns = 0
  /// What was asked to be opened and has not come yet.
  private var wanted: OpenRequest?
  /// What went wrong while the program was leaving.
  private(set) var lastProblem: String?
  let keys = KeyMap<Action, KeyContext>.workbench
  private let world: World

  /// What the application needs from outside; tests put in their own.
  struct World {
    var carryOut: (Effect) -> Void
    /// Begins to train, or to open a model, as the session with this number.
    var start: (Workload, _ session: Int) -> Void = { _, _ in }
    /// Local seconds since midnight.
    var timeOfDay: () -> Int
    /// The names of the themes there are.
    var themes = ["dark"]
    /// The theme of a name, for the terminal's colours; nil where it cannot be read.
    var theme: (String) -> Theme?
  }

  init(_ session: Session, settings: UserSettings = UserSettings(), world: World) {
    self.session = session
    self.settings = settings
    self.world = world
    theme = world.theme(settings.theme) ?? .dark
    screens = Screens.all.map { $0.init(session) }
    if session.wantsSamples { showScreen(DenoiseScreen.title) }
    if session.phase == .idle { carryOut(show(RunsScreen.title)) }
  }

  var screen: any Screen { screens[current] }
  var tickInterval: Double? { screen.tickInterval }
  var layout: PageLayout { PageLayout(size) }

  /// Where keys go now.
  var keyContexts: Set<KeyContext> {
    switch overlay {
    case .quitting: [.quitting]
    case .typing: [.typing]
    case .unsaved: [.unsaved]
    case .palette: [.palette]
    case .some: [.overlay]
    case nil: screen.keyContexts(session)
    }
  }

  mutating func update(_ event: Event<Message>) -> Command {
    session.time = world.timeOfDay()
    switch event {
    case .start(let size), .resize(let size):
      self.size = size
      return .none
    case .key(let key): return carryOut(press(key))
    case .mouse(let event): return carryOut(point(event))
    case .messages(let messages):
      var command = Command.none
      for message in messages {
        let next = carryOut(receive(message))
        if next != .none { command = next }
      }
      return command
    case .tick:
      return carryOut(screens[current].tick(&session))
    case .end(let signal):
      // Who asks twice does not want to wait for the run to save.
      guard endSignal == nil else { return .quit }
      endSignal = signal
      isLeaving = true
      return carryOut(canLeave ? [.quit] : [.stopAndQuit])
    }
  }

  // MARK: Messages

  mutating func receive(_ message: Message) -> [Effect] {
    switch message {
    case .run(let event, let number) where number != session.number:
      return receiveFromEarlier(event)
    case .run(let event, _):
      if case .failed(let sentence) = event, isLeaving { lastProblem = sentence }
      if case .unsaved(let sentence) = event { return stay(sentence) }
      let effects = session.receive(event) + deliver(message)
      return isLeaving && canLeave ? effects + [.quit] : effects
    case .opened(let subject, let recipe, let opening):
      guard !isLeaving, wanted == opening else { return [] }
      wanted = nil
      return open(subject, recipe)
    case .notice(let text):
      session.note(text)
      return []
    case .computed, .sampling: return deliver(message)
    }
  }

  /// Hands a message to all screens.
  private mutating func deliver(_ message: Message) -> [Effect] {
    screens.indices.flatMap { screens[$0].receive(message, &session) }
  }

  /// Of a run that is no longer on the screens only its end matters.
  private mutating func receiveFromEarlier(_ event: RunEvent) -> [Effect] {
    switch event {
    case .failed(let sentence):
      endingRuns -= 1
      if isLeaving { lastProblem = sentence }
      return isLeaving && canLeave ? [.quit] : [.message(sentence)]
    case .unsaved(let sentence):
      // It goes on trying; who leaves meanwhile has been told.
      guard isLeaving else {
        if overlay == nil { overlay = .message(sentence) }
        return []
      }
      lastProblem = sentence
      return [.training(.abandon)]
    case .phase(.stopped): endingRuns -= 1
    case .saved(let step, let path):
      session.note("checkpoint at step \(Numbers.grouped(step)) · \(path)")
      return deliver(.run(event, session: session.number))
    default: break
    }
    return isLeaving && canLeave ? [.quit] : []
  }

  /// Asks what to do about a run that cannot be saved; where a signal ends the program, nobody can answer.
  private mutating func stay(_ sentence: String) -> [Effect] {
    if endSignal != nil {
      lastProblem = sentence
      return [.training(.abandon)]
    }
    guard isLeaving else {
      if case .unsaved = overlay { overlay = .unsaved(sentence) }
      return []
    }
    isLeaving = false
    if case .unsaved = overlay {} else { prepareLine(session.facts?.folder ?? "") }
    overlay = .unsaved(sentence)
    return [.stay]
  }

  /// A key while the program asks where to save.
  mutating func answerUnsaved(_ key: Key) -> [Effect] {
    switch key {
    case .enter:
      isLeaving = true
      overlay = nil
      return [.training(.stopIn(line.text))]
    case .control("d"):
      isLeaving = true
      overlay = nil
      return [.training(.abandon)]
    case .escape, .control("c"):
      overlay = nil
      return [.training(.pause)]
    default:
      edit(key)
      return []
    }
  }

  private var canLeave: Bool {
    (session.phase == .stopped || session.phase == .idle) && endingRuns == 0
  }

  /// Opens another subject; the current run saves and ends.
  private mutating func open(_ subject: Workload, _ recipe: Recipe) -> [Effect] {
    var effects: [Effect] = []
    if session.phase != .stopped && session.phase != .idle {
      endingRuns += 1
      effects.append(.training(.stop))
    }
    carryOut(effects)
    session = Session(recipe, after: session)
    for index in screens.indices { screens[index].begin(session) }
    overlay = nil
    world.start(subject, session.number)
    return show(session.wantsSamples ? DenoiseScreen.title : TrainScreen.title)
  }

  // MARK: Effects

  /// Carries effects out; the program's own become the loop's command.
  @discardableResult
  mutating func carryOut(_ effects: [Effect]) -> Command {
    var command = Command.none
    for effect in effects {
      switch effect {
      case .quit: command = .quit
      case .suspend: command = .suspend
      case .redraw: command = .redraw
      case .type(let key):
        overlay = .typing(key)
        prepareLine(screen.focusedField(session)?.text ?? "")
      case .enlarge: overlay = .picture
      case .message(let sentence): overlay = .message(sentence)
      case .open(let opening):
        wanted = opening
        world.carryOut(effect)
      case .show(let title): carryOut(show(title))
      case .offerModel:
        if let model = session.model {
          carryOut(deliver(.run(.model(model), session: session.number)))
        }
      default: world.carryOut(effect)
      }
    }
    return command
  }

  private mutating func showScreen(_ title: String) {
    current = screens.firstIndex { $0.title == title } ?? current
    screens[current].resetZoom()
  }

  /// Shows a screen.
  mutating func show(_ title: String) -> [Effect] {
    showScreen(title)
    return screens[current].appear(&session)
  }

  // MARK: Actions

  private mutating func press(_ key: Key) -> [Effect] {
    switch overlay {
    case .typing(let field): return type(key, into: field)
    case .unsaved: return answerUnsaved(key)
    case .palette: return search(key)
    case .help where scrollHelp(key): return []
    default: break
    }
    return keys.action(for: key, in: keyContexts).map { perform($0) } ?? []
  }

  /// Does what the user asked for: what is the program's own here, the rest by the screen.
  mutating func perform(_ action: Action) -> [Effect] {
    if overlay != nil, let effects = performInOverlay(action) { return effects }
    switch action {
    case .show(let title): return show(title)
    case .own(let title, _) where title != screen.title:
      let effects = show(title)
      return effects + screens[current].handle(action, &session)
    case .togglePause: return [.training(session.phase == .training ? .pause : .resume)]
    case .singleStep: return [.training(.singleStep)]
    case .keepCheckpoint: return [.training(.keep)]
    case .sample: return session.requestSamples()
    case .theme:
      settings.chooseNextTheme(of: world.themes)
      theme = world.theme(settings.theme) ?? theme
      return [.saveSettings(settings)]
    case .pictureStyle:
      settings.pictures = settings.pictures.next
      return [.saveSettings(settings)]
    case .help, .palette:
      overlay = action == .help ? .help : .palette
      prepareLine("")
      return []
    case .redraw: return [.redraw]
    case .suspend: return [.suspend]
    case .quit: return leave()
    default: return screens[current].handle(action, &session)
    }
  }

  /// Keys that mean something else while something is on top of the screen; nil where they do not.
  private mutating func performInOverlay(_ action: Action) -> [Effect]? {
    switch (overlay, action) {
    case (.quitting, .enter):
      isLeaving = true
      overlay = nil
      return [.stopAndQuit]
    case (.picture, .change(let steps)): screens[current].selectSample(by: steps)
    case (_, .back), (.help, .help), (.message, .enter), (.picture, .enter), (.quitting, .quit),
      (.help, .quit), (.message, .quit), (.picture, .quit):
      overlay = nil
    case (_, .redraw), (_, .suspend): return nil
    default: break
    }
    return []
  }

  /// Leaves at once where nothing can be lost, and asks where training goes on.
  private mutating func leave() -> [Effect] {
    if canLeave { return [.quit] }
    switch session.phase {
    case .training, .preparing:
      // Nobody could read the question in a window that is too small.
      guard size.fits(PageLayout.smallest) || size == .zero else { break }
      overlay = .quitting
      return []
    case .paused, .finished, .diverged, .stopped, .idle: break
    }
    isLeaving = true
    return [.stopAndQuit]
  }

  /// Moves through a table of keys that is longer than the screen.
  private mutating func scrollHelp(_ key: Key) -> Bool {
    let step: Int
    switch key {
    case .up, .character("k"): step = -1
    case .down, .character("j"): step = 1
    case .pageUp, .shiftUp: step = -10
    case .pageDown, .shiftDown, .character(" "): step = 10
    default: return false
    }
    chosen = min(max(0, chosen + step), helpOverlay.maximumScroll(in: layout.body))
    return true
  }

  private mutating func prepareLine(_ text: String) {
    lineProblem = ""
    chosen = 0
    line = TextField(text)
  }

  /// What a click, a drag or the wheel does where it happens.
  private mutating func point(_ event: MouseEvent) -> [Effect] {
    guard overlay == nil else {
      return event.action == .press && overlay != .quitting ? perform(.back) : []
    }
    guard size.fits(PageLayout.smallest) else { return [] }
    if event.action == .press, event.y == layout.header.y {
      return tab(atColumn: event.x).map { perform(.show($0)) } ?? []
    }
    return screens[current].point(event, in: layout.body, context, &session)
  }
}

extension Size {
  /// Whether there is room for `other`.
  func fits(_ other: Size) -> Bool { width >= other.width && height >= other.height }
}
