internal import Platform

/// The calls to the system through which files are written, so that tests can let any of them fail.
///
/// Each returns what the system returns, or the error number negated.
struct WriteCalls {
  var openFile: (_ path: String, _ flags: Int32) -> Int
  var writeBytes: (_ file: Int32, _ bytes: UnsafeRawBufferPointer) -> Int
  var syncFile: (_ file: Int32) -> Int
  var closeFile: (_ file: Int32) -> Int
  var renameFile: (_ from: String, _ to: String) -> Int
  var removeFile: (_ path: String) -> Int
  var cutFile: (_ file: Int32, _ length: Int) -> Int
  var lengthOfFile: (_ file: Int32) -> Int

  static var system: WriteCalls {
    WriteCalls(
      openFile: { path, flags in result { Int(open(path, flags, 0o666)) } },
      writeBytes: { file, bytes in result { write(file, bytes.baseAddress, bytes.count) } },
      syncFile: { file in result { Int(fsync(file)) } },
      closeFile: { file in
        // Never repeated: the number may belong to another file after an interruption.
        close(file) < 0 ? -Int(errno) : 0
      },
      renameFile: { from, to in result { Int(rename(from, to)) } },
      removeFile: { path in result { Int(unlink(path)) } },
      cutFile: { file, length in result { Int(ftruncate(file, off_t(length))) } },
      lengthOfFile: { file in result { Int(lseek(file, 0, SEEK_END)) } })
  }

  /// Creates a file anew, never through an existing link.
  static let create = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW
  /// Opens or creates a file to which every write adds; a pipe without a reader is refused, not waited for.
  static let append = O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK
  static let folder = O_RDONLY | O_DIRECTORY | O_CLOEXEC
  /// What a file system answers that cannot sync a folder.
  static let cannotSync = -Int(EINVAL)

  private static func result(_ call: () -> Int) -> Int {
    while true {
      let value = call()
      guard value < 0 else { return value }
      let code = errno
      if code != EINTR { return -Int(code) }
    }
  }
}

extension WriteCalls {
  /// Writes all of `bytes`, however many calls that takes.
  func writeAll(
    _ file: Int32, _ bytes: UnsafeRawBufferPointer, path: String
  ) throws(FileError) {
    var rest = bytes
    while !rest.isEmpty {
      let count = try check(writeBytes(file, rest), path, "written")
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }

  /// The result of a call, or the sentence that `path` cannot be `done`.
  @discardableResult
  func check(_ result: Int, _ path: String, _ done: String) throws(FileError) -> Int {
    guard result >= 0 else {
      throw FileError(
        path, .unwritable, "cannot be \(done): \(systemMessage(Int32(-result)))")
    }
    return result
  }
}
