import Testing

@testable import TOMLText

@Suite("TOML texts")
struct TOMLTextTests {
  @Test(
    "values are read as the specification says",
    arguments: [
      ("1_000", TOMLValue.integer(1000)), ("-0", .integer(0)), ("+99", .integer(99)),
      ("0xDEAD_beef", .integer(0xDEAD_BEEF)), ("0o755", .integer(493)), ("0b101", .integer(5)),
      ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
      ("6.626e-34", .real(6.626e-34)), ("5e+22", .real(5e22)), ("1_0.5", .real(10.5)),
      ("-inf", .real(-.infinity)), ("true", .flag(true)),
      ("\"a\\tb\\u00e9\\U0001F600\\\"\"", .text("a\tbé😀\"")), ("'C:\\x'", .text("C:\\x")),
      ("\"\"\"\na\\\n   b\"\"\"\"", .text("ab\"")), ("'''a\n'b'''''", .text("a\n'b''")),
      ("1979-05-27 07:32:00.5Z", .moment("1979-05-27 07:32:00.5Z")),
      ("2024-02-29", .moment("2024-02-29")), ("07:32:00", .moment("07:32:00")),
      ("[1, # one\n [2,],\n]", .list([.integer(1), .list([.integer(2)])])),
      (
        "{ a.b = 1 }", .table(TOMLTable([entry("a", .table(TOMLTable([entry("b", .integer(1))])))]))
      ),
    ])
  func values(_ text: String, _ value: TOMLValue) throws {
    #expect(try TOMLTable(parsing: "x = \(text)")["x"] == value)
  }

  private static func entry(_ key: String, _ value: TOMLValue) -> TOMLTable.Entry {
    TOMLTable.Entry(key: key, value: value, line: 1)
  }

  @Test("tables come from headers, dots and lists of tables, and keep the order of the text")
  func tables() throws {
    let table = try TOMLTable(
      parsing: """
        z = 1
        [b.c]
        x.y = 1
        x.z = 2
        [b]
        d = 3
        [[a]]
        n = 1
        [[a]]
        n = 2
        [a.inner]
        """)
    #expect(table.entries.map(\.key) == ["z", "b", "a"])
    #expect(table["b"]?.table?["c"]?.table?["x"]?.table?.entries.map(\.line) == [3, 4])
    #expect(table["b"]?.table?["d"] == .integer(3))
    #expect(table["a"]?.list?.compactMap { $0.table?["n"] } == [.integer(1), .integer(2)])
    #expect(table["a"]?.list?.last?.table?["inner"]?.table?.entries.isEmpty == true)
  }

  @Test(
    "what is no TOML is told with its line, and ends nothing",
    arguments: [
      ("[", 1), ("[#]", 1), ("[!x]", 1), ("[ä]", 1), ("x = 1979-05-27T:", 1), ("y = [}", 1),
      ("[a]\nx = 1\nx = 2", 3), ("a = 1\n[a]", 2), ("[a]\n[a]", 2), ("a.b = 1\na.b.c = 2", 2),
      ("a = {b = 1}\na.c = 2", 2), ("\n\nx = ", 3), ("x = \"\n\"", 1), ("x = 'a", 1),
      ("x = 01", 1), ("x = 1_", 1), ("x = .5", 1), ("x = 5.", 1), ("x = 0x", 1),
      ("x = 9223372036854775808", 1), ("x = \"\\q\"", 1), ("x = \"\\uD800\"", 1),
      ("x = 2023-02-29", 1), ("x = 24:00:00", 1), ("x = 1 y = 2", 1), ("\u{1}", 1),
      ("\"\"\"a\"\"\" = 1", 1),
      ("x = {a = 1,}", 1), ("x = yes", 1),
      ("x = " + String(repeating: "[", count: 100_000), 1),
      (String(repeating: "a.", count: 100_000) + "a = 1", 1),
    ])
  func mistakes(_ text: String, _ line: Int) {
    #expect(throws: TOMLMistake.self) { try TOMLTable(parsing: text) }
    do {
      _ = try TOMLTable(parsing: text)
    } catch {
      #expect(error.line == line, "\(error)")
      #expect(!error.description.isEmpty && error.description.count < 120)
    }
  }

  @Test("no text of random pieces ends the program")
  func random() {
    let pieces = [
      "[", "[[", "]", "]]", "#", "ä", "=", "x", "a.b", "\"", "'", "\"\"\"", "'''", "\n", "\r", " ",
      ",", ".", "{", "}", "1979-05-27", "T", "07:32:00", ":", "-", "+", "0", "1_", "0x", "e", "nan",
      "true", "\\", "\\u00", "[a]\n", "x = ", "\u{1}", "\u{2028}", "59",
    ]
    var random = Generator()
    var read = 0
    for _ in 0..<20_000 {
      let text = (0..<Int.random(in: 1...12, using: &random)).map { _ in
        pieces.randomElement(using: &random) ?? ""
      }
      if (try? TOMLTable(parsing: text.joined())) != nil { read += 1 }
    }
    #expect(read > 100)
  }

  /// The same numbers each time: SplitMix64.
  private struct Generator: RandomNumberGenerator {
    private var state: UInt64 = 1

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }
}
