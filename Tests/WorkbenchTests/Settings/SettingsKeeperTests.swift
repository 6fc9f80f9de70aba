import Foundation
import Synchronization
import TUI
import Testing

@testable import Diffusion
@testable import Workbench

@Suite("Watching the settings and the themes")
struct SettingsKeeperTests {
  /// Collects what is posted.
  private final class Post: Sendable {
    private let messages = Mutex<[Message]>([])
    func add(_ message: Message) { messages.withLock { $0.append(message) } }

    /// Waits for a message as wanted.
    func wait<Result>(_ wanted: (Message) -> Result?) throws -> Result {
      let end = Date.now + 20
      while Date.now < end {
        if let found = messages.withLock({ $0 }).compactMap(wanted).last { return found }
        usleep(20_000)
      }
      throw CommandError("waited in vain; there is \(messages.withLock { $0.count })")
    }

    func count(_ wanted: (Message) -> Bool) -> Int { messages.withLock { $0.count(where: wanted) } }

    func notices(with mark: String) -> Int {
      messages.withLock {
        $0.count { if case .notice(let text) = $0 { text.contains(mark) } else { false } }
      }
    }
  }

  private func write(_ text: String, _ path: String) throws {
    // As editors do: another file in the place of the old one.
    try text.write(toFile: path, atomically: true, encoding: .utf8)
  }

  @Test("what is chosen before the files have been read takes nothing of them back")
  func early() throws {
    try withFolder { folder in
      let path = folder + "/settings.toml"
      try write("theme = \"light\"\nmouse = false\n", path)
      let post = Post()
      let keeper = SettingsKeeper(path: path, themeFolders: { [] }, post: { post.add($0) })
      keeper.start()
      keeper.save(["theme"], .text("ember"))
      keeper.finish()
      _ = try post.wait { if case .themes = $0 { true } else { nil } }
      #expect(post.count { if case .settings = $0 { true } else { false } } == 0)
      #expect(try String(contentsOfFile: path, encoding: .utf8).hasPrefix("theme = \"ember\""))
    }
  }

  @Test(
    "a theme that changes is read again; a broken one stays as it was and is told once, with its line"
  )
  func themes() throws {
    try withFolder { folder in
      let path = folder + "/mine.toml"
      try write("[colors]\naccent = \"#111111\"\n", path)
      let post = Post()
      let keeper = SettingsKeeper(
        path: folder + "/settings.toml", themeFolders: { [folder] }, post: { post.add($0) })
      keeper.start()
      func accent(_ hex: UInt32) throws {
        _ = try post.wait { message -> Bool? in
          guard case .themes(let shelf) = message else { return nil }
          return shelf["mine"]?.style(.accent).foreground == Color(hex: hex) ? true : nil
        }
      }
      try accent(0x111111)
      try write("[colors]\naccent = \"#222222\"\n", path)
      try accent(0x222222)
      try write("[colors]\n\naccent = \"mauve\"\n", path)
      let notice = try post.wait { message -> String? in
        if case .notice(let text) = message { text } else { nil }
      }
      #expect(notice.contains("mine.toml:3: colors.accent is not a colour; expected"))
      try write("other = 1\n", folder + "/second.toml")
      _ = try post.wait { message -> Bool? in
        if case .notice(let text) = message, text.contains("second.toml") { true } else { nil }
      }
      #expect(post.notices(with: "mine.toml") == 1)
      try accent(0x222222)
    }
  }

  @Test("a settings file that cannot be read is left as it is")
  func unreadable() throws {
    try withFolder { folder in
      let path = folder + "/settings.toml"
      let bytes = Data([0x23, 0x20, 0xFC, 0x0A])  // a comment in Latin-1
      try bytes.write(to: URL(fileURLWithPath: path))
      let post = Post()
      let keeper = SettingsKeeper(path: path, themeFolders: { [] }, post: { post.add($0) })
      keeper.save(["theme"], .text("light"))
      keeper.finish()
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
      #expect(post.notices(with: "UTF-8") > 0)
    }
  }

  @Test("settings changed in the file are told; what the program writes itself is not")
  func settings() throws {
    try withFolder { folder in
      let path = folder + "/config/settings.toml"
      let post = Post()
      let keeper = SettingsKeeper(path: path, themeFolders: { [] }, post: { post.add($0) })
      keeper.start()
      keeper.save(["theme"], .text("light"))
      keeper.save(["mouse"], .flag(false))
      keeper.finish()
      #expect(
        try String(contentsOfFile: path, encoding: .utf8) == "theme = \"light\"\nmouse = false\n")
      usleep(1_300_000)
      try write("theme = \"light\"\nmouse = true\n[keys]\npause = \"G\"\n", path)
      let (before, now) = try post.wait { message -> (UserSettings, UserSettings)? in
        if case .settings(let before, let now) = message { (before, now) } else { nil }
      }
      #expect(now.changes(since: before) == ["mouse", "keys"])
      try write("theme = \n", path)
      let notice = try post.wait { message -> String? in
        if case .notice(let text) = message { text } else { nil }
      }
      #expect(notice.contains("settings.toml:1: "))
    }
  }
}
