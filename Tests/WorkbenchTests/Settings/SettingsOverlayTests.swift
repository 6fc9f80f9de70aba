import TUI
import Testing

@testable import Diffusion
@testable import Workbench

@Suite("Choosing themes and settings")
struct SettingsOverlayTests {
  private static let light: Theme = {
    var theme = Theme.dark
    theme.name = "light"
    theme.isDark = false
    return theme
  }()

  /// A stage with two themes.
  private func stage() throws -> Stage {
    var stage = try Stage.training(.digits)
    stage.application.world.themes = ["dark", "light", "other"]
    stage.application.world.theme = { name in
      switch name {
      case "dark": .dark
      case "light": Self.light
      default: nil
      }
    }
    return stage
  }

  private func saved(_ stage: Stage) -> [String] {
    stage.effects.all.compactMap {
      if case .saveSetting(let path, let value) = $0 {
        "\(path.joined(separator: ".")) = \(value)"
      } else {
        nil
      }
    }
  }

  @Test("a theme is shown while it is selected, kept with enter, and left with escape")
  func preview() throws {
    var stage = try stage()
    #expect(stage.application.theme.name == "dark")
    stage.press("t", .down, .down)
    #expect(stage.application.theme.name == "light" && stage.application.settings.theme == "auto")
    stage.press(.up)
    #expect(stage.application.theme.name == "dark")
    stage.press(.down, .escape)
    #expect(stage.application.theme.name == "dark" && stage.application.overlay == nil)
    #expect(saved(stage).isEmpty)
    stage.press("t")
    stage.type("light")
    #expect(stage.application.theme.name == "light", "typing selects, too")
    stage.press(.enter)
    #expect(stage.application.theme.name == "light" && stage.application.overlay == nil)
    #expect(saved(stage) == ["theme = \"light\""])
    // It begins at what is chosen.
    stage.press("t")
    #expect(stage.application.theme.name == "light")
  }

  @Test(
    "themes that are read while they are chosen from join the list; the same one stays selected")
  func joining() throws {
    var stage = try stage()
    stage.application.world.themes = ["dark"]
    stage.press("t", .down)
    stage.send([.themes(ThemeShelf(folders: ResourceFolders.existing("themes")))])
    let lines = stage.drawn(120, 40).lines.joined(separator: "\n")
    #expect(lines.contains("▸ dark") && lines.contains("high-contrast"))
  }

  @Test("a theme of the palette is shown while it is selected")
  func paletteTheme() throws {
    var stage = try stage()
    stage.type(":switch theme light")
    #expect(stage.application.theme.name == "light")
    stage.press(.escape)
    #expect(stage.application.theme.name == "dark")
  }

  @Test("auto follows the terminal's background, as soon as it is known")
  func automatic() throws {
    var stage = try stage()
    _ = stage.application.update(.background(Color(hex: 0xFFFFFF)))
    #expect(stage.application.theme.name == "light")
    _ = stage.application.update(.background(Color(hex: 0x101010)))
    #expect(stage.application.theme.name == "dark")
    stage.type(":switch theme light")
    stage.press(.enter)
    #expect(stage.application.theme.name == "light", "what was chosen stays")
  }

  @Test("a theme without a background of its own is light on a light terminal")
  func transparent() throws {
    var stage = try stage()
    var clear = Theme.dark
    clear.looks[.background] = nil
    stage.application.world.theme = { [clear] _ in clear }
    stage.application.world.depth = .trueColor
    _ = stage.application.update(.background(Color(hex: 0xFFFFFF)))
    stage.type(":switch theme other")
    stage.press(.enter)
    #expect(!stage.application.theme.isDark)
  }

