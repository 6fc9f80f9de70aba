import Diffusion
import Platform

/// Standard output and standard error of the commands that use no screen.
enum Console {
  static let isTerminal = isatty(STDOUT_FILENO) == 1

  /// Whether both ends are a terminal, as the screens need.
  static var isInteractive: Bool { isTerminal && isatty(STDIN_FILENO) == 1 }

  /// The numbers of columns and rows, 80 and 24 where there is no telling.
  static var size: (columns: Int, rows: Int) {
    var size = winsize()
    guard isTerminal, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0,
      size.ws_row > 0
    else { return (80, 24) }
    return (Int(size.ws_col), Int(size.ws_row))
  }

  /// A variable of the environment; nil where it is not set.
  static func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }

  /// Whether the locale's letters are UTF-8.
  static let isUTF8: Bool = {
    setlocale(LC_CTYPE, "")
    return nl_langinfo(Int32(CODESET)).map { String(cString: $0) } == "UTF-8"
  }()

  /// Gives standard input, output and error files where whoever started the program has closed them.
  ///
  /// The next file would get their numbers, and what is printed would go into it.
  static func openStandardFiles() {
    while true {
      let descriptor = open("/dev/null", O_RDWR)
      guard descriptor >= 0, descriptor <= STDERR_FILENO else {
        close(descriptor)
        return
      }
    }
  }

  /// Ends the process.
  ///
  /// Threads that still compute are not waited for, so nothing they use is torn down
  /// below them.
  static func leave(_ status: Int32) -> Never {
    fflush(nil)
    _exit(status)
  }

  /// Writes to standard output, at once; control characters as escapes, wherever they come from.
  static func write(_ text: String) throws {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    try draw(lines.map { Wording.escaped($0) }.joined(separator: "\n"))
  }

  /// Writes JSON, in which escapes are written otherwise.
  static func json(_ text: String) throws {
    var result = ""
    for scalar in text.unicodeScalars {
      if scalar == "\n" || Wording.escaped(String(scalar)).first != "\\" || scalar == "\\" {
        result.unicodeScalars.append(scalar)
      } else {
        for unit in String(scalar).utf16 {
          let digits = String(unit, radix: 16)
          result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
      }
    }
    try draw(result + "\n")
  }

  /// Writes what moves the cursor or has colours; nothing in it may come from elsewhere.
  ///
  /// Where nobody reads, it waits, until a signal asks the program to end.
  static func draw(_ text: String) throws {
    var text = text
    try text.withUTF8 { bytes in
      var done = 0
      while done < bytes.count {
        try waitForReader()
        let rest = UnsafeRawBufferPointer(
          rebasing: UnsafeRawBufferPointer(bytes)[done...].prefix(largestWrite))
        let count = Self.systemWrite(STDOUT_FILENO, rest.baseAddress, rest.count)
        if count < 0 {
          if errno == EINTR || errno == EAGAIN { continue }
          let reason = String(cString: strerror(errno))
          throw CommandError("standard output cannot be written: \(reason)")
        }
        done += count
      }
    }
  }

  /// What a pipe that has room takes without waiting.
  private static let largestWrite = 512

  private static func waitForReader() throws {
    var output = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
    while poll(&output, 1, 100) == 0 {
      if StopSignals.number != nil {
        throw CommandError("standard output cannot be written: the reader has closed it")
      }
    }
  }

  static func line(_ text: String) throws { try write(text + "\n") }

  /// Writes one sentence to standard error.
  static func printError(_ sentence: String) {
    // A table of what does not fit has lines of its own; text from files comes without line ends.
    let lines = sentence.split(separator: "\n").map { Wording.escaped($0) }
    writeLast("workbench: \(lines.joined(separator: "\n"))\n", to: STDERR_FILENO)
  }

  /// Writes a line to standard output once the screens are gone.
  static func lastLine(_ text: String) {
    writeLast(Wording.escaped(text) + "\n", to: STDOUT_FILENO)
  }

  /// Writes what is taken soon: a terminal that has stopped reading must not keep the program from ending.
  private static func writeLast(_ text: String, to descriptor: Int32) {
    var rest = Array(text.utf8)[...]
    let flags = fcntl(descriptor, F_GETFL)
    _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK)
    defer { _ = fcntl(descriptor, F_SETFL, flags) }
    var output = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    for _ in 0..<20 where !rest.isEmpty && poll(&output, 1, 200) > 0 {
      let count = rest.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 || errno == EAGAIN || errno == EINTR else { return }
      rest = rest.dropFirst(max(count, 0))
    }
  }

  private static let systemWrite: @Sendable (Int32, UnsafeRawPointer?, Int) -> Int = {
    Platform.write($0, $1, $2)
  }
}
