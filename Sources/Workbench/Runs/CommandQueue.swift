import Dispatch
import Synchronization

/// Commands that wait for a run: put from any thread, taken by the run between two steps.
final class CommandQueue<Command: Sendable>: Sendable {
  private let waiting = Mutex<[Command]>([])
  private let signal = DispatchSemaphore(value: 0)

  func put(_ command: Command) {
    waiting.withLock { $0.append(command) }
    signal.signal()
  }

  /// All commands that wait, oldest first.
  func take() -> [Command] {
    waiting.withLock { commands in
      defer { commands.removeAll(keepingCapacity: true) }
      return commands
    }
  }

  /// Sleeps until there is a command, and takes all.
  func wait() -> [Command] {
    while true {
      let commands = take()
      if !commands.isEmpty { return commands }
      signal.wait()
    }
  }

  /// The same, but at most for some seconds; none where none came.
  func wait(seconds: Double) -> [Command] {
    let deadline = DispatchTime.now() + seconds
    while true {
      let commands = take()
      if !commands.isEmpty || signal.wait(timeout: deadline) == .timedOut { return commands }
    }
  }
}
