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
  /// What others have posted since the last look, oldest first.
  case messages([Message])
  /// Time has passed: seconds since the start, never going back.
  case tick(Double)
  /// A signal asks the program to end.
  case end(EndSignal)
}

/// What an application wants done, besides being drawn.
public enum Command: Equatable, Sendable {
  /// Nothing more; the screen is drawn.
  case none
  /// Leave the loop; the terminal is restored.
  case quit
  /// Stop the process as ^Z does, until it is continued.
  case suspend
  /// Draw everything anew, whatever the terminal shows.
  case redraw
  /// Take clicks, drags and the wheel, or leave the mouse to the terminal for selecting text.
  case mouse(Bool)
}

/// A program on the screen: state that changes with events, and a view of it.
public protocol Application {
  /// What other queues send to the application.
  associatedtype Message: Sendable

  /// How soon the next ``Event/tick(_:)`` is wanted, in seconds, or nil for none.
  var tickInterval: Double? { get }

  /// Takes in an event; does no input or output that waits.
  mutating func update(_ event: Event<Message>) -> Command

  /// Draws the whole screen.
  func view(_ surface: inout Surface)
}
