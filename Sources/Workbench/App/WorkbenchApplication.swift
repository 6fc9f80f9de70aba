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
    /// Everything that happened.
    case log
    /// Whether to go on with an interrupted run.
    case offer
    /// One sample as large as it goes.
    case enlarged
    /// An error that stays until it is read.
    case message(String)
    /// One thing of several, by name.
    case choosing(Choices)
    /// The user's settings.
    case settings(SettingsForm)
    /// Whether to do something that cannot be undone.
    case asking(Question)
    /// Why the run cannot be saved, and where to save it instead, typed.
    case unsaved(String)
  }

  var session: Session
  var screens: [any Screen]
  /// The screen that is shown, counted from 0.
  var current = 0
  let spectrograms = SoundView.Spectrograms()
  var overlay: Overlay?
  var settings: UserSettings
  var theme: Theme
  /// What the theme was chosen by.
  var lookKey: LookKey?
  /// How often the themes were read.
  var themeReadings = 0
  /// Whether the terminal's background is dark; nil where it does not say.
  var isBackgroundDark: Bool?
  private(set) var size = Size.zero
  /// The line that is being typed, for values and for the palette.
  var line = TextField()
  /// What is wrong with what was typed.
  var lineProblem = ""
  /// The selected line of the palette, or the first that help shows.
  var chosen = 0
  /// What was chosen in the palette, the newest first.
  var recent: [Action] = []
  /// What the program was started with, while the user decides about an interrupted run.
  var postponed: PostponedStart?
  /// Whether the mouse is the program's.
  var takesMouse = true
  /// The last click, for the next may make it a double one.
  var lastClick = (time: -Double.infinity, x: -1, y: -1)
  /// The lesson that is beside the screens.
  var progress: LessonProgress?
  /// The lesson that was left before its end.
  var leftLesson: LessonProgress?
  /// The signal that ended the program, to be raised again.
  private(set) var endSignal: EndSignal?
  /// Whether the program leaves as soon as everything is saved.
  var isLeaving = false
  /// Earlier runs that are still being saved.
  private(set) var endingRuns = 0
  /// What is being opened and has not arrived yet.
  private var wanted: OpenRequest?
  /// What went wrong while the program was leaving.
  var lastProblem: String?
  var keys = KeyMap<Action, KeyContext>.workbench
  var world: World

  /// `isBackgroundDark` tells of the terminal, as far as that is known at the start.
  init(
    _ session: Session, settings: UserSettings = UserSettings(),
    isBackgroundDark: () -> Bool? = { nil }, world: World
  ) {
    self.session = session
    self.session.limitsSpeed = settings.slowsShortRuns
    self.settings = settings
    self.world = world
    takesMouse = settings.takesMouse
    theme = .dark
    screens = Screens.all.map { $0.init(session) }
    useKeys()
    // Asked last: the terminal has had all this time to answer.
    self.isBackgroundDark = isBackgroundDark()
    refreshLook()
    if session.wantsSamples { showScreen(DenoiseScreen.title) }
    if session.phase == .idle { carryOut(show(RunsScreen.title)) }
  }

  var screen: any Screen { screens[current] }
  var tickInterval: Double? { screen.tickInterval }
  var layout: PageLayout { PageLayout(size, hasLesson: progress != nil) }
  /// Whether another run is being opened.
  var isOpening: Bool { wanted != nil }

  /// Where keys go now.
  var keyContexts: Set<KeyContext> {
    switch overlay {
    case .quitting: [.quitting]
    case .typing: [.typing]
    case .unsaved: [.unsaved]
    case .palette: [.palette]
    case .log: [.log]
    case .offer: [.offer]
    case .asking: [.asking]
    case .choosing: [.choosing]
    case .settings(let form): form.isTyping ? [.typing] : [.settings]
    case .enlarged: [.overlay, .enlarged]
    case .some: [.overlay]
    case nil: screen.keyContexts(session).union(lessonContexts)
    }
  }

  mutating func update(_ event: Event<Message>) -> Command {
    session.time = world.timeOfDay()
    let command = handle(event)
    let next = carryOut(followLesson())
    if case .tick = event {} else { refreshLook() }
    return command == .none ? next : command
  }

  private mutating func handle(_ event: Event<Message>) -> Command {
    switch event {
    case .start(let size), .resize(let size):
      self.size = size
      return .none
    case .key(let key): return carryOut(press(key))
    case .mouse(let event): return carryOut(point(event))
    case .background(let color):
      isBackgroundDark = color.isDark ?? isBackgroundDark
      return .none
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
      // Asking twice means not wanting to wait for the run to save.
      guard endSignal == nil else { return .quit }
      endSignal = signal
      isLeaving = true
      return carryOut(canLeave ? [.quit] : [.training(.interrupt), .stopAndQuit])
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
      var leaves = isLeaving
      // Another try to save has worked while the question stood.
      if case .unsaved = overlay, session.phase == .stopped { leaves = true }
      return leaves && canLeave ? effects + [.quit] : effects
    case .opened(let subject, let recipe, let opening):
      guard !isLeaving, wanted == opening else { return [] }
      wanted = nil
      let effects = begin(subject, recipe)
      if case .rewind(let folder, let kept) = opening {
        session.note(
          "\(subject.resumed?.path ?? "this run") starts from step "
            + "\(Numbers.grouped(kept.step)) of \(folder.path); \(session.label(of: .togglePause, usually: "p")) trains it"
        )
      }
      return effects
    case .themes(let shelf):
      receive(shelf)
      return []
    case .settings(let earlier, let now): return receive(from: earlier, to: now)
    case .notice(let text):
      session.note(text)
      return []
    case .problem(let sentence):
      wanted = nil
      // A lesson without its run would be about another one.
      if let progress, !progress.hasBegun, progress.lesson.recipe != nil { self.progress = nil }
      return isLeaving ? [] : [.message(sentence)]
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
      // It keeps trying; whoever leaves meanwhile has been told.
      guard isLeaving else {
        if overlay == nil { overlay = .message(sentence) }
        return []
      }
      lastProblem = sentence
      return [.training(.abandon)]
    case .phase(.stopped): endingRuns -= 1
    case .saved(let step, let path):
      session.note(savedAt: step, path)
      return deliver(.run(event, session: session.number))
    default: break
    }
    return isLeaving && canLeave ? [.quit] : []
  }

  /// Opens another subject; the current run saves and ends.
  mutating func begin(_ subject: Workload, _ recipe: Recipe) -> [Effect] {
    var effects: [Effect] = []
    if session.phase != .stopped && session.phase != .idle {
      endingRuns += 1
      effects.append(.training(.stop))
    }
    carryOut(effects)
    session = Session(recipe, after: session)
    session.place = subject.resumed?.place
    for index in screens.indices { screens[index].begin(session) }
    overlay = nil
    world.start(subject, session.number)
    if !session.limitsSpeed { carryOut([.training(.limitSpeed(false))]) }
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
      case .mouse(let isTaken): command = .mouse(isTaken)
      case .type(let key):
        overlay = .typing(key)
        prepareLine(screen.focusedField(session)?.text ?? "")
      case .enlarge: overlay = .enlarged
      case .message(let sentence): overlay = .message(sentence)
      case .ask(let question): overlay = .asking(question)
      case .choose(let choices):
        overlay = .choosing(choices)
        prepareLine("")
        chosen = choices.selected
      case .open(let opening):
        wanted = opening
        world.carryOut(effect)
      case .show(let title): carryOut(show(title))
      case .offerModel:
        if let model = session.model {
          carryOut(deliver(.run(.model(model), session: session.number)))
        }
        if let model = session.rawModel {
          carryOut(deliver(.run(.rawModel(model), session: session.number)))
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

  mutating func press(_ key: Key) -> [Effect] {
    switch overlay {
    case .typing(let field): return type(key, into: field)
    case .unsaved: return answerUnsaved(key)
    case .palette: return search(key)
    case .log: return look(key)
    case .choosing(let choices): return pick(key, among: choices)
    case .settings(let form) where form.isTyping: return type(key, in: form)
    case .help where scrollHelp(key): return []
    default: break
    }
    return keys.action(for: key, in: keyContexts).map { perform($0) } ?? []
  }

  /// Performs an action: the program's own here, all others in the screen.
  mutating func perform(_ action: Action) -> [Effect] {
    if overlay != nil, let effects = performInOverlay(action) { return effects }
    switch action {
    case .show(let title): return show(title)
    case .own(let title, _) where title != screen.title:
      let effects = show(title)
      return effects + screens[current].handle(action, &session)
    case .togglePause, .singleStep, .keepCheckpoint, .speedLimit: return tellTraining(action)
    case .lessons: return [.choose(lessonChoices)]
    case .startLesson(let name): return startLesson(name)
    case .resumeLesson: resumeLesson()
    case .nextStep: continueLesson()
    case .previousStep: repeatLessonStep()
    case .back where progress != nil && !screen.isZoomed && !keyContexts.contains(.painting):
      leaveLesson()
    case .sample:
      if session.phase == .idle { return say("there is nothing to sample yet") }
      session.note("sampling the current weights")
      return screens[current].sample(&session)
    case .theme: return [.choose(themeChoices)]
    case .chooseTheme(let name): return say("theme \(name)") + chooseWord("theme", name)
    case .settings:
      overlay = .settings(SettingsForm())
      return []
    case .imageStyle: return perform(.chooseImageStyle(settings.imageStyle.next))
    case .chooseImageStyle(let style):
      return say("images drawn with \(style.rawValue)") + chooseWord("images", style.rawValue)
    case .open(let request) where isOpen(request):
      wanted = nil
      return show(TrainScreen.title)
    case .open(let request): return [.open(request)]
    case .set(let screen, let key, let text): return set(key, ofScreen: screen, to: text)
    case .edit(let screen, let key): return edit(key, ofScreen: screen)
    case .mouse:
      takesMouse.toggle()
      return say(
        takesMouse
          ? "mouse captured"
          : "mouse released for selecting text; "
            + "\(session.label(of: .mouse, usually: "M")) captures it again")
        + [.mouse(takesMouse)]
    case .help, .palette, .log:
      overlay = action == .help ? .help : action == .log ? .log : .palette
      prepareLine("")
      return action == .palette ? RunsScreen.readingFolder : []
    case .redraw: return [.redraw]
    case .suspend: return [.suspend]
    case .quit: return leave()
    default: return screens[current].handle(action, &session)
    }
    return []
  }

  private mutating func say(_ text: String) -> [Effect] {
    session.note(text)
    return []
  }

  /// Passes the action on to training, or tells the user why it cannot.
  private mutating func tellTraining(_ action: Action) -> [Effect] {
    guard session.canTrain || session.phase == .preparing else {
      return say(
        session.phase == .finished ? "training complete" : "nothing is training")
    }
    switch action {
    case .singleStep: return [.training(.singleStep)]
    case .keepCheckpoint: return say("saving a checkpoint of this step") + [.training(.keep)]
    case .speedLimit:
      session.limitsSpeed.toggle()
      return say(
        session.limitsSpeed ? "short runs are slowed down so that you can watch" : "full speed")
        + [.training(.limitSpeed(session.limitsSpeed))]
    default: return [.training(session.phase == .training ? .pause : .resume)]
    }
  }

  mutating func prepareLine(_ text: String) {
    lineProblem = ""
    chosen = 0
    line = TextField(text, selected: true)
  }
}

extension Size {
  /// Whether there is room for `other`.
  func fits(_ other: Size) -> Bool { width >= other.width && height >= other.height }
}
