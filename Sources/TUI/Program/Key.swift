/// A key as the user knows it.
public enum Key: Hashable, Sendable {
  /// A printable character, as typed.
  case character(Character)
  /// Control and a letter, given in lower case.
  case control(Character)
  case up
  case down
  case left
  case right
  case shiftUp
  case shiftDown
  case shiftLeft
  case shiftRight
  case home
  case end
  case pageUp
  case pageDown
  case insert
  case delete
  case backspace
  case tab
  case backTab
  case enter
  case escape
  /// F1 to F12.
  case function(Int)

  /// How help and the bottom line write it.
  public var label: String {
    switch self {
    case .character(" "): "space"
    case .character(let character): String(character)
    case .control(let letter): "^\(letter.uppercased())"
    case .up: "↑"
    case .down: "↓"
    case .left: "←"
    case .right: "→"
    case .shiftUp: "shift ↑"
    case .shiftDown: "shift ↓"
    case .shiftLeft: "shift ←"
    case .shiftRight: "shift →"
    case .home: "home"
    case .end: "end"
    case .pageUp: "pgup"
    case .pageDown: "pgdn"
    case .insert: "ins"
    case .delete: "del"
    case .backspace: "backspace"
    case .tab: "tab"
    case .backTab: "shift tab"
    case .enter: "enter"
    case .escape: "esc"
    case .function(let number): "F\(number)"
    }
  }
}

/// What a mouse did, at a cell.
public struct MouseEvent: Hashable, Sendable {
  public enum Action: Hashable, Sendable {
    case press
    /// Moved while the left button is down.
    case drag
    case release
    case wheelUp
    case wheelDown
  }

  public var action: Action
  public var x: Int
  public var y: Int

  public init(_ action: Action, x: Int, y: Int) {
    (self.action, self.x, self.y) = (action, x, y)
  }
}

/// Why the program should come to an end.
public enum EndSignal: Int32, Hashable, Sendable {
  case hangup = 1
  case interrupt = 2
  case quit = 3
  case terminate = 15
}

/// What comes from outside the program.
public enum Input: Hashable, Sendable {
  case key(Key)
  case mouse(MouseEvent)
  case resize(Size)
  /// The program should save what matters and leave.
  case end(EndSignal)
  /// Somebody woke the program: a mailbox has something.
  case wake
}
