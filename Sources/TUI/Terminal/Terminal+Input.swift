internal import CTerminal
internal import Platform

extension Terminal {
  /// Seconds that Escape waits for the rest of a longer sequence.
  private static let escapeDelay = 0.025
  /// Seconds that the beginning of an answer waits for its end.
  private static let answerDelay = 0.25
  /// Seconds that a terminal has for its answer when the program ends.
  static let answerPatience = 0.1
  /// Seconds after which no answer is expected any more, so that the Escape key is not held back.
  private static let longestAnswer = 2.0

  /// Asks for the background (OSC 11), and then for what the terminal can do, which every terminal answers:
  /// with that, all answers are there.
  func askForBackground() {
    parser.awaitsAnswer = true
    questionTime = now
    send("\u{1B}]11;?\u{1B}\\\u{1B}[c")
  }

  /// Waits until the terminal has answered, but no longer than so many seconds.
  ///
  /// ``background`` is then what it said; keys that come meanwhile are kept. A later answer comes as
  /// ``Input/background(_:)``.
  public func awaitAnswer(within seconds: Double) {
    let deadline = now + seconds
    while parser.awaitsAnswer, !isGone, pendingSignals == 0, now < deadline {
      let ready = wait(until: deadline, forMessages: false)
      if ready.signals { pendingSignals |= ct_take_signals() }
      if ready.input { readInput() }
      if ready.captured { captured?.drain() }
    }
  }

  /// The next thing that happens, or nil if nothing did within `timeout` seconds.
  public func next(timeout: Double?) -> Input? {
    let deadline = timeout.map { now + max(0, $0) } ?? .infinity
    while true {
      if let input = takeQueued() { return input }
      if now > questionTime + Self.longestAnswer { parser.awaitsAnswer = false }
      if !parser.isPending {
        escapeDeadline = .infinity
      } else if escapeDeadline == .infinity {
        escapeDeadline = now + (parser.isInsideAnswer ? Self.answerDelay : Self.escapeDelay)
      } else if now >= escapeDeadline {
        queue += parser.flush()
        continue
      }
      let ready = wait(until: pendingSignals == 0 ? min(deadline, escapeDeadline) : now)
      if ready.signals { pendingSignals |= ct_take_signals() }
      if let input = nextSignal() { return input }
      if ready.captured { captured?.drain() }
      if ready.input {
        escapeDeadline = .infinity
        readInput()
        if !queue.isEmpty { continue }
      }
      if ready.output {
        isStalled = false
        return .wake
      }
      if ready.wake {
        drainWakes()
        return .wake
      }
      if now >= deadline { return nil }
    }
  }

  /// The lines written to stdout and stderr since the last call, when those are captured.
  package func takeOutputLines() -> [String] {
    captured?.drain()
    return captured?.takeLines() ?? []
  }

  private func takeQueued() -> Input? {
    guard !queue.isEmpty else { return nil }
    let input = queue.removeFirst()
    if input == .key(.control("c")) {
      // Who interrupts twice does not want to wait for what the program still does.
      if now - lastInterrupt < 1 { end(by: .interrupt) }
      lastInterrupt = now
    }
    return input
  }

  private struct Readiness {
    var input = false
    var signals = false
    var wake = false
    var captured = false
    var output = false
  }

  private func wait(until moment: Double, forMessages: Bool = true) -> Readiness {
    // Negative descriptors are skipped.
    var descriptors = [
      isGone ? -1 : STDIN_FILENO, signalDescriptor, forMessages ? wakeDescriptor ?? -1 : -1,
      captured?.descriptor ?? -1,
    ].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    descriptors.append(
      pollfd(fd: isStalled && !isGone ? curses.output : -1, events: Int16(POLLOUT), revents: 0))
    // Rounded up, so that the loop does not spin through the last part of a millisecond.
    let milliseconds =
      moment == .infinity ? -1 : Int32(min(86_400_000, max(0, (moment - now) * 1000).rounded(.up)))
    guard poll(&descriptors, nfds_t(descriptors.count), milliseconds) > 0 else {
      return Readiness()
    }
    return Readiness(
      input: descriptors[0].revents != 0, signals: descriptors[1].revents != 0,
      wake: descriptors[2].revents != 0, captured: descriptors[3].revents != 0,
      output: descriptors[4].revents != 0)
  }

  /// The mailbox writes again only after it was emptied, so one byte read is one wake.
  private func drainWakes() {
    guard let wakeDescriptor else { return }
    var bytes = [UInt8](repeating: 0, count: 64)
    while read(wakeDescriptor, &bytes, bytes.count) > 0 {}
  }

  private func readInput() {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = bytes.withUnsafeMutableBytes { read(STDIN_FILENO, $0.baseAddress, $0.count) }
    if count > 0 {
      let inputs = parser.feed(Array(bytes.prefix(count)))
      for case .background(let color) in inputs { background = color }
      queue += inputs
    } else if count == 0 || (errno != EINTR && errno != EAGAIN) {
      // The terminal is gone, and there will be no more keys: never read again.
      isGone = true
      if let input = end(.hangup) { queue.append(input) }
    }
  }

  /// What the most urgent signal means; the others keep until the next call.
  private func nextSignal() -> Input? {
    func take(_ signal: Int32) -> Bool {
      let bit = 1 << UInt32(signal)
      defer { pendingSignals &= ~UInt32(bit) }
      return pendingSignals & UInt32(bit) != 0
    }
    for signal in [EndSignal.terminate, .hangup, .quit, .interrupt] where take(signal.rawValue) {
      if let input = end(signal) { return input }
    }
    let others = pendingSignals & ~[SIGTSTP, SIGCONT, SIGWINCH].reduce(0) { $0 | 1 << UInt32($1) }
    if others != 0 {
      let number = Int32(others.trailingZeroBitCount)
      _ = take(number)
      if let input = end(EndSignal(rawValue: number)) { return input }
    }
    if take(SIGTSTP) {
      suspend()
      return .resize(size)
    }
    if take(SIGCONT) {
      retake()
      return .resize(size)
    }
    return take(SIGWINCH) && adoptSize() ? .resize(size) : nil
  }

  /// Tells to end, unless by a lost connection that adds nothing to what was said.
  ///
  /// One that drops shows several times: as the end of the input, as a signal from the system, and
  /// another from the shell that ends. A second signal means not to wait.
  private func end(_ signal: EndSignal) -> Input? {
    if isEnding, signal == .hangup { return nil }
    isEnding = true
    return .end(signal)
  }

  /// The size the terminal reports, at least one cell; what was known when it reports none.
  func currentSize() -> Size {
    var window = winsize()
    guard ioctl(STDIN_FILENO, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0,
      window.ws_row > 0
    else { return size }
    return Size(Int(window.ws_col), Int(window.ws_row))
  }
}

/// What else writes to the screen, caught in a pipe.
struct CapturedOutput {
  let descriptor: Int32
  private var text: [UInt8] = []
  private var lines: [String] = []

  init?() {
    descriptor = ct_capture_output()
    if descriptor < 0 { return nil }
  }

  mutating func drain() {
    var bytes = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { break }
      text += bytes.prefix(count)
    }
    while let end = text.firstIndex(of: UInt8(ascii: "\n")) {
      lines.append(String(decoding: text[..<end], as: UTF8.self))
      text.removeFirst(end + 1)
    }
    // Lines that are never taken must not fill the memory.
    if lines.count > 1000 { lines.removeFirst(lines.count - 1000) }
    if text.count > 65_536 { text.removeAll() }
  }

  mutating func takeLines() -> [String] {
    defer { lines.removeAll() }
    return lines
  }
}
