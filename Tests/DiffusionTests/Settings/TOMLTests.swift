import Diffusion
import Testing

@Suite("Lines of keys")
struct TOMLTests {
  @Test("are found behind comments, lists and strings of several lines, and in quotes")
  func lines() throws {
    let toml = try TOML(
      """
      # a comment = 1
      name = "a # b"
      [data] # behind
      classes = [ # list
        "x = 1", ']',
      ]
      long = \"\"\"
      [training]
      batch = "
      \"\"\"
      "quo.ted" = 'a'
      [ "net work" ]
      a.b = { c = 1 }
      """)
    #expect(toml.line(of: ["name"]) == 2)
    #expect(toml.line(of: ["data"]) == 3)
    #expect(toml.line(of: ["data", "classes"]) == 4)
    #expect(toml.line(of: ["data", "long"]) == 7)
    #expect(toml.line(of: ["data", "quo.ted"]) == 11)
    #expect(toml.line(of: ["net work", "a", "b", "c"]) == 13)
  }

  @Test("of a text without it, or of the first line, are numbers of lines too")
  func edges() throws {
    #expect(try TOML("a = 1").line(of: ["a"]) == 1)
    let lines = try TOML("a = 1\nb = 2\n")
    #expect((1...3).contains(lines.line(of: ["training", "batch"])))
  }
}
