internal import Platform
internal import Synchronization

/// Messages for the main thread, and a way to wake it.
///
/// Anyone may post; the loop takes all that wait at once, so a fast sender is coalesced.
public final class Mailbox<Message: Sendable>: Sendable {
  private let waiting = Mutex<[Message]>([])
  /// Becomes readable when there are messages; nil where no pipe could be made.
  public let wakeDescriptor: Int32?
  private let writeEnd: Int32?

  /// An empty mailbox.
  public init() {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else {
      (wakeDescriptor, writeEnd) = (nil, nil)
      return
    }
    for end in ends {
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    }
    (wakeDescriptor, writeEnd) = (ends[0], ends[1])
  }

  deinit {
    if let wakeDescriptor { close(wakeDescriptor) }
    if let writeEnd { close(writeEnd) }
  }

  /// Adds a message and wakes the program; from any queue.
  public func post(_ message: Message) {
    let wasEmpty = waiting.withLock { messages in
      messages.append(message)
      return messages.count == 1
    }
    guard wasEmpty, let writeEnd else { return }
    var byte: UInt8 = 1
    _ = write(writeEnd, &byte, 1)
  }

  /// All messages that wait, oldest first; there are none afterwards.
  package func take() -> [Message] {
    if let wakeDescriptor {
      var bytes = [UInt8](repeating: 0, count: 64)
      while read(wakeDescriptor, &bytes, bytes.count) > 0 {}
    }
    return waiting.withLock { messages in
      defer { messages = [] }
      return messages
    }
  }
}
