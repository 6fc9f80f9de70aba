import Diffusion
import Platform
import TUI

extension WorkbenchApplication {
  /// Opens the screens on the terminal, trains in the background, and returns when the user leaves.
  ///
  /// `recipe` describes the subject before it is loaded. Without a subject the runs of the folder are
  /// shown to choose from.
  ///
  /// A signal that ended it is raised again once the terminal is restored.
  static func open(
    _ subject: Workload?, _ recipe: Recipe, settings: UserSettings
  ) throws {
    let folders = ResourceFolders.existing("themes")
    let mailbox = Mailbox<Message>(limit: Message.mostWaiting, thinning: Message.thinned)
    var chosen = Theme.dark
    do {
      chosen = try ThemeFile.load(settings.theme, folders: folders)
    } catch {
      mailbox.post(.notice("the dark theme is shown: \(error)"))
    }
    let runner = EffectRunner(mailbox)
    let terminal = try Terminal(wakeDescriptor: mailbox.wakeDescriptor)
    let depth = terminal.colorDepth

    let session = Session(recipe, phase: subject == nil ? .idle : .preparing)
    let world = World(
      carryOut: { runner.carryOut($0) },
      start: { runner.start($0, session: $1) }, timeOfDay: localSecondsSinceMidnight,
      themes: ThemeFile.names(in: folders),
      theme: { [chosen] name in
        let theme = name == chosen.name ? chosen : try? ThemeFile.load(name, folders: folders)
        return theme?.adapted(to: depth)
      })

    if let subject { runner.start(subject, session: session.number) }
    var program = TUI.Program(
      WorkbenchApplication(session, settings: settings, world: world), on: terminal,
      mailbox: mailbox)
    defer { terminal.restore() }
    do {
      try program.run()
      runner.finish()
    } catch {
      runner.finish()
      throw error
    }
    if let problem = program.application.lastProblem {
      terminal.restore()
      throw RunError.failed(problem)
    }
    if let signal = program.application.endSignal { terminal.end(by: signal) }
  }
}

private func localSecondsSinceMidnight() -> Int {
  var now = time(nil)
  var clock = tm()
  localtime_r(&now, &clock)
  return Int(clock.tm_hour) * 3600 + Int(clock.tm_min) * 60 + Int(clock.tm_sec)
}
