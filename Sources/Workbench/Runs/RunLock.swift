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
  private let file: Held?

  /// A locked file, and what tells it from all others, whatever it is called.
  private struct Held: Sendable {
    let descriptor: Int32
    let identity: Identity
  }

  private struct Identity: Hashable {
    let device: UInt64
    let number: UInt64

    init(_ status: stat) {
      (device, number) = (UInt64(truncatingIfNeeded: status.st_dev), UInt64(status.st_ino))
    }
  }

  /// The locks of this process.
  ///
  /// The system would let it take one twice, and lose it with the first such file that is closed: so no
  /// file of a lock is opened or closed but under this one.
  private static let held = Mutex<Set<Identity>>([])

  init(_ folder: RunFolder) throws(RunError) {
    path = Self.path(in: folder)
    file = try Self.held.withLock { Self.take(folder, &$0) }.get()
  }

  private static func take(
    _ folder: RunFolder, _ held: inout Set<Identity>
  ) -> Result<Held?, RunError> {
    let path = Self.path(in: folder)
    while true {
      if let own = identity(at: path), held.contains(own) {
        return .failure(.inUse(folder.path, process: Int(getpid())))
      }
      let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o666)
      guard opened >= 0 else { return .success(nil) }
      var wanted = whole
      if fcntl(opened, F_SETLK, &wanted) == 0 {
        // Whoever had it may have removed the file in between.
        if isFile(opened, at: path), let identity = identity(at: path) {
          held.insert(identity)
          return .success(Held(descriptor: opened, identity: identity))
        }
      } else if errno == EACCES || errno == EAGAIN {
        let state = state(of: opened)
        close(opened)
        if let state, state.isHeld {
          return .failure(.inUse(folder.path, process: Int(state.process)))
        }
        continue
      } else {
        close(opened)
        return .success(nil)
      }
      close(opened)
    }
  }

  deinit {
    guard let file else { return }
    Self.held.withLock { held in
      if isInPlace && !staysBehind { unlink(path) }
      held.remove(file.identity)
      close(file.descriptor)
    }
  }

  /// Says that the folder has another name now.
  func follow(to folder: RunFolder) { path = Self.path(in: folder) }

  /// Whether there is a locked file, so that no other process can write the run.
  var isHeld: Bool { file != nil }

  /// Whether the folder is still the one that was locked.
  var isInPlace: Bool { file.map { Self.isFile($0.descriptor, at: path) } ?? true }

  /// The process that writes the run; nil where none does.
  static func holder(of folder: RunFolder) -> Int? {
    look(into: folder, flags: O_RDONLY).flatMap { $0.isHeld ? Int($0.process) : nil }
  }

  /// Whether the run was interrupted: its file is there, but nobody holds it.
  static func isLeftBehind(in folder: RunFolder) -> Bool {
    look(into: folder, flags: O_RDWR).map { !$0.isHeld } ?? false
  }

  /// Whether a process holds a lock, and which.
  private struct State: Sendable {
    let isHeld: Bool
    let process: pid_t
  }

  /// How it is with the lock of a run; nil where there is no file of it, or it cannot be asked.
  private static func look(into folder: RunFolder, flags: Int32) -> State? {
    let path = path(in: folder)
    guard let identity = identity(at: path) else { return nil }
    return held.withLock { held in
      if held.contains(identity) { return State(isHeld: true, process: getpid()) }
      let file = open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
      guard file >= 0 else { return nil }
      defer { close(file) }
      return state(of: file)
    }
  }

  private static func state(of file: Int32) -> State? {
    var holder = whole
    guard fcntl(file, F_GETLK, &holder) == 0 else { return nil }
    return State(isHeld: holder.l_type != Int16(F_UNLCK), process: holder.l_pid)
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

  private static func identity(at path: String) -> Identity? {
    var status = stat()
    return stat(path, &status) == 0 ? Identity(status) : nil
  }

  private static func isFile(_ descriptor: Int32, at path: String) -> Bool {
    var (own, other) = (stat(), stat())
    return fstat(descriptor, &own) == 0 && stat(path, &other) == 0 && own.st_ino == other.st_ino
      && own.st_dev == other.st_dev
  }
}
