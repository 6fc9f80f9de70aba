import Testing

@testable import Diffusion

@Suite("Gzip")
struct GzipTests {
  static let text = Array("Anyone can read this. ".utf8) + (0..<200).map { UInt8($0) }

  @Test("What was deflated inflates to the same bytes", arguments: [0, 1, 222, 300_000])
  func roundTrip(size: Int) throws {
    let original = (0..<size).map { UInt8(truncatingIfNeeded: $0 * $0 >> 3) }
    let packed = Gzip.deflate(original)
    #expect(try Gzip.inflate(packed, limit: size, name: "memory") == original)
  }

  @Test("Several members one after the other are one content")
  func members() throws {
    let packed = Gzip.deflate([1, 2, 3]) + Gzip.deflate([4, 5])
    #expect(try Gzip.inflate(packed, limit: 100, name: "memory") == [1, 2, 3, 4, 5])
  }

  @Test("Bytes that are no gzip come back as they are")
  func plain() throws {
    #expect(try Gzip.inflate([9, 8, 7], limit: 3, name: "memory") == [9, 8, 7])
  }

  @Test("A bomb is refused at the limit, not inflated")
  func bomb() throws {
    let bomb = Gzip.deflate([UInt8](repeating: 0, count: 50_000_000), level: 9)
    #expect(bomb.count < 60_000)
    let error = fileError { try Gzip.inflate(bomb, limit: 1000, name: "bomb.gz") }
    #expect(error?.kind == .tooLarge)
    #expect(
      error?.description
        == "bomb.gz: holds more than the 1000 bytes of the inflated content that are accepted")
  }

  @Test("A file cut anywhere is a truncation", arguments: [2, 9, 10, 30, 100])
  func truncated(length: Int) {
    let packed = Array(Gzip.deflate(Self.text).prefix(length))
    let error = fileError { try Gzip.inflate(packed, limit: 1000, name: "cut.gz") }
    #expect(error?.kind == .truncated)
    #expect(error?.problem.contains("ends at byte \(length)") == true)
  }

  @Test("A file without its last byte is a truncation")
  func lastByte() {
    let packed = Array(Gzip.deflate(Self.text).dropLast())
    #expect(fileError { try Gzip.inflate(packed, limit: 1000, name: "x") }?.kind == .truncated)
  }

  @Test("A wrong checksum, a wrong length and damaged data are corruption")
  func corrupt() {
    for place in [-8, -4, -30] {
      var packed = Gzip.deflate(Self.text)
      packed[packed.count + place] ^= 0xFF
      let error = fileError { try Gzip.inflate(packed, limit: 1000, name: "x") }
      #expect(error?.kind == .corrupt, "byte \(place) from the end")
    }
  }

  @Test("Garbage after the last member is refused")
  func garbage() {
    let packed = Gzip.deflate(Self.text) + [0, 1]
    #expect(fileError { try Gzip.inflate(packed, limit: 1000, name: "x") }?.kind == .trailing)
  }
}
