import Diffusion
import Platform
import TUI

extension WorkbenchApplication {
  /// Opens the screens on the terminal, trains in the background, and returns when the user leaves.
  ///
  /// `recipe` describes the subject before it is loaded. Without a subject the runs of the folder are
  /// shown to choose from. Where a run was `interrupted`, the user is asked first whether to resume
  /// that one.
  ///
  /// A `lesson` is beside the screens from the beginning; the subject is its run.
  ///
  /// Afterwards `print` gets what the shell should show, such as where the run is.
  ///
  /// What is wrong with the file of the `settings` is shown as a notice.
  ///
  /// A signal that ended it is raised again once the terminal is restored.
  static func open(
    _ subject: Workload?, _ recipe: Recipe, settings: UserSettings, settingsProblem: String? = nil,
    interrupted: InterruptedRun? = nil, lesson: Lesson? = nil, print: (String) -> Void
  ) throws {
    let folders = ResourceFolders.existing("themes")
    let mailbox = Mailbox<Message>(
      limit: Message.mostWaiting, thinning: Message.thinned, newestOf: \.heavyKind)
    let keeper = SettingsKeeper { mailbox.post($0) }
    let runner = EffectRunner(mailbox, keeper: keeper)
    Parallel.threads = settings.threadCount
    let terminal = try Terminal(
      wakeDescriptor: mailbox.wakeDescriptor, mouse: settings.takesMouse)
    let start = ContinuousClock.now

    let isStarted = subject != nil && interrupted == nil
    var session = Session(recipe, phase: isStarted ? .preparing : .idle)
    if isStarted { session.place = subject?.resumed?.place }
    let world = World(
      carryOut: { runner.carryOut($0) },
      start: { runner.start($0, session: $1) }, timeOfDay: localSecondsSinceMidnight,
      now: { ContinuousClock.now.seconds(since: start) },
      symbols: terminal.symbols, themes: ThemeFile.names(in: folders),
      lessons: { LessonLibrary.entries() },
      theme: { name in
        do {
          return try ThemeFile.load(name, folders: folders)
        } catch {
          mailbox.post(.notice("using the dark theme: \(error)"))
          return nil
        }
      }, depth: terminal.colorDepth, settingsPath: SettingsFile.path)

    if let settingsProblem { mailbox.post(.notice("\(settingsProblem); it is ignored")) }
    var application = WorkbenchApplication(
      session, settings: settings,
      isBackgroundDark: {
        if settings.theme == UserSettings.automatic {
          terminal.awaitAnswer(within: firstFrameMargin)
        }
        return (terminal.background ?? backgroundByEnvironment)?.isDark
      }, world: world)
    keeper.start()
    if let lesson { application.progress = LessonProgress(lesson) }
    if let interrupted { application.offer(interrupted, insteadOf: subject, recipe) }
    var program = TUI.Program(application, on: terminal, mailbox: mailbox)
    defer { terminal.restore() }
    do {
      try program.run {
        // Not before: the first frame would have to share the processors and the memory with it.
        if let subject, isStarted { runner.start(subject, session: session.number) }
        if !settings.slowsShortRuns { runner.carryOut(.training(.limitSpeed(false))) }
      }
      runner.finish()
    } catch {
      runner.finish()
      throw error
    }
    terminal.restore()
    for line in program.application.lastWords { print(line) }
    if let problem = program.application.lastProblem {
      throw RunError.failed(problem)
    }
    if let signal = program.application.endSignal { terminal.end(by: signal) }
  }
}

/// Seconds that the first frame waits for the terminal to say what its background is; a later answer
/// is used when it comes.
private let firstFrameMargin = 0.015

/// The background by the variable that some terminals set.
private var backgroundByEnvironment: Color? {
  getenv("COLORFGBG").flatMap { Color.background(colorFGBG: String(cString: $0)) }
}

extension ContinuousClock.Instant {
  fileprivate func seconds(since start: Self) -> Double { (self - start) / .seconds(1) }
}

func localSecondsSinceMidnight() -> Int {
  var now = time(nil)
  var clock = tm()
  localtime_r(&now, &clock)
  return Int(clock.tm_hour) * 3600 + Int(clock.tm_min) * 60 + Int(clock.tm_sec)
}
