/// What shows surfaces and provides input: a terminal, or a test.
public protocol Backend {
  /// The current size of the screen.
  var size: Size { get }
  /// The characters that can be shown.
  var symbols: Symbols { get }
  /// The number of colours that the screen shows.
  var colorDepth: ColorDepth { get }
  /// Seconds since some moment, never going back.
  var now: Double { get }

  /// Seconds from one frame to the next at least; one that answers a key may come sooner.
  func frameInterval(isAwaited: Bool) -> Double

  /// Shows a surface, sending only what changed.
  mutating func present(_ surface: Surface) throws

  /// The next input, or nil if none came within `timeout` seconds; nil waits for ever.
  mutating func next(timeout: Double?) -> Input?

  /// Forgets what is shown, so that the next surface is sent whole.
  mutating func invalidate()

  /// Captures the mouse, or releases it to the terminal.
  mutating func takeMouse(_ isTaken: Bool)

  /// Restores the terminal, stops the process, and takes the terminal over again when continued.
  mutating func suspend()
}

extension Backend {
  /// That of a screen which keeps up with anything.
  public func frameInterval(isAwaited: Bool) -> Double {
    FrameBudget(isRemote: false).interval(at: now, isAwaited: isAwaited)
  }
}
