/// A key on the keyboard.
public enum Key: Hashable, Sendable {
  /// A printable character, as typed.
  case character(Character)
  /// Control and a letter, given in lower case.
  case control(Character)
  /// The arrow up.
  case up
  /// The arrow down.
  case down
  /// The arrow to the left.
  case left
  /// The arrow to the right.
  case right
  /// Shift and the arrow up.
  case shiftUp
  /// Shift and the arrow down.
  case shiftDown
  /// Shift and the arrow to the left.
  case shiftLeft
  /// Shift and the arrow to the right.
  case shiftRight
  /// Home.
  case home
  /// End.
  case end
  /// Page up.
  case pageUp
  /// Page down.
  case pageDown
  /// Insert.
  case insert
  /// Delete.
  case delete
  /// Backspace.
  case backspace
  /// Tab.
  case tab
  /// Shift and tab.
  case backTab
  /// Enter or return.
  case enter
  /// Escape, by itself.
  case escape
  /// F1 to F12.
  case function(Int)

  /// Its name in help and the bottom line.
  public var label: String { label(in: .unicode) }

  /// The same in a set of characters; arrows are words where there are none.
  public func label(in symbols: Symbols) -> String {
    let isWord = symbols == .ascii
    return switch self {
    case .character(" "): "space"
    case .character(let character): String(character)
    case .control(let letter): "^\(letter.uppercased())"
    case .up: isWord ? "up" : "↑"
    case .down: isWord ? "down" : "↓"
    case .left: isWord ? "left" : "←"
    case .right: isWord ? "right" : "→"
    case .shiftUp: isWord ? "shift up" : "shift ↑"
    case .shiftDown: isWord ? "shift down" : "shift ↓"
    case .shiftLeft: isWord ? "shift left" : "shift ←"
    case .shiftRight: isWord ? "shift right" : "shift →"
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

extension Key: ExpressibleByExtendedGraphemeClusterLiteral {
  /// The key that types a character, which can be written as that character.
  public init(extendedGraphemeClusterLiteral character: Character) { self = .character(character) }
}

/// A mouse event at a cell.
public struct MouseEvent: Hashable, Sendable {
  /// The kind of event.
  public enum Action: Hashable, Sendable {
    /// The left button went down.
    case press
    /// Moved while the left button is down.
    case drag
    /// The button went up.
    case release
    /// The wheel turned up.
    case wheelUp
    /// The wheel turned down.
    case wheelDown
  }

  /// The kind of event.
  public var action: Action
  /// The column, from 0 at the left.
  public var x: Int
  /// The row, from 0 at the top.
  public var y: Int

  /// A mouse event at a cell.
  public init(_ action: Action, x: Int, y: Int) {
    (self.action, self.x, self.y) = (action, x, y)
  }
}

/// Why the program should end: the signal that requested it.
public struct EndSignal: RawRepresentable, Hashable, Sendable {
  /// The system's signal number.
  public let rawValue: Int32

  /// A signal that would end a program which does not handle it.
  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// The terminal is gone.
  public static let hangup = EndSignal(rawValue: 1)
  /// Control-C from outside.
  public static let interrupt = EndSignal(rawValue: 2)
  /// Control-backslash from outside.
  public static let quit = EndSignal(rawValue: 3)
  /// The polite request to terminate.
  public static let terminate = EndSignal(rawValue: 15)
}

/// What comes from outside the program.
public enum Input: Hashable, Sendable {
  /// A key was pressed.
  case key(Key)
  /// The mouse did something.
  case mouse(MouseEvent)
  /// The screen has another size.
  case resize(Size)
  /// The terminal has said what its background is.
  case background(Color)
  /// The program should save what matters and leave.
  case end(EndSignal)
  /// A mailbox has messages.
  case wake
}
