import Diffusion
import TUI

/// The workbench without screens: commands go in, lines of text come out.
///
/// Behind it is the same application as behind the screens, with their sessions, fields, actions and effects;
/// what lies on top of a screen, such as a question, becomes a line and is answered by the next command.
struct PlainWorkbench {
  /// What the next line answers.
  enum Question {
    /// Whether to do something, by a typed yes.
    case confirm(Action)
    /// Which of some things, by its number.
    case choose(Choices)
    /// Whether to resume an interrupted run.
    case offer
    /// Where to save a run that cannot be saved.
    case unsaved
  }

  /// What has to happen before the next command.
  struct Wait {
    /// When it is over in any case, in seconds of the caller's clock.
    var deadline: Double?
    let isOver: (PlainWorkbench) -> Bool
    /// What is done then.
    private(set) var end: (inout PlainWorkbench) -> Void = { _ in }

    init(deadline: Double? = nil, until isOver: @escaping (PlainWorkbench) -> Bool) {
      (self.deadline, self.isOver) = (deadline, isOver)
    }

    /// The same with something to be done afterwards.
    func then(_ end: @escaping (inout PlainWorkbench) -> Void) -> Wait {
      var wait = self
      wait.end = end
      return wait
    }
  }

  private(set) var application: WorkbenchApplication
  /// The lines that were not printed yet.
  private var lines: [String] = []
  private(set) var question: Question?
  var wait: Wait?
  /// Whether nothing is said about training unless asked for.
  var isQuiet = false
  /// When the last line about training was printed.
  private var lastStatus = 0.0
  /// The seconds of the caller's clock.
  private(set) var now = 0.0
  /// Whether the program may end.
  private(set) var isDone = false
  /// Whether there are no more commands.
  private(set) var hasEnded = false
  private var noticesSeen: Int
  private let outbox: Outbox

  /// What screens want to have computed, and have not got yet.
  private final class Outbox {
    var computations: [(screen: String, compute: @Sendable () -> any Sendable)] = []
  }

  /// What the plain workbench needs from outside.
  struct World {
    var carryOut: (Effect) -> Void
    var start: (Workload, _ session: Int) -> Void = { _, _ in }
    var timeOfDay: () -> Int = { 0 }
  }

  init(_ session: Session, settings: UserSettings, world: World) {
    let outbox = Outbox()
    self.outbox = outbox
    noticesSeen = session.noticeCount
    application = WorkbenchApplication(
      session, settings: settings,
      world: .init(
        carryOut: { effect in
          switch effect {
          // Nobody sees the previews.
          case .sample(_, TrainScreen.preview): break
          case .compute(let screen, let compute): outbox.computations.append((screen, compute))
          default: world.carryOut(effect)
          }
        }, start: world.start, timeOfDay: world.timeOfDay,
        theme: { _ in .dark }))
    application.session.labels = Self.labels
    awaitStart()
    settle()
  }

  /// What is typed here where notices name the keys of the screens.
  private static let labels: [Action: String] = [
    .togglePause: "resume", .keepCheckpoint: "save", .speedLimit: "speed full", .sample: "sample",
    .quit: "quit", RunsScreen.own(RunsScreen.Command.new): "start",
  ]

  var session: Session { application.session }

  /// Whether it ends as soon as everything is saved.
  var isLeaving: Bool { application.isLeaving }

  /// The lines since the last call.
  mutating func takeLines() -> [String] {
    defer { lines = [] }
    return lines
  }

  mutating func say(_ line: String) { lines.append(line) }

  // MARK: What happens

  /// Takes in what the background tells.
  mutating func take(_ messages: [Message]) {
    guard !messages.isEmpty else { return }
    handle(application.update(.messages(messages)))
    // Keys that changed in the settings mean nothing here.
    application.session.labels = Self.labels
    settle()
  }

  /// Takes in that a signal asks to end.
  mutating func end(by signal: EndSignal) {
    handle(application.update(.end(signal)))
    settle()
  }

  /// Takes in the time: ends what was waited for, and says how training goes when it is time for that.
  mutating func advance(to now: Double) {
    self.now = now
    if let wait, wait.isOver(self) || now >= wait.deadline ?? .infinity || isDone {
      self.wait = nil
      wait.end(&self)
    }
    guard !isQuiet, session.phase == .training,
      now - lastStatus >= Double(application.settings.statusInterval)
    else { return }
    lastStatus = now
    say(statusLine)
  }

  /// When something is to be done next, in seconds of the clock.
  var nextMoment: Double {
    let status =
      isQuiet || session.phase != .training
      ? .infinity : lastStatus + Double(application.settings.statusInterval)
    return min(status, wait?.deadline ?? .infinity)
  }

  /// There are no more commands: saves and quits.
  mutating func endInput() {
    hasEnded = true
    question = nil
    quit()
  }

  mutating func quit() { act(.quit) }

  // MARK: The application

  /// Does what a key of the screens would do.
  mutating func act(_ action: Action) {
    handle(application.carryOut(application.perform(action)))
    settle()
  }

  /// Carries out what a screen asked for.
  mutating func carryOut(_ effects: [Effect]) {
    handle(application.carryOut(effects))
    settle()
  }

  /// The screen of a kind.
  func screen<S: Screen>(_ type: S.Type) -> S? {
    application.screens.lazy.compactMap { $0 as? S }.first
  }

