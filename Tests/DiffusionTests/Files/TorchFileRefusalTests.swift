import Foundation
import Testing

@testable import Diffusion

@Suite("PyTorch files that are refused")
struct TorchFileRefusalTests {
  typealias Part = PickleBytes.Part

  struct Hostile: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let content: [UInt8]
    let kind: FileError.Kind

    init(_ what: String, _ archive: ArchiveBytes, _ kind: FileError.Kind) {
      testDescription = what
      content = archive.bytes
      self.kind = kind
    }

    /// A pickle beside one storage of four floats.
    init(_ what: String, pickle: [UInt8], _ kind: FileError.Kind) {
      self.init(
        what, ArchiveBytes(pickle: pickle, storages: [("0", storage([1, 2, 3, 4]))]), kind)
    }

    /// A dictionary of one tensor.
    init(_ what: String, tensor: Part, _ kind: FileError.Kind) {
      self.init(what, pickle: PickleBytes.bytes(.dictionary([(.text("w"), tensor)])), kind)
    }
  }

  private static func changed(
    _ change: (inout ArchiveBytes) -> Void, _ files: [(name: String, content: [UInt8])] = []
  ) -> ArchiveBytes {
    var archive = ArchiveBytes(
      pickle: PickleBytes.bytes(.dictionary([(.text("w"), .tensor(of: 4, [4]))])),
      storages: [("0", storage([1, 2, 3, 4]))])
    archive.files += files
    change(&archive)
    return archive
  }

  private static func repeated(_ code: [UInt8], _ count: Int) -> [UInt8] {
    [0x80, 2] + [[UInt8]](repeating: code, count: count).flatMap { $0 } + [UInt8(ascii: ".")]
  }

  static let hostile = [
    Hostile("no pickle", ArchiveBytes([("x/readme", [1])]), .unrecognized),
    Hostile("two pickles", changed({ _ in }, [("y/data.pkl", [1])]), .unrecognized),
    Hostile("no file at all", ArchiveBytes(), .unrecognized),
    Hostile("a name twice", changed({ _ in }, [("x/byteorder", [1])]), .malformed),
    Hostile("encrypted", changed({ $0.flags = 1 }), .unsupported),
    Hostile("an unknown compression", changed({ $0.method = 97 }), .unsupported),
    Hostile(
      "big endian", changed({ $0.files[1].content = Array("big".utf8) }), .unsupported),
    Hostile("no storage", changed({ $0.files.removeLast() }), .malformed),
    Hostile("a short storage", changed({ $0.files[2].content.removeLast() }), .mismatch),
    Hostile("an empty pickle", pickle: [], .truncated),
    Hostile("a pickle that ends early", pickle: [0x80, 2, 0x7D], .truncated),
    Hostile("a pickle of protocol 0", pickle: [0x80, 0, 0x7D, 0x2E], .unsupported),
    Hostile("a single tensor", pickle: PickleBytes.bytes(.tensor(of: 4, [4])), .mismatch),
    Hostile("no tensors", pickle: PickleBytes.bytes(.dictionary([])), .mismatch),
    Hostile(
      "a tensor of a name no tensor has",
      pickle: PickleBytes.bytes(.dictionary([(.text("__metadata__"), .tensor(of: 4, [4]))])),
      .malformed),
    Hostile("a tensor beyond its storage", tensor: .tensor(of: 4, at: 1, [4]), .malformed),
    Hostile("strides beyond the storage", tensor: .tensor(of: 4, [2], strides: [4]), .malformed),
    Hostile("a negative stride", tensor: .tensor(of: 4, at: 3, [4], strides: [-1]), .malformed),
    Hostile("a negative offset", tensor: .tensor(of: 4, at: -1, [4]), .malformed),
    Hostile("a negative side", tensor: .tensor(of: 4, [-4], strides: [1]), .malformed),
    Hostile(
      "strides that overflow", tensor: .tensor(of: 4, [Int.max, 3], strides: [Int.max, Int.max]),
      .malformed),
    Hostile(
      "dimensions that overflow", tensor: .tensor(of: 4, [1 << 40, 1 << 40], strides: [0, 0]),
      .malformed
    ),
    Hostile(
      "dimensions that overflow before a 0",
      tensor: .tensor(of: 4, [1 << 40, 1 << 40, 0], strides: [0, 0, 0]), .malformed),
    Hostile(
      "one number repeated until memory ends",
      tensor: .tensor(of: 4, [1 << 34], strides: [0]), .tooLarge),
    Hostile(
      "a storage of 4 GB in a small file", tensor: .tensor(of: 1 << 30, [1 << 30]), .mismatch),
    Hostile(
      "a storage beyond all memory", tensor: .tensor(of: Int.max, [4]), .mismatch),
    Hostile("a negative storage", tensor: .tensor(of: -4, [0]), .malformed),
    Hostile(
      "fewer strides than dimensions", tensor: .tensor(of: 4, [2, 2], strides: [1]), .malformed),
    Hostile(
      "more dimensions than any tensor has",
      tensor: .tensor(of: 4, [Int](repeating: 1, count: 40)), .malformed),
    Hostile(
      "a storage of a key out of the folder", tensor: .tensor(key: "../../0", of: 4, [4]),
      .malformed),
    Hostile("a call without a name", tensor: .call(.text("os.system"), [.text("ls")]), .malformed),
    Hostile(
      "a tensor of a text",
      tensor: .call(.global("torch._utils", "_rebuild_tensor_v2"), [.text("a")]),
      .malformed),
    Hostile(
      "a parameter of a text",
      tensor: .call(.global("torch._utils", "_rebuild_parameter"), [.text("a")]), .malformed),
    Hostile(
      "a dictionary from something other than pairs",
      tensor: .call(.global("collections", "OrderedDict"), [.list([.number(1)])]), .malformed),
    Hostile(
      "text longer than the pickle", pickle: [0x80, 2, 0x58, 255, 255, 255, 255], .truncated),
    Hostile(
      "text of 2⁶⁴ − 1 bytes", pickle: [0x80, 4, 0x8D] + [UInt8](repeating: 255, count: 8),
      .truncated),
    Hostile("text that is not UTF-8", pickle: [0x80, 2, 0x58, 1, 0, 0, 0, 255, 0x2E], .malformed),
    Hostile("a value from an empty stack", pickle: [0x80, 2, 0x52, 0x2E], .malformed),
    Hostile("a value from below a mark", pickle: [0x80, 2, 0x4E, 0x28, 0x85, 0x2E], .malformed),
    Hostile("a mark that was never made", pickle: [0x80, 2, 0x74, 0x2E], .malformed),
    Hostile("a value that was never kept", pickle: [0x80, 2, 0x6A, 1, 2, 3, 4, 0x2E], .malformed),
    Hostile("an odd number of items", pickle: [0x80, 2, 0x7D, 0x28, 0x4E, 0x75, 0x2E], .malformed),
    Hostile("items of a number", pickle: [0x80, 2, 0x4E, 0x4E, 0x4E, 0x73, 0x2E], .malformed),
    Hostile("appending to a number", pickle: [0x80, 2, 0x4E, 0x4E, 0x61, 0x2E], .malformed),
    Hostile("attributes of a number", pickle: [0x80, 2, 0x4E, 0x4E, 0x62, 0x2E], .malformed),
    Hostile("a name by numbers", pickle: [0x80, 4, 0x4E, 0x4E, 0x93, 0x2E], .malformed),
    Hostile("a name without an end", pickle: [0x80, 2, 0x63, 0x61, 0x61], .truncated),
    Hostile("bytes behind the end", pickle: [0x80, 2, 0x7D, 0x2E, 0x2E], .malformed),
    Hostile("values without end", pickle: repeated([0x4E], 4_000_001), .tooLarge),
    // The tuple of the tuple of … : freeing it step by step would need as much stack.
    Hostile(
      "deep nesting", pickle: [0x80, 2, 0x4E] + repeated([0x85], 1_000_000).dropFirst(2), .mismatch),
    // A list of itself.
    Hostile(
      "a list of itself", pickle: [0x80, 2, 0x5D, 0x71, 0, 0x68, 0, 0x61, 0x2E], .mismatch),
    // A dictionary of itself: {"a": itself}.
    Hostile(
      "a dictionary of itself",
      pickle: [0x80, 2, 0x7D, 0x71, 0, 0x8C, 1, 0x61, 0x68, 0, 0x73, 0x2E], .mismatch),
  ]

  @Test("A hostile file is refused with a sentence", arguments: hostile)
  func refuses(_ hostile: Hostile) throws {
    try withTemporaryFolder { folder in
      try put(hostile.content, "\(folder)/x.pth")
      let error = fileError { try TorchFile(contentsOf: "\(folder)/x.pth").tensors() }
      #expect(error?.kind == hostile.kind, "\(error?.description ?? "it was read")")
    }
  }

  @Test("Code is not run but named, with three lines that convert the file")
  func code() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/it's.pth"
      let system = Part.call(
        .global("posix", "system\u{1B}[2J\u{202E}"), [.text("touch \(folder)/ran")])
      try put(
        ArchiveBytes(pickle: PickleBytes.bytes(.dictionary([(.text("w"), system)]))).bytes, path)
      let error = try #require(fileError { try TorchFile(contentsOf: path) })
      let lines = error.problem.split(separator: "\n")
      #expect(error.kind == .unsupported)
      #expect(lines.count == 4)
      #expect(lines[0].hasPrefix("holds a Python object, “posix.system\\u{1b}[2J\\u{202e}”"))
      #expect(lines[0].contains("only if you trust whoever made it"))
      #expect(lines[1].hasPrefix("python3 -c \"import sys, torch"))
      #expect(lines[3].hasSuffix("'\(folder)/it'\\''s.pth' '\(folder)/it'\\''s.safetensors'"))
      #expect(!error.problem.unicodeScalars.contains("\u{1B}"))
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/ran"))
    }
  }

  @Test("Older formats are refused with the lines that convert them")
  func older() throws {
    try withTemporaryFolder { folder in
      try put([0x80, 2, 0x8A, 10, 0x6C, 0xFC], "\(folder)/old.pth")
      let pickle = try #require(fileError { try TorchFile(contentsOf: "\(folder)/old.pth") })
      #expect(pickle.problem.hasPrefix("is a pickle, as PyTorch wrote it before version 1.6"))
      #expect(pickle.problem.contains("weights_only=True"))
      let tar = [UInt8](repeating: 0, count: 257) + Array("ustar".utf8)
      try put(tar, "\(folder)/older.pth")
      let error = try #require(fileError { try TorchFile(contentsOf: "\(folder)/older.pth") })
      #expect(error.problem.hasPrefix("is a tar file, as PyTorch wrote it before version 0.2"))
      #expect(error.problem.contains("weights_only=False"))
      try put("some text", "\(folder)/text.pth")
      #expect(fileError { try TorchFile(contentsOf: "\(folder)/text.pth") }?.kind == .unrecognized)
    }
  }
}

