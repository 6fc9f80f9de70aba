internal import CTerminal
internal import Platform

/// The terminal the program runs in: shows surfaces, reads keys and the mouse, and is restored however the
/// program ends.
///
/// There can be only one at a time, used from one thread.
public final class Terminal: Backend {
  /// The number of colours that the terminal shows.
  public var colorDepth: ColorDepth { curses.depth }
  /// The characters that the locale can represent.
  public let symbols: Symbols
  public internal(set) var size: Size

  let curses: Curses
  let signalDescriptor: Int32
  let wakeDescriptor: Int32?
  var captured: CapturedOutput?
  var parser = InputParser()
  var queue: [Input] = []
  /// Signals that came and are not dealt with yet: bit s stands for signal s.
  var pendingSignals: UInt32 = 0
  var lastInterrupt = -Double.infinity
  /// Whether the other end of the terminal was closed.
  var isGone = false
  /// Whether a frame waits for the terminal to read again.
  var isStalled = false
  /// Whether the application has been asked to end.
  var isEnding = false
  /// When bytes that wait for more become the Escape key.
  var escapeDeadline = Double.infinity
  /// What the terminal has said its background is; nil before it answers, and where it never does.
  public internal(set) var background: Color?
  /// When it was asked.
  var questionTime = 0.0
  private let start = ContinuousClock.now

  private var reportsMouse: Bool
  private var shown: Surface?
  private var pairs: ColorPairs
  private var pairOnScreen: [Int32] = []
  private var isRepaintDue = true
  private var budget = FrameBudget(isRemote: ColorDepth.isRemote { getenv($0) != nil })

  /// Takes over the terminal of standard input and output.
  ///
  /// - Parameters:
  ///   - wakeDescriptor: a pipe that becomes readable when ``next(timeout:)`` should return.
  ///   - mouse: whether clicks and drags are reported; selecting text then needs Shift.
  ///   - capturesOutput: whether to capture what is written to stdout and stderr, which would otherwise
  ///     corrupt the screen.
  /// - Throws: ``TerminalError`` if there is no suitable terminal.
  public init(
    wakeDescriptor: Int32? = nil, mouse: Bool = true, capturesOutput: Bool = true
  ) throws(TerminalError) {
    guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1,
      ct_save_settings(STDIN_FILENO) == 0
    else { throw .notATerminal }
    let plan = try ColorDepth.plan { name in getenv(name).map { String(cString: $0) } }
    // Before ncurses, which leaves signals alone that are handled already.
    signalDescriptor = ct_install_handlers()
    guard signalDescriptor >= 0 else { throw .system("no file descriptor is free") }
    do {
      curses = try Curses(plan)
    } catch {
      ct_remove_handlers()
      throw error
    }
    symbols = ct_is_unicode() == 1 ? .unicode : .ascii
    size = curses.size
    pairs = ColorPairs(capacity: curses.pairCapacity)
    reportsMouse = mouse
    self.wakeDescriptor = wakeDescriptor
    let bytes = Self.modesOff(curses) + curses.resetSequence + curses.exitSequence
    bytes.withUnsafeBytes {
      ct_set_restore(curses.output, $0.baseAddress, $0.count)
    }
    ct_set_active(1)
    setModes()
    if curses.hasAlternateScreen { askForBackground() }
    // ncurses believes LINES and COLUMNS, which may be older than the window.
    _ = adoptSize()
    if capturesOutput { captured = CapturedOutput() }
  }

  deinit {
    restore()
  }

  /// Seconds since the terminal was opened.
  public var now: Double {
    let (seconds, attoseconds) = (ContinuousClock.now - start).components
    return Double(seconds) + Double(attoseconds) * 1e-18
  }

  // MARK: Showing

  public func frameInterval(isAwaited: Bool) -> Double {
    budget.interval(at: now, isAwaited: isAwaited)
  }

  /// Writes the cells that differ from those on the screen; the same surface writes nothing.
  public func present(_ surface: Surface) {
    guard !isGone else { return }
    // A terminal that does not read gets no more; the newest frame comes once it does.
    isStalled = ct_is_writable(curses.output, 0) == 0
    guard !isStalled else { return budget.stalled(at: now) }
    ct_set_drawing(1)
    defer { ct_set_drawing(0) }
    let width = min(surface.size.width, size.width)
    let height = min(surface.size.height, size.height)
    if pairOnScreen.count != size.width * size.height {
      pairOnScreen = Array(repeating: 0, count: size.width * size.height)
      isRepaintDue = true
    }
    let before = shown?.size == surface.size && !isRepaintDue ? shown?.cells : nil
    var changed: [(x: Int, y: Int)] = []
    surface.cells.withUnsafeBufferPointer { cells in
      for y in 0..<height {
        for x in 0..<width {
          let index = y * surface.size.width + x
          if let before, before[index] == cells[index] { continue }
          changed.append((x, y))
        }
      }
    }
    guard !changed.isEmpty || isRepaintDue else { return }

    // What a cell no longer shows may lend its number to what it will show.
    for (x, y) in changed { pairOnScreen[y * size.width + x] = 0 }
    var hasReclaimed = false
    for (x, y) in changed {
      let cell = surface.cells[y * surface.size.width + x]
      let number = pairNumber(of: cell.style, hasReclaimed: &hasReclaimed)
      pairOnScreen[y * size.width + x] = number
      curses.put(
        printable(cell.scalar), x: x, y: y, attributes: attributes(of: cell.style), pair: number)
    }
    budget.sent(bytes: colorDepth.cost(of: changed, on: surface), at: now)
    if isRepaintDue { curses.repaint() }
    if curses.hasAlternateScreen { send("\u{1B}[?2026h") }
    curses.update()
    if curses.hasAlternateScreen { send("\u{1B}[?2026l") }
    shown = surface
    isRepaintDue = false
  }

