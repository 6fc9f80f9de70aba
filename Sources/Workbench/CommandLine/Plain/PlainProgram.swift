import ArgumentParser
import Diffusion
import Platform
import TUI

/// The workbench at standard input and output: reads a command a line, and prints a line at a time.
///
/// Nothing it prints moves the cursor, so screen readers and logs can follow it.
enum PlainProgram {
  /// Whether the terminal can show text only: it says so, or says nothing.
  static var isWanted: Bool {
    let type = Console.environment("TERM") ?? ""
    return Console.isInteractive && (type.isEmpty || type == "dumb")
  }

  /// Runs until the user quits, the commands end, or a signal asks to end.
  static func run(
    _ subject: Workload?, _ recipe: Recipe, settings: UserSettings, problem: String?,
    interrupted: InterruptedRun? = nil
  ) throws {
    StopSignals.watch()
    let mailbox = Mailbox<Message>(
      limit: Message.mostWaiting, thinning: Message.thinned, newestOf: \.heavyKind)
    let keeper = SettingsKeeper(themeFolders: { [] }, post: { mailbox.post($0) })
    let runner = EffectRunner(mailbox, keeper: keeper)
    Parallel.threads = settings.threadCount
    var settings = settings
    // Nobody has to see the curves grow.
    settings.slowsShortRuns = false
    let isStarted = subject != nil && interrupted == nil
    var session = Session(recipe, phase: isStarted ? .preparing : .idle)
    if isStarted { session.place = subject?.resumed?.place }
    var plain = PlainWorkbench(
      session, settings: settings,
      world: .init(
        carryOut: { runner.carryOut($0) }, start: { runner.start($0, session: $1) },
        timeOfDay: localSecondsSinceMidnight))
    try write(["Diffusion Workbench, plain mode. Type a command a line; help lists them."])
    if let problem { try write(["\(problem); it is ignored"]) }
    if let subject, isStarted {
      runner.start(subject, session: session.number)
      runner.carryOut(.training(.limitSpeed(false)))
    }
    if let interrupted { plain.offer(interrupted, insteadOf: subject, recipe) }
    keeper.start()

    do {
      try loop(&plain, mailbox)
    } catch {
      // Nobody reads any more; the run is saved all the same.
      save(&plain, mailbox)
      runner.finish()
      throw error
    }
    runner.finish()
    try write(plain.takeLines() + plain.application.lastWords)
    if let problem = plain.application.lastProblem { throw RunError.failed(problem) }
    if let number = StopSignals.number { throw ExitCode(128 + number) }
  }

  private static func loop(_ plain: inout PlainWorkbench, _ mailbox: Mailbox<Message>) throws {
    var reader = LineReader()
    let start = ContinuousClock.now
    var hasSignal = false
    while true {
      if let number = StopSignals.number, !hasSignal {
        hasSignal = true
        plain.end(by: EndSignal(rawValue: number))
      }
      plain.take(mailbox.take())
      plain.advance(to: seconds(since: start))
      try write(plain.takeLines())
      if plain.isDone { return }
      if plain.wait == nil, !hasSignal, !plain.isLeaving {
        if let line = reader.next() {
          plain.run(line)
          continue
        }
        if reader.isAtEnd, !plain.hasEnded {
          plain.endInput()
          continue
        }
      }
      let rest = max(0, min(plain.nextMoment - seconds(since: start), 1))
      reader.wait(upTo: rest, wake: mailbox.wakeDescriptor)
    }
  }

  /// Saves without saying anything.
  private static func save(_ plain: inout PlainWorkbench, _ mailbox: Mailbox<Message>) {
    let start = ContinuousClock.now
    plain.endInput()
    while !plain.isDone, seconds(since: start) < 60 {
      plain.take(mailbox.take())
      usleep(20_000)
    }
  }

  private static func seconds(since start: ContinuousClock.Instant) -> Double {
    (ContinuousClock.now - start) / .seconds(1)
  }

  /// Prints lines in the characters that there are.
  private static func write(_ lines: [String]) throws {
    for line in lines {
      var text = String.UnicodeScalarView()
      for scalar in line.unicodeScalars { text.append(Console.symbols(scalar)) }
      try Console.line(String(text))
    }
  }
}

/// Lines of standard input, as they come.
struct LineReader {
  private var bytes: [UInt8] = []
  /// Whether there will be no more bytes.
  private var isClosed = false
  /// Whether the rest of a line is left out that was too long.
  private var skipsLine = false

  /// Longer lines are no commands.
  private static let longest = 1 << 16

  /// Whether all lines were taken.
  var isAtEnd: Bool { isClosed && bytes.isEmpty }

  /// The next whole line, without its end.
  mutating func next() -> String? {
    let end = bytes.firstIndex(of: UInt8(ascii: "\n"))
    guard let end = end ?? (isClosed && !bytes.isEmpty ? bytes.endIndex : nil) else { return nil }
    let line = bytes[..<end]
    bytes.removeFirst(min(end + 1, bytes.count))
    return String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
  }

  private mutating func skipRest() {
    guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else {
      bytes = []
      return
    }
    bytes.removeFirst(end + 1)
    skipsLine = false
  }

  /// Waits until there is something to read, the program is woken, or so many seconds have passed.
  mutating func wait(upTo seconds: Double, wake: Int32?) {
    let isFull = bytes.count > Self.longest
    var descriptors = [isClosed || isFull ? -1 : STDIN_FILENO, wake ?? -1].map {
      pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
    }
    guard poll(&descriptors, 2, Int32((seconds * 1000).rounded(.up))) > 0,
      descriptors[0].revents != 0
    else { return }
    var piece = [UInt8](repeating: 0, count: 4096)
    let count = read(STDIN_FILENO, &piece, piece.count)
    if count > 0 {
      bytes += piece[..<count]
      if skipsLine { skipRest() }
      // A line without an end would fill the memory.
      if bytes.count > Self.longest, !bytes.contains(UInt8(ascii: "\n")) {
        (bytes, skipsLine) = ([], true)
      }
    } else if count == 0 || errno != EINTR && errno != EAGAIN {
      isClosed = true
    }
  }
}
