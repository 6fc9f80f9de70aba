internal import Platform

extension Folder {
  /// Makes a folder, unless there is one.
  static func make(_ path: String) throws(FileError) {
    guard mkdir(path, 0o777) != 0 else { return }
    let code = errno
    if code == EEXIST, PathKind(path) == .folder { return }
    throw FileError(path, .unwritable, "the folder cannot be created: \(systemMessage(code))")
  }
}
