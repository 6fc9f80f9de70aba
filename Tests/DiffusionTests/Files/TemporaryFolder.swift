import Foundation

@testable import Diffusion

/// A folder of its own for one test, gone afterwards.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("diffusion-tests-\(UUID().uuidString)").path
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try body(folder)
}

/// Writes a file without any of the code under test.
func put(_ bytes: [UInt8], _ path: String) throws {
  try Data(bytes).write(to: URL(fileURLWithPath: path))
}

func put(_ text: String, _ path: String) throws { try put(Array(text.utf8), path) }

/// Reads a file without any of the code under test.
func bytes(of path: String) throws -> [UInt8] {
  [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
}

/// Cuts a file behind the back of whoever has it open.
func truncateFile(_ path: String, to length: Int) -> Bool { truncate(path, off_t(length)) == 0 }

/// The `FileError` that `body` throws, or nil.
func fileError<Result>(_ body: () throws -> Result) -> FileError? {
  do {
    _ = try body()
    return nil
  } catch {
    return error as? FileError
  }
}
