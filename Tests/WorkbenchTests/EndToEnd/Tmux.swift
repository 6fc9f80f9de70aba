import Foundation
import Testing

/// A shell in a terminal of its own, which a test types into and reads.
final class Tmux {
  private static let program: String? = {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
    return folders.map { "\($0)/tmux" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }()

  /// Whether the tests that need it can run; scripts/test installs it.
  static var isInstalled: Bool { program != nil }

  private let folder: String
  /// One of its own for each terminal: a server that is told to end goes on for a moment,
  /// and a session asked of it then ends with it.
  private let socket: String

  /// How long a slow machine may take for anything.
  static let patience = 40.0

  /// Starts a shell with the prompt `ready>` in `folder`, in a terminal that may have a background.
  init(
    in folder: String, width: Int = 120, height: Int = 40, background: String = "default"
  ) throws {
    self.folder = folder
    socket = folder + "/tmux-" + String(UInt32.random(in: 0...UInt32.max), radix: 36)
    let settings = """
      set -g default-terminal tmux-256color
      set -g status off
      set -sg escape-time 0
      set -g remain-on-exit on
      set -g window-style "bg=\(background)"
      """
    try settings.write(toFile: folder + "/tmux.conf", atomically: true, encoding: .utf8)
    try tell([
      "-f", folder + "/tmux.conf", "new-session", "-d", "-x", "\(width)", "-y", "\(height)",
      "-c", folder, "env 'PS1=ready> ' bash --norc --noprofile -i",
    ])
    _ = try wait("a prompt") { $0.contains("ready>") }
  }

  /// Ends the shell and all it started.
  func kill() {
    _ = try? tell(["kill-server"])
  }

  @discardableResult
  private func tell(_ arguments: [String]) throws -> String {
    let program = try #require(Self.program)
    let output = folder + "/tmux.out"
    // Not Foundation's Process, which takes the server, a grandchild, for the client still running.
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    // Threads that run tests block signals, and the shell would inherit that and all it starts.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var environment = ProcessInfo.processInfo.environment
    environment["TMUX"] = nil
    environment["LANG"] = "C.UTF-8"
    environment["LC_ALL"] = "C.UTF-8"
    environment["XDG_CONFIG_HOME"] = folder + "/config"
    environment["WORKBENCH"] = WorkbenchProgram.path
    var process: pid_t = 0
    let failure = withStrings([program, "-S", socket, "-u"] + arguments) { arguments in
      withStrings(environment.map { "\($0)=\($1)" }) { environment in
        posix_spawn(&process, program, &actions, &attributes, arguments, environment)
      }
    }
    try #require(failure == 0, "tmux cannot be started: \(String(cString: strerror(failure)))")
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    return try String(contentsOfFile: output, encoding: .utf8)
  }

  /// Runs `body` with a list of C strings that ends with nil.
  private func withStrings<Result>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
  ) -> Result {
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies + [nil])
  }

  /// Presses keys by their tmux names, such as `Left`, `Enter`, `C-z`.
  func press(_ keys: String...) throws { try tell(["send-keys"] + keys) }

  /// Types text as it is.
  func type(_ text: String) throws { try tell(["send-keys", "-l", text]) }

  /// Types a command for the shell.
  func command(_ line: String) throws {
    try type(line)
    try press("Enter")
  }

  func resize(_ width: Int, _ height: Int) throws {
    try tell(["resize-window", "-x", "\(width)", "-y", "\(height)"])
  }

  /// What the terminal shows.
  func screen() throws -> String { try tell(["capture-pane", "-p"]) }

  /// The same with the sequences that choose its colours.
  func colors() throws -> String { try tell(["capture-pane", "-e", "-p"]) }

  /// Looks until the screen is as wanted; records an issue with what it shows if it never is.
  @discardableResult
  func wait(
    _ what: String, within seconds: Double = patience,
    sourceLocation: SourceLocation = #_sourceLocation, until isThere: (String) -> Bool
  ) throws -> String {
    let end = Date.now + seconds
    var screen = try screen()
    while !isThere(screen) {
      guard Date.now < end else {
        Issue.record(
          "waited in vain for \(what); the screen:\n\(screen)", sourceLocation: sourceLocation)
        throw Unseen(what: what)
      }
      usleep(40_000)
      screen = try self.screen()
    }
    return screen
  }

  /// Looks until all of `texts` are on the screen.
  @discardableResult
  func wait(_ texts: String..., sourceLocation: SourceLocation = #_sourceLocation) throws -> String
  {
    try wait(texts.joined(separator: " and "), sourceLocation: sourceLocation) { screen in
      texts.allSatisfy { screen.contains($0) }
    }
  }

  /// What a session waited for in vain.
  struct Unseen: Error {
    let what: String
  }
}
