import CTerminal
import Foundation
import Testing

@testable import TUI

@Suite("A terminal that has stopped reading, and signals")
struct StalledTerminalTests {
  /// A pseudo-terminal whose other end nobody reads, filled to the brim.
  private static func withFullTerminal(_ body: (_ terminal: Int32) throws -> Void) throws {
    #if os(Linux)
      let master = open("/dev/ptmx", O_RDWR | O_NOCTTY)
      try #require(master >= 0)
      defer { close(master) }
      var (unlocked, number): (Int32, Int32) = (0, 0)
      // TIOCSPTLCK and TIOCGPTN, which Swift does not import.
      try #require(ioctl(master, 0x4004_5431, &unlocked) == 0)
      try #require(ioctl(master, 0x8004_5430, &number) == 0)
      let terminal = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
      try #require(terminal >= 0)
      defer { close(terminal) }
      let flags = fcntl(terminal, F_GETFL)
      _ = fcntl(terminal, F_SETFL, flags | O_NONBLOCK)
      let bytes = [UInt8](repeating: 65, count: 4096)
      // The kernel carries some of it to the other end a little later, which makes room again.
      var still = 0
      while still < 5 {
        if write(terminal, bytes, bytes.count) > 0 {
          still = 0
        } else {
          still += 1
          usleep(10_000)
        }
      }
      _ = fcntl(terminal, F_SETFL, flags)
      try body(terminal)
    #endif
  }

  @Test("gets its last words without being waited for")
  func lastWords() throws {
    try Self.withFullTerminal { terminal in
      #expect(ct_is_writable(terminal, 0) == 0)
      let start = ContinuousClock.now
      ct_write_last(terminal, "bye", 3)
      #expect(ContinuousClock.now - start < .seconds(1))
      #expect(fcntl(terminal, F_GETFL) & O_NONBLOCK == 0)
    }
  }

  @Test("does not hold a picture when a signal asks the program to end, whichever thread hears it")
  func picture() async throws {
    await #expect(processExitsWith: .success) {
      try StalledTerminalTests.withFullTerminal { terminal in
        _ = ct_install_handlers()
        ct_set_restore(terminal, "bye", 3)
        Thread.detachNewThread {
          usleep(100_000)
          kill(getpid(), SIGTERM)
          sleep(5)
          // The picture still waits.
          _exit(1)
        }
        ct_set_drawing(1)
        let bytes = [CChar](repeating: 65, count: 100_000)
        ct_write(terminal, bytes, bytes.count)
        ct_set_drawing(0)
        precondition(ct_take_signals() & (1 << UInt32(SIGTERM)) != 0)
      }
    }
  }

  @Test("of some messages only the newest waits, where it came last")
  func newest() {
    let mailbox = Mailbox<Int>(newestOf: { $0 < 0 ? $0 % 2 : nil })
    for number in [1, -2, -3, 2, -4, -6, 3, -5] { mailbox.post(number) }
    #expect(mailbox.take() == [1, 2, -6, 3, -5])
    mailbox.post(-1)
    mailbox.post(-3)
    #expect(mailbox.take() == [-3])
  }

  @Test("messages that nobody takes stay within the limit")
  func mailbox() {
    let mailbox = Mailbox<Int>(limit: 1000)
    for number in 0..<100_000 { mailbox.post(number) }
    #expect(mailbox.count <= 1000)
    #expect(mailbox.take().last == 99_999)
  }

  @Test(
    "a fault that somebody sends to a thread ends the program, its terminal restored",
    arguments: [SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGTRAP])
  func sentFault(_ number: Int32) async throws {
    for isOther in [false, true] {
      let result = try await #require(
        processExitsWith: .signal(number), observing: [\.standardOutputContent]
      ) { [number = number as Int32, isOther = isOther as Bool] in
        _ = ct_install_handlers()
        ct_set_restore(STDOUT_FILENO, "the shell's screen", 18)
        ct_set_active(1)
        if isOther {
          Thread.detachNewThread {
            // Threads of tests hand on what they block.
            var heard = sigset_t()
            sigfillset(&heard)
            pthread_sigmask(SIG_UNBLOCK, &heard, nil)
            pthread_kill(pthread_self(), number)
          }
        } else {
          kill(getpid(), number)
        }
        sleep(5)
      }
      let output = String(decoding: result.standardOutputContent, as: UTF8.self)
      #expect(output.contains("the shell's screen"), "signal \(number)")
    }
  }

  @Test("every other signal that would end the program is told to it")
  func others() async throws {
    await #expect(processExitsWith: .success) {
      _ = ct_install_handlers()
      for number in [SIGUSR1, SIGUSR2, SIGALRM, SIGSYS, SIGXCPU, SIGIO, SIGTERM, SIGHUP] {
        kill(getpid(), number)
        usleep(20_000)
        precondition(ct_take_signals() & (1 << UInt32(number)) != 0, "\(number)")
      }
      kill(getpid(), SIGPIPE)
      kill(getpid(), SIGXFSZ)
    }
  }
}
