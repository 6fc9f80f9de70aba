/// What an application reacts to.
public enum Event<Message: Sendable>: Sendable {
  /// The first event, with the size of the screen.
  case start(Size)
  /// A key was pressed.
  case key(Key)
  /// The mouse did something.
  case mouse(MouseEvent)
  /// The screen has another size.
  case resize(Size)
  /// The terminal has said what its background is.
  case background(Color)
  /// Messages posted since the last event, oldest first.
  case messages([Message])
  /// Time has passed: seconds since the start, never going back.
  case tick(Double)
  /// A signal asks the program to end.
  case end(EndSignal)
}

/// What an application requests, besides being drawn.
public enum Command: Equatable, Sendable {
  /// Nothing but drawing the screen.
  case none
  /// Leave the event loop and restore the terminal.
  case quit
  /// Suspend the process, like ^Z, until it is continued.
  case suspend
  /// Redraw everything, whatever the terminal shows.
  case redraw
  /// Capture the mouse, or release it to the terminal for selecting text.
  case mouse(Bool)
}

/// A program on the screen: state that changes with events, and a view of it.
public protocol Application {
  /// What other queues send to the application.
  associatedtype Message: Sendable

  /// How soon the next ``Event/tick(_:)`` is wanted, in seconds, or nil for none.
  var tickInterval: Double? { get }

  /// Handles an event; must not do blocking input or output.
  mutating func update(_ event: Event<Message>) -> Command

  /// Draws the whole screen.
  func view(_ surface: inout Surface)
}
