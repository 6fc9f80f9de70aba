import Foundation
import Testing

@testable import Diffusion

@Suite("Checksums of checkpoints")
struct ChecksumTests {
  @Test("no flipped bit goes unnoticed, wherever it is")
  func flips() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/checkpoint.safetensors"
      try CheckpointTests.checkpoint(step: 6).write(to: path)
      let whole = try Data(contentsOf: URL(filePath: path))
      for bit in stride(from: 0, to: whole.count * 8, by: 7) {
        var damaged = whole
        damaged[bit / 8] ^= 1 << (bit % 8)
        try damaged.write(to: URL(filePath: path))
        #expect(throws: FileError.self, "bit \(bit)") { _ = try Checkpoint(contentsOf: path) }
      }
    }
  }

  @Test("files from before there were checksums are read")
  func older() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/checkpoint.safetensors"
      let checkpoint = CheckpointTests.checkpoint(step: 6)
      try checkpoint.write(to: path)
      let file = try SafeTensors(contentsOf: path)
      var metadata = file.metadata
      #expect(metadata.removeValue(forKey: "checksum")?.count == 8)
      let items = file.entries.map { entry in
        SafeTensors.Item(name: entry.name, shape: entry.shape, type: entry.type) {
          () throws(FileError) in
          entry.type == .u8
            ? .bytes(try file.bytes(entry.name)) : .floats(try file.tensor(entry.name).values)
        }
      }
      let old = "\(folder)/old.safetensors"
      try SafeTensors.write(items, metadata: metadata.map { ($0, $1) }, to: old)
      try CheckpointTests.expectEqual(Checkpoint(contentsOf: old), checkpoint)
    }
  }
}
