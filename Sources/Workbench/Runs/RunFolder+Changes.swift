import Diffusion
import Platform

/// Giving a run another name, and removing it: only of runs that nobody writes.
extension RunFolder {
  /// The folder that runs like this are in.
  var parent: String {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    return parts.isEmpty ? "." : parts.joined(separator: "/")
  }

  /// Why a run cannot have this name, as a sentence; nil where it can.
  static func problem(withName name: String) -> String? {
    if name.isEmpty { return "a run needs a name" }
    return fileName(for: name) == name
      ? nil : "\(Wording.quoted(name)) cannot be the name of a folder"
  }

  /// Gives the run another name in the same place; a run of that name stays as it is.
  func changeName(to name: String) throws(RunError) -> RunFolder {
    if let problem = Self.problem(withName: name) { throw .failed(problem) }
    let new = RunFolder(path: "\(parent)/\(name)")
    let wasInterrupted = RunLock.isLeftBehind(in: self)
    let lock = try lockForChange()
    lock.staysBehind = wasInterrupted
    // An empty folder takes the name at once or not at all; the run then takes its place.
    guard mkdir(new.path, 0o777) == 0 else { throw .failed(Self.reason(new.path, "taken")) }
    guard rename(path, new.path) == 0 else {
      let reason = Self.reason(path, "renamed")
      rmdir(new.path)
      throw .failed(reason)
    }
    lock.follow(to: new)
    return new
  }

  /// Removes the run with all that is in its folder.
  func delete() throws(RunError) {
    let lock = try lockForChange()
    // Under a name that no list shows, so that half a run is never seen.
    let hidden = "\(parent)/.deleted-\(name)"
    Self.removeAll(hidden)
    guard rename(path, hidden) == 0 else {
      throw .failed(Self.reason(path, "removed"))
    }
    lock.follow(to: RunFolder(path: hidden))
    guard Self.removeAll(hidden) else {
      let reason = Self.reason(path, "removed")
      if rename(hidden, path) == 0 { lock.follow(to: self) }
      throw .failed(reason)
    }
  }

  /// The right to change the folder itself, which must be a folder that can be written to and no link to one.
  private func lockForChange() throws(RunError) -> RunLock {
    var status = stat()
    guard lstat(path, &status) == 0 else { throw .failed(Self.reason(path, "changed")) }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw .failed("\(path): is a link to a folder; change the folder itself")
    }
    let lock = try RunLock(self)
    guard lock.isHeld else { throw .failed("\(path): cannot be changed: it cannot be written to") }
    return lock
  }

  /// Removes a file, or a folder with all that is in it, without following links.
  @discardableResult
  private static func removeAll(_ path: String) -> Bool {
    if unlink(path) == 0 { return true }
    for name in Folder.names(in: path) { removeAll("\(path)/\(name)") }
    return rmdir(path) == 0
  }

  private static func reason(_ path: String, _ done: String) -> String {
    "\(path): cannot be \(done): \(String(cString: strerror(errno)))"
  }
}