@Suite("Damaged PyTorch files")
struct TorchFileDamageTests {
  static let content = ArchiveBytes(
    pickle: PickleBytes.bytes(
      .dictionary([
        (.text("w"), .tensor(of: 6, at: 1, [2, 2], strides: [1, 2])),
        (.text("n"), .dictionary([(.text("b"), .tensor("LongStorage", key: "1", of: 1, []))])),
      ])),
    storages: [("0", storage([1, 2, 3, 4, 5, 6])), ("1", [7, 0, 0, 0, 0, 0, 0, 0])])

  /// Reads everything; what cannot be read must be a sentence about this file.
  private func read(_ content: [UInt8], _ path: String) throws -> [[NamedTensor]]? {
    try put(content, path)
    do throws(FileError) {
      let file = try TorchFile(contentsOf: path)
      var all: [[NamedTensor]] = []
      for key in file.groups.map(\.key) { all.append(try file.tensors(in: key)) }
      return all
    } catch {
      #expect(error.path == path)
      #expect(!error.problem.isEmpty)
      return nil
    }
  }

  @Test(
    "Any byte changed is read or refused, and never stops the program", arguments: [false, true])
  func changedBytes(isDeflated: Bool) throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/x.pth"
      var archive = Self.content
      archive.isDeflated = isDeflated
      archive.isWide = isDeflated
      let whole = archive.bytes
      #expect(try read(whole, path)?.map { $0.map(\.values) } == [[[2, 4, 3, 5]], [[7]]])
      var refused = 0
      for place in whole.indices {
        for mask: UInt8 in [1, 2, 4, 8, 16, 32, 64, 128, 255] {
          var changed = whole
          changed[place] ^= mask
          if try read(changed, path) == nil { refused += 1 }
        }
      }
      #expect(refused > 1000)
    }
  }

  @Test("Every truncation is refused")
  func truncations() throws {
    let whole = Self.content.bytes
    try withTemporaryFolder { folder in
      for length in whole.indices {
        let rest = try read(Array(whole[..<length]), "\(folder)/x.pth")
        #expect(rest == nil, "cut at \(length)")
      }
    }
  }
}
