/// Where surfaces are shown and inputs come from: a terminal, or a test.
public protocol Backend {
  /// The size of the screen now.
  var size: Size { get }
  /// The characters that can be shown.
  var symbols: Symbols { get }
  /// How many colours the screen shows.
  var colorDepth: ColorDepth { get }
  /// Seconds since some moment, never going back.
  var now: Double { get }

  /// Shows a surface; nothing is sent where nothing changed.
  mutating func present(_ surface: Surface) throws

  /// The next input, or nil if none came within `timeout` seconds; nil waits for ever.
  mutating func next(timeout: Double?) -> Input?

  /// Forgets what is shown, so that the next surface is sent whole.
  mutating func invalidate()

  /// Takes the mouse, or leaves it to the terminal.
  mutating func takeMouse(_ isTaken: Bool)

  /// Gives the terminal back, stops the process, and takes it again when continued.
  mutating func suspend()
}
