import Diffusion
import Testing

@testable import Workbench

@Suite("The keys of recipes, listed")
struct RecipeCommandTests {
  private func keys(_ arguments: String...) throws -> CommandResult {
    try WorkbenchProgram.start(["recipe", "keys"] + arguments).finish()
  }

  @Test("all sections are listed with every key, its meaning and its values")
  func all() throws {
    let result = try keys()
    #expect(result.status == 0, "\(result.errors)")
    for section in RecipeSection.all {
      #expect(result.lines.contains { $0.hasPrefix("[\(section.name)]") }, "\(section.name)")
      for info in section.groups.flatMap(\.settings) {
        #expect(
          result.lines.contains { line in
            line.hasPrefix("  \(info.key) ") && line.contains("\(info.meaning): \(info.allowed)")
          }, "\(section.name).\(info.key)")
      }
    }
  }

  @Test("a kind is listed alone, with its defaults")
  func kind() throws {
    let result = try keys("unet")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.lines.first == "[network] kind = \"unet\"")
    #expect(result.lines.count == 1 + UNetConfiguration.table.count)
    #expect(result.lines.contains { $0.contains(#/^  multipliers +\[1, 2\] /#) })
  }

  @Test("a section is listed alone")
  func section() throws {
    let result = try keys("optimizer")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.lines.first == "[optimizer]")
    #expect(result.lines.count == 1 + OptimizerConfiguration.table.count)
  }

  @Test(
    "a name that nothing has is refused in a sentence",
    arguments: [
      (
        "nonsense", "nonsense: there is no such section or kind; they are data, network, schedule, "
      ),
      ("unett", "unett: there is no such section or kind; did you mean unet?"),
    ])
  func nothing(_ name: String, _ sentence: String) throws {
    let result = try keys(name)
    #expect(result.status == 64)
    #expect(result.output.isEmpty)
    #expect(result.errors.hasPrefix("workbench: \(sentence)"), "\(result.errors)")
    #expect(result.errors.split(separator: "\n").count == 1)
  }
}
