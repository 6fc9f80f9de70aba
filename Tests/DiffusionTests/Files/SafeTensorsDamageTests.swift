import Testing

@testable import Diffusion

@Suite("Damaged safetensors")
struct SafeTensorsDamageTests {
  /// A small file with metadata, two types and a tensor without elements.
  static let content = SafeTensorsTests.file(
    #"{"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"#
      + #""b":{"dtype":"BF16","shape":[1],"data_offsets":[8,10]},"#
      + #""c":{"dtype":"I64","shape":[0,4],"data_offsets":[10,10]}}"#,
    [0, 0, 128, 63, 0, 0, 0, 64, 128, 63])

  /// Reads everything; what cannot be read must be a sentence about this file.
  private func read(_ content: [UInt8], _ path: String) throws -> [NamedTensor]? {
    try put(content, path)
    do throws(FileError) {
      return try SafeTensors(contentsOf: path).tensors()
    } catch {
      #expect(error.path == path)
      #expect(!error.problem.isEmpty && !error.problem.contains("\n"))
      return nil
    }
  }

  @Test("Any byte changed is read or refused, and never stops the program")
  func changedBytes() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/x.safetensors"
      let whole = try #require(try read(Self.content, path))
      #expect(whole.map(\.values) == [[1, 2], [1], []])
      var refused = 0
      for place in Self.content.indices {
        // Every bit alone, all of them, and the characters that mean most to a header.
        let masks = (0..<8).map { UInt8(1) << $0 } + [0xFF]
        let characters = [0, 34, 44, 45, 46, 57, 91, 93, 123, 125].map { $0 ^ Self.content[place] }
        for mask in masks + characters where mask != 0 {
          var changed = Self.content
          changed[place] ^= mask
          if try read(changed, path) == nil { refused += 1 }
        }
      }
      #expect(refused > 1000)
    }
  }

  @Test("Every truncation is refused")
  func truncations() throws {
    try withTemporaryFolder { folder in
      for length in Self.content.indices {
        let rest = try read(Array(Self.content[..<length]), "\(folder)/x.safetensors")
        #expect(rest == nil, "cut at \(length)")
      }
    }
  }

  @Test("A file cut short after it was opened is refused with the place")
  func cutWhileOpen() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/x.safetensors"
      let tensor = NamedTensor(name: "a", shape: [100], values: [Float](repeating: 1, count: 100))
      for type in [SafeTensors.ElementType.f32, .f16] {
        try SafeTensors.write([.tensor(tensor, as: type)], to: path)
        let file = try SafeTensors(contentsOf: path)
        let end = try #require(file.entry("a")).place.upperBound
        #expect(truncateFile(path, to: end - 1))
        let error = fileError { try file.tensor("a") }
        #expect(error?.kind == .truncated)
        #expect(error?.problem.contains("byte \(end - 1)") == true)
      }
    }
  }
}