  @Test("the settings are a form: arrows change, enter lets one type, each change is saved")
  func form() throws {
    var stage = try stage()
    stage.press("O", .down, .down, .down, .right)
    #expect(stage.application.settings.imageStyle == .quadrants)
    #expect(saved(stage) == ["images = \"quadrants\""])
    stage.press(.down, .enter)
    #expect(!stage.application.takesMouse)
    stage.press(.down, .right)
    #expect(
      stage.effects.commands.contains { if case .limitSpeed(false) = $0 { true } else { false } })
    stage.press(.down, .enter)
    stage.type("0")
    stage.press(.enter)
    #expect(stage.application.lineProblem.contains("a whole number from 1"))
    stage.press(.control("u"))
    stage.type("30")
    stage.press(.enter)
    #expect(stage.application.settings.statusInterval == 30)
    #expect(stage.application.overlay == .settings(SettingsForm(field: 6)))
    #expect(saved(stage).last == "status_interval = 30")
    stage.press(.escape)
    #expect(stage.application.overlay == nil)
  }

  @Test("keys are typed in the form, work at once, and are shown everywhere")
  func keys() throws {
    var stage = try stage()
    stage.press("O")
    let index = try #require(stage.application.settingFields.firstIndex { $0.key == "keys.pause" })
    for _ in 0..<index { stage.press(.down) }
    stage.press(.enter)
    stage.press(.control("u"))
    stage.type("s")
    stage.press(.enter)
    #expect(stage.application.lineProblem.contains("s would mean both"))
    stage.press(.control("u"))
    stage.type("G f9")
    stage.press(.enter, .escape)
    #expect(saved(stage) == ["keys.pause = [\"G\", \"f9\"]"])
    #expect(stage.application.hints.contains { $0.key == "G" && $0.hint.label == "pause" })
    let before = stage.effects.commands.count
    stage.press("p")
    #expect(stage.effects.commands.count == before)
    stage.press(.function(9))
    #expect(stage.effects.commands.count == before + 1)
    stage.press("?")
    #expect(stage.drawn(200, 60).lines.contains { $0.contains("G F9  Pause or resume training") })
    stage.press(.escape)
    stage.type(":pause or resume")
    #expect(stage.application.paletteEntries.first?.keys == "G F9")
  }

  @Test("a movement's other keys act like it, but not where text is typed")
  func movements() throws {
    var stage = try stage()
    stage.send([
      .settings(
        from: UserSettings(),
        to: {
          var settings = UserSettings()
          settings.keys = ["down": ["j"], "up": ["K"]]
          return settings
        }())
    ])
    stage.press("O", "j", "j")
    #expect(stage.application.overlay == .settings(SettingsForm(field: 2)))
    stage.press("K", .escape, ":", "j")
    #expect(stage.application.line.text == "j")
  }

  @Test("the bottom line ends with help and quit, whatever their keys")
  func ends() throws {
    var stage = try stage()
    stage.send([
      .settings(
        from: UserSettings(),
        to: {
          var settings = UserSettings()
          settings.keys = ["keys": ["H"], "quit": ["Q"]]
          return settings
        }())
    ])
    let line = try #require(stage.drawn(80, 24).lines.last)
    #expect(line.contains("H keys   Q quit"))
    stage.press(.control("c"))
    #expect(stage.application.overlay == .quitting, "control-C always quits")
  }

  @Test("what changed in the file is used, and what was chosen for this session only stays")
  func reread() throws {
    var stage = try stage()
    stage.application.settings.theme = "light"
    var now = UserSettings()
    now.imageStyle = .ascii
    stage.send([.settings(from: UserSettings(), to: now)])
    #expect(stage.application.settings.imageStyle == .ascii)
    #expect(stage.application.theme.name == "light")
    #expect(stage.application.session.notices.last?.text == "settings read again: images")
  }

  @Test("every command that keys can be chosen for has a name of its own")
  func names() {
    let names = KeyMap<Action, KeyContext>.commands.map(\.name)
    #expect(Set(names).count == names.count, "\(names.sorted())")
    #expect(
      names.allSatisfy { $0.allSatisfy { $0.isLetter || $0 == "-" || $0.isNumber } }, "\(names)")
  }

  @Test("a click chooses a setting, and an arrow beside it changes it")
  func mouse() throws {
    var stage = try stage()
    stage.press("O")
    let surface = stage.drawn(120, 40)
    let row = try #require(
      surface.lines.firstIndex { $0.contains("images ") && $0.contains("half-blocks") })
    let column = try #require((0..<120).last { surface[$0, row].scalar == "›" })
    _ = stage.application.update(.mouse(MouseEvent(.press, x: column, y: row)))
    #expect(stage.application.overlay == .settings(SettingsForm(field: 3)))
    #expect(stage.application.settings.imageStyle == .quadrants)
    _ = stage.application.update(.mouse(MouseEvent(.press, x: 1, y: 10)))
    #expect(stage.application.overlay == nil)
  }

  @Test("the form is drawn at all sizes", arguments: [Size(40, 12), Size(80, 24), Size(120, 40)])
  func golden(_ size: Size) throws {
    var stage = try stage()
    _ = stage.drawn(size.width, size.height)
    stage.press("O", .down, .down, .down)
    try expectGolden(stage.drawn(size.width, size.height), "settings")
    stage.press(.escape, "t", .down)
    try expectGolden(stage.drawn(size.width, size.height), "themes")
  }
}