  /// Makes the next surface be written as a whole, after something else has corrupted the screen.
  public func invalidate() {
    isRepaintDue = true
  }

  private func printable(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar.value {
    case 0x20..<0x7F: scalar
    case 0..<0xA0: "?"
    default:
      symbols == .ascii ? symbols(scalar) : ct_width(scalar.value) == 1 ? scalar : "?"
    }
  }

  private func attributes(of style: Style) -> Style.Attributes {
    // Terminals with 8 colours show the other 8 in bold.
    if colorDepth == .ansi16, curses.colors < 16, (style.foreground.ansiIndex ?? 0) >= 8 {
      return style.attributes.union(.bold)
    }
    return style.attributes
  }

  private func pairNumber(of style: Style, hasReclaimed: inout Bool) -> Int32 {
    guard colorDepth > .monochrome else { return 0 }
    let pair = ColorPairs.Pair(
      foreground: style.foreground.number(depth: colorDepth, colors: curses.colors),
      background: style.background.number(depth: colorDepth, colors: curses.colors))
    while true {
      switch pairs.number(for: pair) {
      case .known(let number):
        return number
      case .new(let number, let pair):
        curses.define(pair: number, foreground: pair.foreground, background: pair.background)
        return number
      case .full:
        guard !hasReclaimed, pairs.reclaim(keeping: pairOnScreen) else {
          return pairs.resembling(pair)
        }
        hasReclaimed = true
      }
    }
  }

  // MARK: Taking and giving back

  private func setModes() {
    guard curses.hasAlternateScreen else { return }
    send("\u{1B}[?2004h" + (reportsMouse ? Self.mouseOn : ""))
  }

  private static let mouseOn = "\u{1B}[?1000h\u{1B}[?1002h\u{1B}[?1006h"
  private static let mouseOff = "\u{1B}[?1006l\u{1B}[?1003l\u{1B}[?1002l\u{1B}[?1000l"

  /// Captures clicks, drags and the wheel from now on, or releases them to the terminal.
  public func takeMouse(_ isTaken: Bool) {
    guard isTaken != reportsMouse, curses.hasAlternateScreen else { return }
    reportsMouse = isTaken
    send(isTaken ? Self.mouseOn : Self.mouseOff)
  }

  /// The mouse first, so that no report arrives at a shell that would print it.
  private static func modesOff(_ curses: Curses) -> [UInt8] {
    guard curses.hasAlternateScreen else { return [] }
    return Array(
      ("\u{1B}[?2026l" + mouseOff + "\u{1B}[?2004l\u{1B}[?7h").utf8)
  }

  func send(_ text: String) {
    send(Array(text.utf8))
  }

  /// Writes without waiting for a terminal that has stopped reading.
  private func sendLast(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { ct_write_last(curses.output, $0.baseAddress, $0.count) }
  }

  private func send(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { ct_write(curses.output, $0.baseAddress, $0.count) }
  }

  /// Brings the terminal back to what the shell expects; `resume` takes it again.
  private func leave() {
    guard ct_is_active() == 1 else { return }
    // What has not been answered yet would be typed at the shell.
    awaitAnswer(within: Self.answerPatience)
    sendLast(Self.modesOff(curses))
    if reportsMouse { usleep(20_000) }
    ct_make_room(curses.output)
    curses.end()
    sendLast(curses.resetSequence + (curses.hasAlternateScreen ? [] : curses.exitSequence))
    ct_apply_saved_settings()
    ct_set_active(0)
  }

  private func resume() {
    ct_set_active(1)
    if adoptSize() { queue.append(.resize(size)) }
    setModes()
    invalidate()
  }

  /// Adopts the size the terminal has now; returns whether it is another.
  func adoptSize() -> Bool {
    let now = currentSize()
    guard now != size else { return false }
    size = now
    curses.resize(to: now)
    return true
  }

  /// Restores the terminal, stops the process like Ctrl-Z, and takes the terminal over again when the
  /// process is continued; the next surface is written as a whole.
  public func suspend() {
    leave()
    ct_stop()
    // The continuation is dealt with here.
    pendingSignals = (pendingSignals | ct_take_signals()) & ~(1 << UInt32(SIGCONT))
    resume()
  }

  /// Takes the terminal again after something outside stopped and continued the process.
  func retake() {
    guard ct_is_active() == 1 else { return }
    curses.end()
    resume()
  }

  /// Restores the terminal for good; calling it again does nothing.
  public func restore() {
    leave()
    let lines = takeOutputLines()
    captured = nil
    ct_release_output()
    // What was not shown on the screen is printed below it.
    for line in lines {
      let bytes = Array((line + "\n").utf8)
      bytes.withUnsafeBytes { ct_write_last(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
    ct_remove_handlers()
  }

  /// Gives the terminal back and ends the process by `signal`, so that the shell sees 128 + signal.
  package func end(by signal: EndSignal) {
    restore()
    ct_die(signal.rawValue)
  }
}