  /// Does something with a screen, as if it were in view, and carries out what it asks for.
  mutating func with<S: Screen>(
    _ type: S.Type, _ body: (inout S, inout Session) throws -> [Effect]
  ) rethrows {
    guard let index = application.screens.firstIndex(where: { $0 is S }),
      var screen = application.screens[index] as? S
    else { return }
    let effects = try body(&screen, &application.session)
    application.screens[index] = screen
    carryOut(effects)
  }

  /// Makes a screen the one that actions are about, without what else happens when it is shown.
  mutating func turn(to title: String) {
    application.current =
      application.screens.firstIndex { $0.title == title } ?? application.current
  }

  /// Gives a field of a screen what was typed.
  mutating func set(_ key: String, ofScreen title: String, to text: String) throws(FieldInputError)
  {
    guard let index = application.screens.firstIndex(where: { $0.title == title }) else { return }
    let effects = try application.screens[index].set(key, to: text, &application.session)
    carryOut(effects)
  }

  /// Gives a setting of the user's file what was typed.
  mutating func set(_ key: String, typed text: String) throws(FieldInputError) {
    carryOut(try application.set(key, typed: text))
  }

  /// Waits until the run is there.
  private mutating func awaitStart() {
    wait = Wait(until: { $0.session.phase != .preparing }).then { $0.sayWhatItIs() }
  }

  /// Opens something, and waits until it is there.
  mutating func open(_ request: OpenRequest) {
    let before = session.number
    act(.open(request))
    wait = Wait(
      until: { $0.session.number != before && $0.session.phase != .preparing || $0.hasProblem }
    ).then {
      if $0.session.number != before { $0.sayWhatItIs() }
      $0.hasProblem = false
    }
  }

  /// Whether something that was asked for was refused since the last command.
  var hasProblem = false

  private mutating func handle(_ command: Command) {
    if command == .quit { isDone = true }
  }

  /// Computes what is wanted, so that it is there when the next command is read, and says what there is to
  /// say.
  private mutating func settle() {
    while !outbox.computations.isEmpty {
      let (screen, compute) = outbox.computations.removeFirst()
      handle(application.update(.messages([.computed(compute(), screen: screen)])))
    }
    sayNotices()
    takeOverlay()
  }

  private mutating func sayNotices() {
    for notice in session.notices where notice.number >= noticesSeen && !notice.isRoutine {
      say(notice.text)
    }
    noticesSeen = session.noticeCount
  }

  /// Says what lies on top of the screen, and keeps the question that it asks.
  private mutating func takeOverlay() {
    let overlay = application.overlay
    application.overlay = nil
    switch overlay {
    case .message(let sentence):
      hasProblem = true
      say(sentence)
    case .asking(let asked):
      say("\(asked.text) Type yes to \(asked.answer), or anything else to leave it.")
      question = .confirm(asked.action)
    case .choosing(let choices):
      say(choices.title)
      for (index, item) in choices.items.enumerated() {
        say("\(index + 1): \(item.name)\(item.detail.isEmpty ? "" : ", \(item.detail)")")
      }
      say("Type a number, or anything else to leave it.")
      question = .choose(choices)
    case .offer:
      for line in application.offerLines.prefix(2) { say(line.text) }
      say("Type resume to go on with it, or no to leave it.")
      question = .offer
    case .unsaved(let reason):
      guard !hasEnded else { return giveUp(reason) }
      say("The run cannot be saved: \(reason)")
      say("Type a folder to save it in, discard to give it up, or stay to go on.")
      question = .unsaved
    case .quitting:
      // Whoever types quit means it.
      application.overlay = overlay
      act(.enter)
    case .typing, .enlarged, .help, .palette, .log, .settings, nil: break
    }
  }

  /// Nobody is left to ask.
  private mutating func giveUp(_ reason: String) {
    application.lastProblem = reason
    application.isLeaving = true
    carryOut([.training(.abandon)])
  }

  // MARK: Answers

  /// Takes the line that answers a question.
  mutating func answer(_ text: String) {
    guard let question else { return }
    self.question = nil
    let word = text.lowercased()
    switch question {
    case .confirm(let action):
      guard word == "yes" else { return say("left as it is") }
      act(action)
    case .choose(let choices):
      guard let number = Int(word), choices.items.indices.contains(number - 1) else {
        return say("left as it is")
      }
      if case .open(let request) = choices.items[number - 1].action { return open(request) }
      act(choices.items[number - 1].action)
    case .offer:
      let resumes = word == "resume" || word == "yes"
      let before = session.number
      carryOut(application.answerOffer(resumes: resumes))
      wait = Wait(
        until: {
          $0.session.phase != .preparing && ($0.session.number != before || !resumes)
            || $0.hasProblem
        }).then { $0.sayWhatItIs() }
    case .unsaved:
      application.overlay = .unsaved("")
      application.prepareLine(text)
      let key: Key = word == "discard" ? .control("d") : word == "stay" ? .escape : .enter
      carryOut(application.answerUnsaved(key))
    }
  }

  /// Asks whether to resume an interrupted run.
  mutating func offer(_ run: InterruptedRun, insteadOf subject: Workload?, _ recipe: Recipe) {
    wait = nil
    application.offer(run, insteadOf: subject, recipe)
    settle()
  }
}
