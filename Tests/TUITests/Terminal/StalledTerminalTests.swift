import CTerminal
import Foundation
import Testing

@testable import TUI

@Suite("A terminal that has stopped reading, and signals")
struct StalledTerminalTests {
  /// A pseudo-terminal whose other end nobody reads, filled to the brim.
  private func withFullTerminal(_ body: (_ terminal: Int32) throws -> Void) throws {
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
      while write(terminal, bytes, bytes.count) > 0 {}
      _ = fcntl(terminal, F_SETFL, flags)
      try body(terminal)
    #endif
  }

  @Test("gets its last words without being waited for")
  func lastWords() throws {
    try withFullTerminal { terminal in
      #expect(ct_is_writable(terminal, 0) == 0)
      let start = ContinuousClock.now
      ct_write_last(terminal, "bye", 3)
      #expect(ContinuousClock.now - start < .seconds(1))
      #expect(fcntl(terminal, F_GETFL) & O_NONBLOCK == 0)
    }
  }

  @Test("messages that nobody takes stay within the limit")
  func mailbox() {
    let mailbox = Mailbox<Int>(limit: 1000)
    for number in 0..<100_000 { mailbox.post(number) }
    #expect(mailbox.count <= 1000)
    #expect(mailbox.take().last == 99_999)
  }

  @Test("a fault that somebody sends ends the program, its terminal restored")
  func sentFault() async throws {
    for number in [SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGTRAP] {
      let result = try await #require(
        processExitsWith: .signal(number), observing: [\.standardOutputContent]
      ) { [number = number as Int32] in
        _ = ct_install_handlers()
        ct_set_restore(STDOUT_FILENO, "the shell's screen", 18)
        ct_set_active(1)
        kill(getpid(), number)
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
