import Platform
import Synchronization

/// Requests to end from outside: Ctrl-C, SIGTERM, SIGHUP and all other signals that would end the program
/// and are no fault of its own.
///
/// The first one is noted, to be seen between two steps; a second one ends the process at once.
enum StopSignals {
  private static let received = Atomic<Int32>(0)

  private static var numbers: [Int32] {
    let common = [
      SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGXCPU,
      SIGSYS,
    ]
    #if os(Linux)
      return common + [SIGIO, SIGPWR, SIGSTKFLT]
    #else
      return common
    #endif
  }

  /// Notes signals from now on, those that are not ignored; a parent may have left them blocked.
  static func watch() {
    // Touched before a handler can be, which must not be the one to make it.
    received.store(0, ordering: .relaxed)
    var unblocked = sigset_t()
    sigemptyset(&unblocked)
    // Where nobody reads what is printed, or a file may not grow, the call that tries it says so.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    for number in numbers {
      var action = sigaction()
      guard sigaction(number, nil, &action) == 0, !isIgnored(action) else { continue }
      action = sigaction()
      setHandler(&action)
      action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND)) | Int32(SA_RESTART)
      sigaction(number, &action, nil)
      sigaddset(&unblocked, number)
    }
    pthread_sigmask(SIG_UNBLOCK, &unblocked, nil)
  }

  /// The number of the signal that came, or nil.
  static var number: Int32? {
    let number = received.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }

  private static func setHandler(_ action: inout sigaction) {
    let handler: @convention(c) (Int32) -> Void = { number in
      StopSignals.received.store(number, ordering: .relaxed)
    }
    #if os(Linux)
      action.__sigaction_handler.sa_handler = handler
    #else
      action.__sigaction_u.__sa_handler = handler
    #endif
  }

  /// Whether whoever started the program wants it to survive the signal, as nohup does.
  private static func isIgnored(_ action: sigaction) -> Bool {
    #if os(Linux)
      let handler = action.__sigaction_handler.sa_handler
    #else
      let handler = action.__sigaction_u.__sa_handler
    #endif
    return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
