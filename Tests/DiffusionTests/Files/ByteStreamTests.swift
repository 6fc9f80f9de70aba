import Foundation
import Testing

@testable import Diffusion

@Suite("Plain and gzip files")
struct ByteStreamTests {
  static let text = Array("Anyone can read this. ".utf8) + (0..<200).map { UInt8($0) }

  private func read(_ content: [UInt8], limit: Int = 1000) throws -> [UInt8] {
    try withTemporaryFolder { folder in
      try put(content, "\(folder)/x")
      return try ByteStream(path: "\(folder)/x").readAll(limit: limit)
    }
  }

  @Test("What was compressed inflates to the same bytes", arguments: [0, 1, 222, 300_000])
  func roundTrip(size: Int) throws {
    let original = (0..<size).map { UInt8(truncatingIfNeeded: $0 * $0 >> 3) }
    #expect(try read(gzip(original), limit: size) == original)
  }

  @Test("Several members one after the other are one content")
  func members() throws {
    #expect(try read(gzip([1, 2, 3]) + gzip([4, 5])) == [1, 2, 3, 4, 5])
  }

  @Test("A file that is no gzip comes as it is", arguments: [[], [0x1F], [9, 8, 7]])
  func plain(content: [UInt8]) throws {
    #expect(try read(content, limit: 3) == content)
  }

  @Test("A bomb is refused at the limit, not inflated")
  func bomb() throws {
    let bomb = gzip([UInt8](repeating: 0, count: 50_000_000), level: 9)
    #expect(bomb.count < 60_000)
    let error = fileError { try read(bomb) }
    #expect(error?.kind == .tooLarge)
    #expect(
      error?.problem
        == "holds more than the 1000 bytes of the inflated content that are accepted")
  }

  @Test("A bomb that any limit would take is refused before it fills the memory")
  func wideBomb() throws {
    let bomb = gzip([UInt8](repeating: 48, count: 40_000_000), level: 9)
    let error = fileError { try read(bomb, limit: 1 << 31) }
    #expect(error?.kind == .tooLarge)
    #expect(error?.problem.hasPrefix("inflates from \(bomb.count) bytes to more than ") == true)
    // What is merely simple is taken.
    let noise = (0..<200_000).map { _ in UInt8.random(in: 0...255) }
    let simple = [UInt8](repeating: 0, count: 20_000_000) + noise
    #expect(try read(gzip(simple, level: 9), limit: 1 << 31) == simple)
  }

  @Test("A file cut anywhere is a truncation")
  func truncated() {
    let whole = gzip(Self.text)
    for length in 2..<whole.count {
      let error = fileError { try read(Array(whole.prefix(length))) }
      #expect(error?.kind == .truncated)
      #expect(error?.problem == "ends at byte \(length) within gzip data; expected more bytes")
    }
  }

  @Test("A wrong checksum, a wrong length and damaged data are corruption")
  func corrupt() {
    for place in [-8, -4, -30] {
      var packed = gzip(Self.text)
      packed[packed.count + place] ^= 0xFF
      let error = fileError { try read(packed) }
      #expect(error?.kind == .corrupt, "byte \(place) from the end")
      #expect(error?.problem.hasPrefix("has damaged gzip data: ") == true)
      #expect(error?.problem.contains("fd:") == false)
    }
  }

  @Test("What stands behind the last member is left out, as gzip does")
  func garbage() throws {
    #expect(try read(gzip(Self.text) + [0, 1]) == Self.text)
  }

  @Test("A pipe and a folder are refused, and nobody waits")
  func noFile() throws {
    try withTemporaryFolder { folder in
      let pipe = "\(folder)/pipe"
      #expect(mkfifo(pipe, 0o600) == 0)
      for path in [pipe, folder] {
        #expect(fileError { try ByteStream(path: path) }?.kind == .unreadable)
      }
    }
  }
}
