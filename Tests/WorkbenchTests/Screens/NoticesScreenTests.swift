import Foundation
import TUI
import Testing

@testable import Workbench

@Suite("The walk-through of adding a screen")
struct NoticesScreenTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
  private static let root = folder.appending(path: "../../..").standardized

  @Test("the document shows the screen that is compiled here, and the line that lists it")
  func document() throws {
    let source = try String(
      contentsOf: Self.folder.appending(path: "NoticesScreen.swift"), encoding: .utf8)
    let code = source.replacing("@testable import Workbench\n\n", with: "")
    let text = try String(
      contentsOf: Self.root.appending(path: "docs/adding-a-screen.md"), encoding: .utf8)
    let found = text.contains("```swift\n\(code)```\n")
    #expect(found, "docs/adding-a-screen.md does not have the text of NoticesScreen.swift")
    let screens = try String(
      contentsOf: Self.root.appending(path: "Sources/Workbench/Screens/Screen.swift"),
      encoding: .utf8)
    let first =
      "      TrainScreen.self, DenoiseScreen.self, ScheduleScreen.self, RunsScreen.self, "
      + "ABScreen.self,\n      InsideScreen.self,"
    #expect(screens.contains(first + "\n    ]"))
    #expect(text.contains(first + " NoticesScreen.self,\n    ]"))
  }

  @Test("it draws what happened, and its keys select")
  func keys() throws {
    var stage = try Stage(.digits)
    for number in 1...30 { stage.send([.notice("notice \(number)")]) }
    stage.application.screens.append(NoticesScreen(stage.application.session))
    stage.application.current = stage.application.screens.count - 1
    #expect(stage.drawn(80, 24).lines.contains { $0.contains("▸") && $0.contains("notice 30") })
    // The keys of the table are those of the catalogue, so that the screen is asked directly.
    func press(_ action: Action) { _ = stage.application.act(action) }
    press(.change(-3))
    #expect(stage.drawn(80, 24).lines.contains { $0.contains("▸") && $0.contains("notice 27") })
    press(.home)
    #expect(stage.drawn(80, 24).lines.contains { $0.contains("▸") && $0.contains("notice 1") })
    press(NoticesScreen.own(NoticesScreen.Command.follow))
    stage.send([.notice("the last")])
    #expect(stage.drawn(80, 24).lines.contains { $0.contains("▸") && $0.contains("the last") })
    #expect(stage.drawn(40, 12).lines.contains { $0.contains("the last") })
  }
}
