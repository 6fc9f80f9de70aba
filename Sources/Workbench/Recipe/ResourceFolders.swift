import Diffusion
import Platform

/// The folders in which files that come with the program, or that the user wrote, are looked for.
enum ResourceFolders {
  /// The folders called `kind`, such as "recipes", that exist, in the order of preference: in the
  /// working directory, in the repository the program was built in, where it was installed, and the
  /// user's own.
  static func existing(_ kind: String) -> [String] {
    var folders = [kind]
    if let program = programPath {
      let parts = program.split(separator: "/").dropLast()
      let ancestors = parts.indices.reversed().map { "/" + parts[...$0].joined(separator: "/") }
      if let repository = ancestors.first(where: { access("\($0)/Package.swift", F_OK) == 0 }) {
        folders.append("\(repository)/\(kind)")
      }
      if ancestors.count > 1 {
        folders.append("\(ancestors[1])/share/diffusion-workbench/\(kind)")
      }
    }
    if let home = userFolder { folders.append("\(home)/diffusion-workbench/\(kind)") }
    var seen: Set<String> = []
    return folders.filter { folder in
      guard let real = realPath(folder) else { return false }
      return isFolder(folder) && seen.insert(real).inserted
    }
  }

  /// The files in `folder` whose names end so, sorted by what is before the ending.
  static func files(in folder: String, ending: String) -> [String] {
    entries(of: folder).filter { $0.hasSuffix(ending) }
      .sorted { $0.dropLast(ending.count) < $1.dropLast(ending.count) }
  }

  /// The names of the folders in `folder`, in no order.
  static func folders(in folder: String) -> [String] {
    entries(of: folder).filter { isFolder("\(folder)/\($0)") }
  }

  /// The names in a folder but those that begin with a dot; none where it cannot be read.
  private static func entries(of folder: String) -> [String] {
    Folder.names(in: folder).filter { !$0.hasPrefix(".") }
  }

  static func isFolder(_ path: String) -> Bool { kind(of: path) == S_IFDIR }

  static func isPipe(_ path: String) -> Bool { kind(of: path) == S_IFIFO }

  private static func kind(of path: String) -> mode_t? {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
  }

  /// The running program's file, or nil where the system does not tell.
  static var programPath: String? {
    #if os(Linux)
      return realPath("/proc/self/exe")
    #else
      return realPath(CommandLine.arguments[0])
    #endif
  }

  /// A path from the root without links, or nil where nothing is there.
  static func realPath(_ path: String) -> String? {
    realpath(path, nil).map { real in
      defer { free(real) }
      return String(cString: real)
    }
  }

  /// Where the user's own files are: `$XDG_CONFIG_HOME`, else `~/.config`.
  static var userFolder: String? {
    func variable(_ name: String) -> String? {
      getenv(name).map { String(cString: $0) }.flatMap { $0.hasPrefix("/") ? $0 : nil }
    }
    return variable("XDG_CONFIG_HOME") ?? variable("HOME").map { "\($0)/.config" }
  }
}
