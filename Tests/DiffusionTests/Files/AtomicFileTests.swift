import Foundation
import Testing

@testable import Diffusion

/// The system's calls, of which those with the given numbers fail.
final class FailingCalls {
  private(set) var log: [String] = []
  private let fails: (Int) -> Bool
  private let code: Int32

  init(code: Int32 = ENOSPC, _ fails: @escaping (Int) -> Bool) {
    self.code = code
    self.fails = fails
  }

  var calls: WriteCalls {
    let system = WriteCalls.system
    return WriteCalls(
      openFile: { path, flags in
        self.call("open", { system.openFile(path, flags) })
      },
      writeBytes: { file, bytes in
        // A failing write leaves half of its bytes behind, as a full disk does.
        let half = UnsafeRawBufferPointer(rebasing: bytes.prefix(bytes.count / 2))
        return self.call(
          "write", { system.writeBytes(file, bytes) }, else: { _ = system.writeBytes(file, half) })
      },
      syncFile: { file in self.call("sync", { system.syncFile(file) }) },
      closeFile: { file in
        let result = system.closeFile(file)
        return self.call("close", { result })
      },
      renameFile: { from, to in self.call("rename", { system.renameFile(from, to) }) },
      removeFile: { path in self.call("remove", { system.removeFile(path) }) },
      cutFile: { file, length in self.call("cut", { system.cutFile(file, length) }) },
      lengthOfFile: { file in self.call("length", { system.lengthOfFile(file) }) })
  }

  private func call(_ name: String, _ body: () -> Int, else failing: () -> Void = {}) -> Int {
    log.append(name)
    if fails(log.count) {
      failing()
      return -Int(code)
    }
    return body()
  }
}

@Suite("Atomic file")
struct AtomicFileTests {
  static let old = Array("the old content".utf8)
  static let parts = [Array("the new ".utf8), Array("content".utf8)]
  static let new = parts.flatMap { $0 }

  static func replace(_ path: String, _ failing: FailingCalls) throws(FileError) {
    try AtomicFile.replace(path, calls: failing.calls) { file throws(FileError) in
      for part in parts { try file.write(part) }
    }
  }

  @Test("The new content is synced before it takes the name, and the folder after")
  func order() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/file"
      let calls = FailingCalls { _ in false }
      try Self.replace(path, calls)
      #expect(
        calls.log == ["open", "write", "write", "sync", "close", "rename", "open", "sync", "close"])
      #expect(try bytes(of: path) == Self.new)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["file"])
    }
  }

  @Test("When the program dies before any call, the file is whole: old or new", arguments: 1...10)
  func dies(call: Int) throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/file"
      try put(Self.old, path)
      // From this call on nothing happens any more, not even cleaning up.
      let error = fileError { try Self.replace(path, FailingCalls { $0 >= call }) }
      #expect((error == nil) == (call >= 9))
      #expect(try bytes(of: path) == (call <= 6 ? Self.old : Self.new))
      // The next writer is not hindered by what was left.
      try Self.replace(path, FailingCalls { _ in false })
      #expect(try bytes(of: path) == Self.new)
    }
  }

  @Test("When any one call fails, the old file stays and nothing else is left", arguments: 1...6)
  func fails(call: Int) throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/file"
      try put(Self.old, path)
      let error = fileError { try Self.replace(path, FailingCalls { $0 == call }) }
      #expect(error?.kind == .unwritable)
      #expect(error?.problem.hasSuffix("No space left on device") == true)
      #expect(try bytes(of: path) == Self.old)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["file"])
    }
  }

  @Test("What killed writers have left is removed, what others write is not")
  func leftovers() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/file"
      // Process numbers end at 2²², so this one cannot exist; our parent does.
      let dead = AtomicFile.temporaryName(path, process: 99_999_999)
      let alive = AtomicFile.temporaryName(path, process: getppid())
      for name in [dead, alive, "\(folder)/.other.99999999.partial"] { try put("half", name) }
      try AtomicFile.replace(path, with: Self.new)
      #expect(!FileManager.default.fileExists(atPath: dead))
      #expect(FileManager.default.fileExists(atPath: alive))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 3)
    }
  }

  @Test("A missing folder is an error that names the file")
  func missingFolder() throws {
    try withTemporaryFolder { folder in
      let error = fileError { try AtomicFile.replace("\(folder)/no/file", with: [1]) }
      #expect(
        error?.description == "\(folder)/no/file: cannot be written: No such file or directory")
    }
  }
}
