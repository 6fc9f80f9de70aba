internal import Platform

/// A regular file opened for reading, read by position.
///
/// Reading, not mapping: a file that another program cuts short is then a sentence, not a SIGBUS.
final class FileReader: Sendable {
  let path: String
  /// The number of bytes when it was opened.
  let size: Int
  private let descriptor: Int32

  convenience init(_ path: String) throws(FileError) {
    guard !path.utf8.contains(0) else {
      throw FileError(path, .missing, "there is no such file")
    }
    // O_NONBLOCK: opening a pipe without a writer would wait for ever.
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else {
      let code = errno
      let isMissing = code == ENOENT || code == ENOTDIR
      throw FileError(
        path, isMissing ? .missing : .unreadable,
        isMissing ? "there is no such file" : "cannot be opened: \(systemMessage(code))")
    }
    try self.init(path, owning: descriptor)
  }

  /// The file that a descriptor has open.
  convenience init(_ path: String, descriptor: Int32) throws(FileError) {
    let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    guard copy >= 0 else {
      throw FileError(path, .unreadable, "cannot be opened: \(systemMessage(errno))")
    }
    try self.init(path, owning: copy)
  }

  private init(_ path: String, owning descriptor: Int32) throws(FileError) {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      let isFolder = status.st_mode & S_IFMT == S_IFDIR
      throw FileError(
        path, .unreadable, "is \(isFolder ? "a folder" : "not a regular file"); expected a file")
    }
    self.path = path
    self.descriptor = descriptor
    size = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// A descriptor of the file for a library that closes it.
  func duplicate() throws(FileError) -> Int32 {
    let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    guard copy >= 0 else {
      throw FileError(path, .unreadable, "cannot be opened: \(systemMessage(errno))")
    }
    return copy
  }

  /// Fills `buffer` from byte `offset` on; fewer bytes only where the file ends.
  func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    var done = 0
    while done < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
      let got = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
      if got == 0 { break }
      if got < 0 {
        let code = errno
        if code == EINTR { continue }
        throw FileError(
          path, .unreadable, "cannot be read at byte \(offset + done): \(systemMessage(code))")
      }
      done += got
    }
    return done
  }

  /// All bytes of the file, which `what` names; a larger file than `limit` is an error.
  func bytes(atMost limit: Int, of what: String) throws(FileError) -> [UInt8] {
    guard size <= limit else {
      throw FileError(path, .tooLarge, "has \(size) bytes; expected at most \(limit)")
    }
    return try bytes(0..<size, of: what)
  }

  /// Whether an open file is the one at a path.
  static func isFile(_ descriptor: Int32, at path: String) -> Bool {
    var (own, other) = (stat(), stat())
    return fstat(descriptor, &own) == 0 && stat(path, &other) == 0 && own.st_ino == other.st_ino
      && own.st_dev == other.st_dev
  }

  /// All that was in the file when it was opened.
  func allBytes() throws(FileError) -> [UInt8] { try bytes(0..<size, of: "its content") }

  /// The bytes of a part of the file, which `what` names where the file ends before.
  ///
  /// - Precondition: the part lay within the file when it was opened.
  func bytes(_ place: Range<Int>, of what: String) throws(FileError) -> [UInt8] {
    precondition(
      place.lowerBound >= 0 && place.upperBound <= size, "\(path) has \(size) bytes, not \(place)")
    var bytes = [UInt8](repeating: 0, count: place.count)
    let got = try bytes.withUnsafeMutableBufferPointer { buffer throws(FileError) in
      try read(at: place.lowerBound, into: UnsafeMutableRawBufferPointer(buffer))
    }
    guard got == bytes.count else {
      throw FileError(
        path, .truncated,
        "ends at byte \(place.lowerBound + got) within \(what); "
          + "expected \(place.count) bytes from byte \(place.lowerBound) on")
    }
    return bytes
  }
}

/// What exists under a path.
enum PathKind {
  case nothing
  case folder
  case other

  init(_ path: String) {
    var status = stat()
    if stat(path, &status) != 0 {
      self = .nothing
    } else {
      self = status.st_mode & S_IFMT == S_IFDIR ? .folder : .other
    }
  }
}

/// The system's words for an error number.
func systemMessage(_ code: Int32) -> String { String(cString: strerror(code)) }
