/// What an application reacts to.
public enum Event<Message: Sendable>: Sendable {
  /// The first event, with the size of the screen.
  case start(Size)
  case key(Key)
  case mouse(MouseEvent)
  case resize(Size)
  /// What others have posted since the last look, oldest first.
  case messages([Message])
  /// Time has passed: seconds since the start, never going back.
  case tick(Double)
  case end(EndSignal)
}

/// What an application wants done, besides being drawn.
public enum Command: Equatable, Sendable {
  case none
  /// Leave the loop; the terminal is restored.
  case quit
  /// Stop the process as ^Z does, until it is continued.
  case suspend
  /// Draw everything anew, whatever the terminal shows.
  case redraw
}

/// A program on the screen: state that changes with events, and a picture of it.
public protocol Application {
  associatedtype Message: Sendable

  /// How soon the next ``Event/tick(_:)`` is wanted, in seconds, or nil for none.
  var tickInterval: Double? { get }

  /// Takes in an event; does no input or output of its own that waits.
  mutating func update(_ event: Event<Message>) -> Command

  /// Draws the whole screen.
  func view(_ surface: inout Surface)
}
