import Foundation
import Testing

@testable import Workbench

/// Lessons from the command line.
@Suite("Lessons from the command line")
struct LessonCommandTests {
  @Test("the lessons are listed, and one that does not exist is a sentence")
  func listing() throws {
    let listed = try WorkbenchProgram.start(["lesson"]).finish()
    #expect(listed.status == 0)
    #expect(listed.output.split(separator: "\n").count == 5)
    #expect(listed.output.contains("tour"))
    let wrong = try WorkbenchProgram.start(["lesson", "nonsense"]).finish()
    #expect(wrong.status != 0)
    #expect(wrong.errors.contains("nonsense: there is no such lesson; expected a, b, c, d, tour"))
  }
}
