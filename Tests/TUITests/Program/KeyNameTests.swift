import Testing

@testable import TUI

@Suite("Names of keys")
struct KeyNameTests {
  @Test("every key has a name by which it is found")
  func names() {
    let keys: [Key] =
      ["p", "P", "?", " ", "é", .control("r"), .up, .shiftUp, .pageDown, .home, .insert, .delete]
      + [.backspace, .tab, .backTab, .enter, .escape, .function(1), .function(12)]
    for key in keys { #expect(Key(name: key.name) == key, "\(key.name)") }
    #expect(
      Key(name: "Space") == " " && Key(name: "Ctrl-X") == .control("x")
        && Key(name: "F5") == .function(5))
  }

  @Test(
    "what is no key has none",
    arguments: ["", " ", "pp", "f13", "ctrl-", "ctrl-1", "\u{7}", "super-x"])
  func nonsense(_ name: String) { #expect(Key(name: name) == nil) }
}
