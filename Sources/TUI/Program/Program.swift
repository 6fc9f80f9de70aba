/// The event loop: passes inputs and messages to the application, and its frames to the backend.
public struct Program<App: Application, Screen: Backend> {
  /// The application as it is now.
  package private(set) var application: App
  /// The screen and keyboard.
  package private(set) var backend: Screen
  private let mailbox: Mailbox<App.Message>
  private var size: Size
  private var lastDrawing = -Double.infinity
  /// When a key was last answered.
  private var lastAnswer = -Double.infinity
  private var nextTick: Double?
  private var isDirty = true
  /// Whether a key waits to be answered.
  private var isAwaited = false
  /// Whether something moves by itself since the last drawing.
  private var isMoving = false
  private var lastInput = -Double.infinity

  /// Inputs that are taken in before anything else happens.
  private static var burst: Int { 256 }

  /// A program that shows `application` on `backend`; other queues reach it through `mailbox`.
  public init(_ application: App, on backend: Screen, mailbox: Mailbox<App.Message>) {
    self.application = application
    self.backend = backend
    self.mailbox = mailbox
    size = backend.size
  }

  /// Runs until the application quits; `whenShown` is called once, when the first frame is out.
  ///
  /// A burst of inputs or messages is handled before anything is drawn. Keys are answered at once, though at most 120
  /// times a second; other frames are drawn as often as the backend takes them, and eight times a second where only
  /// messages come.
  public mutating func run(whenShown: () -> Void = {}) throws {
    var isRunning = handle(.start(size))
    if isRunning {
      try drawIfDue()
      whenShown()
    }
    while isRunning {
      try drawIfDue()
      let input = backend.next(timeout: timeout)
      if let input { isRunning = take(input) }
      // A bound, so that messages and drawing have their turn whatever comes in.
      for _ in 0..<Self.burst {
        guard isRunning, let more = backend.next(timeout: 0) else { break }
        isRunning = take(more)
      }
      if isRunning { isRunning = takeMessages() }
      if isRunning { isRunning = tickIfDue() }
    }
  }

  private mutating func take(_ input: Input) -> Bool {
    switch input {
    case .key(let key):
      (isAwaited, lastInput) = (true, backend.now)
      return handle(.key(key))
    case .mouse(let event):
      (isAwaited, lastInput) = (true, backend.now)
      return handle(.mouse(event))
    case .end(let signal): return handle(.end(signal))
    case .background(let color): return handle(.background(color))
    case .wake:
      // A frame may have waited for the terminal.
      isDirty = true
      return true
    case .resize(let size):
      self.size = size
      backend.invalidate()
      return handle(.resize(size))
    }
  }

  private mutating func takeMessages() -> Bool {
    let messages = mailbox.take()
    return messages.isEmpty ? true : handle(.messages(messages))
  }

  private mutating func tickIfDue() -> Bool {
    guard let interval = application.tickInterval else {
      nextTick = nil
      return true
    }
    let now = backend.now
    guard let due = nextTick else {
      nextTick = now + interval
      return true
    }
    guard now >= due else {
      nextTick = min(due, now + interval)
      return true
    }
    // Late ticks are not made up for.
    nextTick = max(due + interval, now)
    isMoving = true
    return handle(.tick(now))
  }

  /// Returns whether the loop goes on.
  private mutating func handle(_ event: Event<App.Message>) -> Bool {
    isDirty = true
    switch application.update(event) {
    case .none: break
    case .quit: return false
    case .suspend: backend.suspend()
    case .redraw: backend.invalidate()
    case .mouse(let isTaken): backend.takeMouse(isTaken)
    }
    return true
  }

  private mutating func drawIfDue() throws {
    // The same moment as in `timeout`: a clock set to exactly that moment must be late enough.
    guard isDirty, backend.now >= nextDrawing else { return }
    var surface = Surface(size, symbols: backend.symbols)
    application.view(&surface)
    try backend.present(surface)
    lastDrawing = backend.now
    if isAwaited { lastAnswer = lastDrawing }
    (isDirty, isAwaited, isMoving) = (false, false, false)
  }

  /// The earliest time of the next frame; the answer to a key waits only for the previous answer and the byte budget.
  private var nextDrawing: Double {
    let next = lastDrawing + backend.frameInterval(isAwaited: isAwaited)
    if isAwaited { return max(next, lastAnswer + Self.answerInterval) }
    let isWatched = isMoving || backend.now - lastInput < Self.attention
    return isWatched ? next : max(next, lastDrawing + Self.calmInterval)
  }

  /// Seconds between frames that answer keys.
  private static var answerInterval: Double { 1.0 / 120 }

  /// Seconds for which the answers to an input are drawn as soon as they come.
  private static var attention: Double { 1 }
  /// Seconds between drawings of nothing but messages, such as the steps of training.
  private static var calmInterval: Double { 0.125 }

  /// How long to wait for input: until the next drawing or tick is due.
  private var timeout: Double? {
    let now = backend.now
    var moments: [Double] = []
    if isDirty { moments.append(nextDrawing) }
    if let nextTick { moments.append(nextTick) }
    if nextTick == nil, let interval = application.tickInterval { moments.append(now + interval) }
    return moments.min().map { max(0, $0 - now) }
  }
}
