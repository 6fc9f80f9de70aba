import Diffusion
import Platform
import Synchronization

/// The right to write into a run's folder, which one process has at a time; the system takes it back
/// however the process ends.
///
/// A file that is there without its lock was left behind by a crash, a dropped connection or a signal.
final class RunLock {
  private var path: String
  /// Whether the file stays when the right ends: the run was interrupted.
  var staysBehind = false
  /// The locked file; nil where the folder cannot be written to, or its file system knows no locks: what
  /// is written next tells.
  private var file: Int32?
  private var identity: Identity?

  /// What tells a file from all others, whatever it is called.
  private struct Identity: Hashable {
    let device: UInt64
    let number: UInt64

    init(_ status: stat) {
      (device, number) = (UInt64(truncatingIfNeeded: status.st_dev), UInt64(status.st_ino))
    }
  }

  /// The locks of this process, which the system would let it take twice, and lose with the first file
  /// closed.
  private static let held = Mutex<Set<Identity>>([])

  init(_ folder: RunFolder) throws(RunError) {
    path = Self.path(in: folder)
    while true {
      guard !Self.isHeldHere(path) else {
        throw .inUse(folder.path, process: Int(getpid()))
      }
      let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o666)
      guard opened >= 0 else { return }
      var wanted = Self.whole
      if fcntl(opened, F_SETLK, &wanted) == 0 {
        // Whoever had it may have removed the file in between.
        if Self.isFile(opened, at: path) {
          file = opened
          identity = Self.identity(of: opened)
          if let identity { Self.held.withLock { _ = $0.insert(identity) } }
          return
        }
      } else if errno == EACCES || errno == EAGAIN {
        var holder = Self.whole
        let isKnown = fcntl(opened, F_GETLK, &holder) == 0 && holder.l_type != Int16(F_UNLCK)
        close(opened)
        if isKnown { throw .inUse(folder.path, process: Int(holder.l_pid)) }
        continue
      } else {
        close(opened)
        return
      }
      close(opened)
    }
  }

  deinit {
    guard let file else { return }
    if isInPlace && !staysBehind { unlink(path) }
    if let identity { Self.held.withLock { _ = $0.remove(identity) } }
    close(file)
  }

  /// Says that the folder has another name now.
  func follow(to folder: RunFolder) { path = Self.path(in: folder) }

  /// Whether the folder is still the one that was locked.
  var isInPlace: Bool { file.map { Self.isFile($0, at: path) } ?? true }

  /// The process that writes the run; nil where none does.
  static func holder(of folder: RunFolder) -> Int? {
    let path = Self.path(in: folder)
    if isHeldHere(path) { return Int(getpid()) }
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var holder = whole
    guard fcntl(file, F_GETLK, &holder) == 0, holder.l_type != Int16(F_UNLCK) else { return nil }
    return Int(holder.l_pid)
  }

  /// Whether the run was interrupted: its file is there, but nobody holds it.
  static func isLeftBehind(in folder: RunFolder) -> Bool {
    guard !isHeldHere(path(in: folder)) else { return false }
    let file = open(path(in: folder), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard file >= 0 else { return false }
    defer { close(file) }
    var holder = whole
    return fcntl(file, F_GETLK, &holder) == 0 && holder.l_type == Int16(F_UNLCK)
  }

  /// Forgets that the run was interrupted.
  static func remove(from folder: RunFolder) {
    if isLeftBehind(in: folder) { unlink(path(in: folder)) }
  }

  private static func path(in folder: RunFolder) -> String { folder.path + "/.lock" }

  private static var whole: flock {
    var lock = flock()
    lock.l_type = Int16(F_WRLCK)
    lock.l_whence = Int16(SEEK_SET)
    return lock
  }

  private static func isHeldHere(_ path: String) -> Bool {
    var status = stat()
    guard stat(path, &status) == 0 else { return false }
    let identity = Identity(status)
    return held.withLock { $0.contains(identity) }
  }

  private static func identity(of descriptor: Int32) -> Identity? {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? Identity(status) : nil
  }

  private static func isFile(_ descriptor: Int32, at path: String) -> Bool {
    var (own, other) = (stat(), stat())
    return fstat(descriptor, &own) == 0 && stat(path, &other) == 0 && own.st_ino == other.st_ino
      && own.st_dev == other.st_dev
  }
}
