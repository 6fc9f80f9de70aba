import CTerminal
import Foundation
import Testing

@testable import Diffusion

@Suite("Stack overflows")
struct StackOverflowTests {
  @Test("on a queue that computes, and on its workers, restore the terminal")
  func overflow() async throws {
    for threads in [1, 4] {
      let result = try await #require(
        processExitsWith: .signal(SIGSEGV), observing: [\.standardOutputContent]
      ) { [threads = threads as Int] in
        _ = ct_install_handlers()
        ct_set_restore(STDOUT_FILENO, "the shell's screen", 18)
        ct_set_active(1)
        Parallel.threads = threads
        let end = DispatchSemaphore(value: 0)
        DispatchQueue(label: "training").async {
          parallelTasks(4) { if descend($0) > 0 { end.signal() } }
        }
        end.wait()
      }
      let output = String(decoding: result.standardOutputContent, as: UTF8.self)
      #expect(output.contains("the shell's screen"), "with \(threads) threads")
    }
  }
}

/// Calls itself until the stack is full; each call looks at the one before, so that none is a loop.
@inline(never)
private func descend(_ depth: Int, above: UnsafePointer<Int>? = nil) -> Int {
  guard depth < Int.max else { return above?.pointee ?? 0 }
  return withUnsafeTemporaryAllocation(of: Int.self, capacity: 64) { room in
    room[0] = depth
    return descend(depth + 1, above: room.baseAddress) &* 3 ^ room[0]
  }
}
