internal import Platform

/// A file that replaces the one before it as a whole: after any end of the program or the machine,
/// its path holds either all of the old content or all of the new.
///
/// It is written under a temporary name in the same folder, synced, renamed, and the folder synced.
/// When anything fails, the old file stays and the temporary one goes. One writer a path at a time.
package struct AtomicFile {
  private let path: String
  private let file: Int32
  private let calls: WriteCalls

  /// Adds bytes at the end of the new content.
  func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    try calls.writeAll(file, bytes, path: path)
  }

  func write(_ bytes: [UInt8]) throws(FileError) {
    try bytes.withUnsafeBufferPointer { buffer throws(FileError) in
      try write(UnsafeRawBufferPointer(buffer))
    }
  }

  /// Replaces the file at `path` by what `body` writes.
  static func replace(
    _ path: String, calls: WriteCalls = .system,
    with body: (AtomicFile) throws(FileError) -> Void
  ) throws(FileError) {
    removeLeftovers(of: path, calls)
    let temporary = temporaryName(path, process: getpid())
    let file = Int32(
      try calls.check(calls.openFile(temporary, WriteCalls.create), path, "written"))
    do throws(FileError) {
      do throws(FileError) {
        try body(AtomicFile(path: path, file: file, calls: calls))
        try calls.check(calls.syncFile(file), path, "synced")
      } catch {
        _ = calls.closeFile(file)
        throw error
      }
      // Some file systems report a full disk only here.
      try calls.check(calls.closeFile(file), path, "written")
      try calls.check(calls.renameFile(temporary, path), path, "renamed")
    } catch {
      _ = calls.removeFile(temporary)
      throw error
    }
    try syncFolder(of: path, calls)
  }

  /// Replaces the file at `path` by `bytes`.
  package static func replace(_ path: String, with bytes: [UInt8]) throws(FileError) {
    try replace(path) { file throws(FileError) in try file.write(bytes) }
  }

  /// Makes the renaming itself last.
  private static func syncFolder(of path: String, _ calls: WriteCalls) throws(FileError) {
    let (folder, _) = split(path)
    let descriptor = Int32(
      try calls.check(calls.openFile(folder, WriteCalls.folder), folder, "synced"))
    let result = calls.syncFile(descriptor)
    _ = calls.closeFile(descriptor)
    if result != WriteCalls.cannotSync { try calls.check(result, folder, "synced") }
  }
}

extension AtomicFile {
  static let suffix = ".partial"

  private static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    let folder = slash == path.startIndex ? "/" : String(path[..<slash])
    return (folder, String(path[path.index(after: slash)...]))
  }

  static func temporaryName(_ path: String, process: Int32) -> String {
    let (folder, name) = split(path)
    return "\(folder)/.\(name).\(process)\(suffix)"
  }

  /// Removes the temporary files of writers that were killed.
  private static func removeLeftovers(of path: String, _ calls: WriteCalls) {
    let (folder, name) = split(path)
    removeLeftovers(in: folder, beginning: ".\(name).", calls)
  }

  /// Removes the temporary files in a folder of writers that were killed, whatever they wrote.
  package static func removeLeftovers(in folder: String) {
    removeLeftovers(in: folder, beginning: ".", .system)
  }

  private static func removeLeftovers(
    in folder: String, beginning prefix: String, _ calls: WriteCalls
  ) {
    for entry in Folder.names(in: folder) where entry.hasPrefix(prefix) && entry.hasSuffix(suffix) {
      let name = entry.dropLast(suffix.count)
      guard let dot = name.lastIndex(of: "."), dot > name.startIndex,
        let process = Int32(name[name.index(after: dot)...]), process > 0
      else { continue }
      let isGone = kill(process, 0) != 0 && errno == ESRCH
      if isGone { _ = calls.removeFile("\(folder)/\(entry)") }
    }
  }

  /// Keeps the file at a path under another name as well, in place of what has that name; nothing where
  /// there is no such file, or the file system knows no second names.
  package static func keep(_ path: String, as other: String) {
    let temporary = temporaryName(other, process: getpid())
    _ = unlink(temporary)
    guard link(path, temporary) == 0 else { return }
    if rename(temporary, other) != 0 { _ = unlink(temporary) }
    // Where both are the same file already, renaming does nothing at all.
    _ = unlink(temporary)
  }
}
