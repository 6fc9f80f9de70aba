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

  /// Sleeps until there is a command, but no longer than so many seconds.
  func wait(atMost seconds: Double) {
    let end = DispatchTime.now() + seconds
    // Commands that were taken without waiting have left their signals.
    while waiting.withLock({ $0.isEmpty }), signal.wait(timeout: end) == .success {}
  }

  /// The same as ``wait(atMost:)``, and takes what is there then.
  func wait(seconds: Double) -> [Command] {
    wait(atMost: seconds)
    return take()
  }
}
