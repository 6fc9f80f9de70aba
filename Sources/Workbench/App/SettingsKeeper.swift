import Diffusion
import Dispatch
import Platform
import Synchronization
import TUI

/// Reads the settings file and the themes again when they change, and writes into the file what the user
/// chooses in the program.
///
/// It looks once a second, on a queue of its own: an editor that puts another file in the place of the
/// old one is seen like one that writes into it.
final class SettingsKeeper: Sendable {
  private struct State {
    /// The files' states when they were read, by their paths.
    var stamps: [String: Stamp] = [:]
    /// What the settings file had; nil where there was none.
    var text: String?
    var settings = UserSettings()
    /// Whether the settings file has been read.
    var hasSettings = false
    var themes: ThemeShelf?
  }

  private let path: String?
  private let themeFolders: @Sendable () -> [String]
  private let post: @Sendable (Message) -> Void
  private let queue = DispatchQueue(label: "settings")
  private let state = Mutex(State())

  static let interval = 1.0

  /// Keeps the settings in `path`, and the themes of the folders, which are asked for each time.
  init(
    path: String? = SettingsFile.path,
    themeFolders: @escaping @Sendable () -> [String] = { ResourceFolders.existing("themes") },
    post: @escaping @Sendable (Message) -> Void
  ) {
    (self.path, self.themeFolders, self.post) = (path, themeFolders, post)
  }

  /// Reads everything once the first frame is out, which would have to share the processors with it, and
  /// looks for changes from then on.
  func start() {
    queue.asyncAfter(deadline: .now() + 0.1) { self.begin() }
    lookLater()
  }

  private func lookLater() {
    queue.asyncAfter(deadline: .now() + Self.interval, qos: .utility) { [weak self] in
      self?.look()
      self?.lookLater()
    }
  }

  /// Takes in the files as they are, which is what the program started with.
  private func begin() {
    state.withLock { state in
      takeSettings(&state)
      readThemes(&state)
      state.stamps = stamps
    }
  }

  /// Takes in the settings file as it is, unless it has been read.
  private func takeSettings(_ state: inout State) {
    guard !state.hasSettings else { return }
    (state.text, state.hasSettings) = (text, true)
    guard let path, let text = state.text else { return }
    state.settings = SettingsFile.read(text, path: path).settings
  }

  /// Reads again what has changed.
  private func look() {
    state.withLock { state in
      let stamps = stamps
      guard stamps != state.stamps else { return }
      let changed = Set(stamps.keys).union(state.stamps.keys).filter {
        stamps[$0] != state.stamps[$0]
      }
      state.stamps = stamps
      if changed.contains(where: { $0 != path }) { readThemes(&state) }
      if let path, changed.contains(path) { readSettings(path, &state) }
    }
  }

  private func readThemes(_ state: inout State) {
    let earlier = state.themes
    let themes = ThemeShelf(folders: themeFolders(), after: earlier)
    state.themes = themes
    post(.themes(themes))
    // At the start the program has said what is wrong with the theme it uses.
    guard let earlier else { return }
    for problem in themes.newProblems(since: earlier) {
      post(.notice("\(problem); the theme stays as it was"))
    }
  }

  private func readSettings(_ path: String, _ state: inout State) {
    let text = text
    // What the program has written itself is known.
    guard text != state.text else { return }
    state.text = text
    let contents = SettingsFile.read(text ?? "", path: path, keeping: state.settings)
    if contents.settings != state.settings {
      post(.settings(from: state.settings, to: contents.settings))
    }
    state.settings = contents.settings
    if let problem = contents.problems.first {
      post(.notice("\(problem); that stays as it was"))
    }
  }

  /// Writes a setting into the file, after those that were chosen before.
  func save(_ key: [String], _ value: SettingValue) {
    guard let path else { return }
    queue.async { [self] in
      state.withLock { state in
        takeSettings(&state)
        do {
          // What somebody else has just changed there counts, too; a file that cannot be read is left alone.
          readSettings(path, &state)
          let present = access(path, F_OK) == 0 ? try RecipeLibrary.read(path) : ""
          let text = try SettingsFile.changing(key, to: value, in: present, file: path)
          let folder = path[..<(path.lastIndex(of: "/") ?? path.endIndex)]
          _ = try RunFolder.create(at: String(folder))
          try AtomicFile.replace(target(of: path), with: Array(text.utf8))
          state.text = text
          state.settings = SettingsFile.read(text, path: path, keeping: state.settings).settings
        } catch {
          post(.notice("\(error)"))
        }
      }
    }
  }

  /// The file itself where the path is a link to it, which stays one.
  private func target(of path: String) -> String { ResourceFolders.realPath(path) ?? path }

  /// Waits until everything is written.
  func finish() { queue.sync {} }

  /// The text of the settings file; nil where there is none.
  private var text: String? {
    path.flatMap { access($0, F_OK) == 0 ? try? RecipeLibrary.read($0) : nil }
  }

  // MARK: Changes

  /// What tells one state of a file from another.
  private struct Stamp: Equatable {
    var seconds: Int
    var nanoseconds: Int
    var size: Int
    var number: UInt64

    init?(_ path: String) {
      var status = stat()
      guard stat(path, &status) == 0 else { return nil }
      #if os(Linux)
        let time = status.st_mtim
      #else
        let time = status.st_mtimespec
      #endif
      (seconds, nanoseconds) = (Int(time.tv_sec), Int(time.tv_nsec))
      (size, number) = (Int(status.st_size), UInt64(status.st_ino))
    }
  }

  private var stamps: [String: Stamp] {
    let themes = themeFolders().flatMap { folder in
      ResourceFolders.files(in: folder, ending: ".toml").map { "\(folder)/\($0)" }
    }
    var stamps: [String: Stamp] = [:]
    for file in themes + [path].compactMap(\.self) { stamps[file] = Stamp(file) }
    return stamps
  }
}
