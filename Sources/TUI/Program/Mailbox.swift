internal import Platform
internal import Synchronization

/// Messages for the main thread, and a way to wake it.
///
/// Any queue may post. The event loop takes all waiting messages at once, so that a fast sender does not slow
/// it down. When the loop is blocked, for example by a terminal that has stopped reading, messages are
/// thinned; of some, only the newest ever waits.
public final class Mailbox<Message: Sendable>: Sendable {
  private let waiting = Mutex<[Message]>([])
  /// Becomes readable when there are messages; nil if no pipe could be made.
  public let wakeDescriptor: Int32?
  private let writeEnd: Int32?
  private let limit: Int
  private let thinning: @Sendable ([Message]) -> [Message]
  private let kind: @Sendable (Message) -> Int?

  /// An empty mailbox.
  ///
  /// - Parameters:
  ///   - limit: the number of messages that may wait.
  ///   - thinning: selects the messages to keep when more than that wait; by default the newer half.
  ///   - kind: a number for messages of which only the newest counts; by default there are none.
  public init(
    limit: Int = 100_000,
    thinning: @escaping @Sendable ([Message]) -> [Message] = { Array($0.suffix($0.count / 2)) },
    newestOf kind: @escaping @Sendable (Message) -> Int? = { _ in nil }
  ) {
    (self.limit, self.thinning, self.kind) = (limit, thinning, kind)
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
    let kind = self.kind(message)
    let wasEmpty = waiting.withLock { messages in
      let wasEmpty = messages.isEmpty
      if let kind, let older = messages.lastIndex(where: { self.kind($0) == kind }) {
        messages.remove(at: older)
      }
      messages.append(message)
      if messages.count > limit { messages = thinning(messages) }
      return wasEmpty
    }
    guard wasEmpty, let writeEnd else { return }
    var byte: UInt8 = 1
    _ = write(writeEnd, &byte, 1)
  }

  /// The number of waiting messages.
  public var count: Int { waiting.withLock { $0.count } }

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
