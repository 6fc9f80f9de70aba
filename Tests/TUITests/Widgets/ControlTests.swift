import TUI
import Testing

@Suite("Fields, lists and help")
struct ControlTests {
  @Test("a field shows its value between marks, bright where it is focused")
  func field() {
    let field = Field("learning rate", value: "2.0e-3", live: true)
    #expect(drawn(field, 50, 1).lines == ["  learning rate ‹   2.0e-3 ›  live"])
    var focused = field
    focused.isFocused = true
    let surface = drawn(focused, 50, 1)
    #expect(surface.lines == ["▸ learning rate ‹   2.0e-3 ›  live"])
    #expect(surface[20, 0].style.foreground == Theme.dark.style(.accent).foreground)
  }

  @Test("where room is short the label is cut, not the value")
  func narrowField() {
    #expect(
      drawn(Field("learning rate", value: "2.0e-3"), 22, 1).lines == ["  learni… ‹   2.0e-3 ›"])
  }

  @Test("what is typed takes the place of a selected text, unless the cursor was moved first")
  func selection() {
    var line = TextField("0.001", selected: true)
    let surface = drawn(line, 8, 1)
    #expect((0..<5).allSatisfy { surface[$0, 0].style.attributes.contains(.reverse) })
    line.insert("2")
    line.insert("5")
    #expect(line.text == "25" && !line.isSelected)
    var kept = TextField("0.001", selected: true)
    kept.move(by: -1)
    kept.insert("0")
    #expect(kept.text == "0.0001")
    var deleted = TextField("0.001", selected: true)
    deleted.deleteBackward()
    #expect(deleted.isEmpty)
  }

  @Test("a text longer than its line shows at which side there is more")
  func scrolled() {
    var line = TextField("abcdefghijkl")
    #expect(drawn(line, 6, 1).lines == ["…ijkl"])
    line.moveToStart()
    #expect(drawn(line, 6, 1).lines == ["abcde…"])
    line.move(by: 7)
    #expect(drawn(line, 6, 1).lines == ["…defgh"])
  }

  @Test("the bottom line tells which hint is under a column")
  func hintUnderMouse() {
    let bar = HelpBar(
      [KeyHint("p", "pause"), KeyHint("space", "stop")], last: [KeyHint("q", "quit")])
    let area = Rect(x: 0, y: 0, width: 40, height: 1)
    #expect(bar.hint(atColumn: 1, in: area)?.keys == "p")
    #expect(bar.hint(atColumn: 8, in: area) == nil)
    #expect(bar.hint(atColumn: 11, in: area)?.keys == "space")
    #expect(bar.hint(atColumn: 24, in: area)?.keys == "q")
    #expect(bar.hint(atColumn: 39, in: area) == nil)
  }

  @Test("a form lines up its values and scrolls to the focus")
  func form() throws {
    let fields = (1...6).map { Field($0 == 2 ? "batch size" : "f\($0)", value: "\($0)") }
    try expectGolden(drawn(Form(fields, focus: 1), 32, 7), "form")
    try expectGolden(drawn(Form(fields, focus: 4), 32, 3), "form-scrolled")
    let area = Rect(x: 0, y: 1, width: 32, height: 9)
    #expect(Form(fields, focus: nil).field(atRow: 0, in: area) == nil)
    #expect(Form(fields, focus: nil).field(atRow: 2, in: area) == 1)
    #expect(Form(fields, focus: nil).field(atRow: 7, in: area) == nil)
  }

  @Test("a text field edits under its cursor")
  func textField() {
    var field = TextField("0.02")
    field.move(by: -2)
    field.insert("1")
    #expect(field.text == "0.102")
    field.deleteBackward()
    field.deleteForward()
    #expect(field.text == "0.2")
    field.moveToStart()
    field.deleteBackward()
    field.moveToEnd()
    field.deleteForward()
    #expect(field.text == "0.2")
    field.insert(" and more")
    field.deleteWord()
    #expect(field.text == "0.2 and ")
    field.insert("\u{1B}[2J")
    #expect(!field.text.unicodeScalars.contains("\u{1B}"))
    field.clear()
    #expect(field.isEmpty && field.cursor == 0)
  }

  @Test("a text field longer than its area shows the part around the cursor")
  func longTextField() {
    #expect(drawn(TextField("runs/digits-1204"), 8, 1).lines == ["…s-1204"])
  }

  @Test("values in a list stand in one column with their units behind")
  func keyValueList() throws {
    let list = KeyValueList(
      [
        .init("step", "2,140 / 20,000"), .init("images/s", "712"),
        .init("step", "89.9", unit: "ms"), .init("memory", "214", unit: "MB"),
      ], columns: 2)
    try expectGolden(drawn(list, 60, 3), "key-value-list")
    #expect(drawn(list, 22, 2).lines.allSatisfy { $0.columnCount <= 22 })
  }

  @Test("a table marks its selected row and says that there is more")
  func table() throws {
    let rows: [[StyledText]] = (1...8).map {
      ["digits-\($0)", StyledText(Numbers.grouped($0 * 500))]
    }
    let table = Table(
      [.init("run"), .init("steps", alignment: .right)], rows: rows, selected: 4)
    try expectGolden(drawn(table, 30, 5), "table")
    let empty = Table([.init("run")], rows: [], placeholder: "no runs yet")
    #expect(drawn(empty, 21, 4).lines[2] == "     no runs yet")
  }

  @Test("the help bar shows as many keys as fit and keeps the last")
  func helpBar() {
    let bar = HelpBar(
      [.init("space", "pause"), .init("s", "sample"), .init("y", "log")], last: [.init("q", "quit")]
    )
    #expect(drawn(bar, 60, 1).lines == [" space pause   s sample   y log   q quit"])
    #expect(drawn(bar, 26, 1).lines == [" space pause   q quit"])
    #expect(drawn(bar, 26, 1)[1, 0].style.attributes.contains(.bold))
  }

  @Test("the help table puts its groups in columns, and scrolls where it must")
  func helpOverlay() throws {
    let help = HelpOverlay(groups: [
      .init("everywhere", [.init("1 2 3", "screen"), .init("Tab", "next panel")]),
      .init("timeline", [.init("←/→", "frame"), .init("Home", "x_T")]),
    ])
    try expectGolden(drawn(help, 60, 8), "help-overlay")
    #expect(help.maximumScroll(in: Rect(x: 0, y: 0, width: 60, height: 8)) == 0)
    #expect(help.maximumScroll(in: Rect(x: 0, y: 0, width: 24, height: 5)) == 4)
  }

  @Test("the palette lists commands with their keys, and scrolls to the selected one")
  func palette() throws {
    let items = (1...4).map { CommandPalette.Item("command \($0)", keys: "\($0)") }
    try expectGolden(
      drawn(CommandPalette(items, field: TextField("co"), selected: 3), 66, 6), "palette")
    #expect(drawn(CommandPalette([]), 66, 9).lines.contains { $0.contains("no matching command") })
  }
}
