import Diffusion
import Platform

/// Standard output and standard error of the commands that use no screen.
enum Console {
  static let isTerminal = isatty(STDOUT_FILENO) == 1

  /// Whether both ends are a terminal, as the screens need.
  static var isInteractive: Bool { isTerminal && isatty(STDIN_FILENO) == 1 }

  /// The number of columns, 80 where there is no telling.
  static var columns: Int {
    var size = winsize()
    guard isTerminal, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
      return 80
    }
    return Int(size.ws_col)
  }

  /// Whether the locale's letters are UTF-8.
  static let isUTF8: Bool = {
    setlocale(LC_CTYPE, "")
    return nl_langinfo(Int32(CODESET)).map { String(cString: $0) } == "UTF-8"
  }()

  /// Writes to standard output, at once.
  static func write(_ text: String) throws {
    var text = text
    try text.withUTF8 { bytes in
      var done = 0
      while done < bytes.count {
        let rest = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[done...])
        let count = Self.systemWrite(STDOUT_FILENO, rest.baseAddress, rest.count)
        if count < 0 {
          if errno == EINTR { continue }
          let reason = String(cString: strerror(errno))
          throw CommandError("standard output cannot be written: \(reason)")
        }
        done += count
      }
    }
  }

  static func line(_ text: String) throws { try write(text + "\n") }

  /// Writes one sentence to standard error.
  static func printError(_ sentence: String) {
    // A table of what does not fit has lines of its own; text from files comes without line ends.
    let lines = sentence.split(separator: "\n").map { Wording.escaped($0) }
    let bytes = Array("workbench: \(lines.joined(separator: "\n"))\n".utf8)
    _ = systemWrite(STDERR_FILENO, bytes, bytes.count)
  }

  private static let systemWrite: @Sendable (Int32, UnsafeRawPointer?, Int) -> Int = {
    Platform.write($0, $1, $2)
  }
}
