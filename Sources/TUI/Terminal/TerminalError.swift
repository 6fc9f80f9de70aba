/// Why the screen cannot be shown.
public enum TerminalError: Error, Equatable, CustomStringConvertible {
  /// Input or output is a file or a pipe.
  case notATerminal
  /// The terminal cannot position characters, or says that it cannot.
  case unsupported(type: String)
  /// ncurses has no description of this type of terminal.
  case unknown(type: String)
  /// The system refused something the screen needs.
  case system(String)

  public var description: String {
    switch self {
    case .notATerminal:
      "The screens need a terminal, but input or output is a file or a pipe. "
        + "Start the program directly in a terminal."
    case .unsupported(let type):
      "The terminal type \"\(type)\" cannot place characters on a screen. "
        + "If yours can, set TERM=xterm-256color."
    case .unknown(let type):
      "The terminal type \"\(type)\" is unknown on this computer. "
        + "Try TERM=xterm-256color, or install the package ncurses-term."
    case .system(let what):
      "The terminal cannot be opened: \(what)."
    }
  }
}
