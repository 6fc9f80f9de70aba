import TUI
import Testing

@testable import Diffusion
@testable import Workbench

@Suite("The settings file")
struct SettingsFileTests {
  private func read(_ text: String) -> SettingsFile.Contents {
    SettingsFile.read(text, path: "settings.toml")
  }

  @Test("what it says is used, what it does not say is as without it")
  func reading() {
    let contents = read(
      """
      theme = "light"
      mouse = false
      [keys]
      pause = "G"
      play = ["J", "f5"]
      left = "j"
      """)
    #expect(contents.problems.isEmpty)
    var expected = UserSettings()
    expected.theme = "light"
    expected.takesMouse = false
    expected.keys = ["pause": ["G"], "play": ["J", .function(5)], "left": ["j"]]
    #expect(contents.settings == expected)
    #expect(read("").settings == UserSettings())
  }

  static let mistakes: [(String, String)] = [
    ("theme = \n", "settings.toml:1: "),
    ("\nthem = \"dark\"", "settings.toml:2: there is no setting “them”; did you mean theme?"),
    ("colour = 1", "expected one of theme, dark_theme"),
    ("mouse = 3", "settings.toml:1: mouse is 3; expected true or false"),
    ("images = \"oil\"", "images is “oil”; expected one of half-blocks, quadrants, braille, ascii"),
    ("status_interval = 0", "a whole number from 1 to 86400"),
    ("keys = 3", "keys is not a table; expected [keys]"),
    ("[keys]\nwait = \"G\"", "settings.toml:2: there is no command “wait”"),
    ("[keys]\npausse = \"G\"", "did you mean pause?"),
    (
      "[keys]\npause = \"hyper\"",
      "settings.toml:2: pause: “hyper” is not a key; expected keys such as"
    ),
    ("[keys]\npause = 3", "pause: 3 is not a key"),
    ("[keys]\npause = \"up\"", "pause: up keeps its meaning; expected a letter"),
    ("[keys]\npause = \"ctrl-c\"", "ctrl-c keeps its meaning"),
    ("[keys]\n# x\npause = \"s\"", "settings.toml:3: s would mean both sample (draw samples"),
    ("[keys]\nswap = \"d\"", "d would mean both difference"),
    ("[keys]\nleft = \"p\"", "p would mean both pause"),
    ("[keys]\npause = \"g\"\nplay = \"g\"", "g would mean both"),
    // The dialogs' own answers.
    ("[keys]\nlog-scale = \"Y\"\nescape = \"y\"", "y would mean both"),
    ("[keys]\nnext-panel = \"j\"\nup = \"tab\"", "tab would mean both"),
  ]

  @Test("a mistake is told with the line and what was expected", arguments: mistakes)
  func mistakesAreTold(_ text: String, _ mark: String) throws {
    let problem = try #require(read(text).problems.first?.description)
    #expect(problem.contains(mark), "\(problem)")
  }

  @Test("what is wrong stays as it was, and the rest is used")
  func partly() {
    var earlier = UserSettings()
    earlier.imageStyle = .braille
    earlier.keys = ["pause": ["G"]]
    let text = "theme = \"light\"\npictures = 3\n[keys]\npause = 5\n"
    let contents = SettingsFile.read(text, path: "f", keeping: earlier)
    #expect(contents.problems.count == 2)
    #expect(contents.settings.theme == "light")
    #expect(contents.settings.imageStyle == .braille && contents.settings.keys == earlier.keys)
    #expect(SettingsFile.read("theme", path: "f", keeping: earlier).settings == earlier)
  }

  @Test("two commands may change keys with one another")
  func swapped() throws {
    let contents = read("[keys]\npause = \"space\"\nplay = \"p\"")
    #expect(contents.problems.isEmpty)
    let keys = try KeyMap.workbench.choosing(contents.settings.keys)
    #expect(keys.action(for: " ", in: []) == .togglePause && keys.action(for: "p", in: []) == .play)
    // The enlarged sample plays with the same key.
    #expect(keys.action(for: "p", in: [.overlay, .enlarged]) == .play)
  }

  // MARK: Writing

  private func changed(_ path: [String], _ value: SettingValue, in text: String) throws -> String {
    try SettingsFile.changing(path, to: value, in: text, file: "settings.toml")
  }

  @Test("a value is changed in its place; comments, order and unknown content stay")
  func inPlace() throws {
    let text =
      "# mine\r\n theme='dark'   # at night\r\nfuture = [1, # one\n 2]\n\n[other]\nx = \"\"\"a\nb\"\"\"\n"
    #expect(
      try changed(["theme"], .text("light"), in: text)
        == text.replacing("'dark'", with: "\"light\""))
    #expect(
      try changed(["mouse"], .flag(false), in: text)
        == text.replacing(" 2]\n", with: " 2]\nmouse = false\n"))
  }

  @Test("a value that is not there yet comes where it belongs")
  func added() throws {
    #expect(try changed(["theme"], .text("light"), in: "") == "theme = \"light\"\n")
    #expect(
      try changed(["theme"], .text("a"), in: "# about\n[keys]\npause = \"G\"\n")
        == "# about\ntheme = \"a\"\n\n[keys]\npause = \"G\"\n")
    #expect(
      try changed(["keys", "pause"], .text("G"), in: "theme = \"a\"")
        == "theme = \"a\"\n\n[keys]\npause = \"G\"\n")
    #expect(
      try changed(["keys", "pause"], .text("G"), in: "[keys] # mine\n[other]\n")
        == "[keys] # mine\npause = \"G\"\n[other]\n")
    #expect(
      try changed(
        ["keys", "play"], .list([.text("j"), .text("f5")]), in: "[keys]\npause = \"G\" # p\n")
        == "[keys]\npause = \"G\" # p\nplay = [\"j\", \"f5\"]\n")
    for text in ["keys = {}", "keys = { pause = \"G\" }", "keys.pause = \"G\"\ntheme = \"a\""] {
      let after = try changed(["keys", "play"], .text("j"), in: text)
      #expect(read(after).settings.keys["play"] == ["j"], "\(after)")
    }
  }

  @Test("a text that is no TOML is not touched")
  func broken() {
    #expect(throws: RecipeError.self) { try changed(["theme"], .text("a"), in: "theme = [") }
  }
}
