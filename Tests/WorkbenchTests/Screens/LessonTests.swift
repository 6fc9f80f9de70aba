import TUI
import Testing

@testable import Diffusion
@testable import Workbench

@Suite("Lessons")
struct LessonTests {
  private static func lesson(_ text: String) throws -> Lesson {
    try Lesson(text, name: "test", path: "test.toml")
  }

  private static let short = """
    title = "Test"
    summary = "a test"
    minutes = 1
    [[step]]
    screen = "Train"
    text = "Read this."
    [[step]]
    text = "Look at the samples."
    task = "press 2"
    wait = "screen = Denoise"
    [[step]]
    text = "Other steps."
    task = "set steps"
    wait = "changed Denoise.steps"
    [[step]]
    text = "The end."
    """

  // MARK: Files

  @Test("what is wrong with a lesson is said with its file, its line and what was expected")
  func mistakes() {
    func problem(_ change: (String) -> String) -> String {
      do {
        _ = try Self.lesson(change(Self.short))
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(problem { $0 } == "")
    #expect(
      problem { $0.replacing("screen = \"Train\"", with: "screen = \"Trian\"") }
        .hasPrefix("test.toml:5: step 1: there is no screen “Trian”; expected Train, "))
    #expect(
      problem { $0.replacing("task = \"press 2\"", with: "tusk = \"press 2\"") }
        .hasPrefix("test.toml:9: step 2: there is no key tusk; did you mean task?"))
    #expect(
      problem { $0.replacing("screen = Denoise", with: "screen ~ Denoise") }
        .contains("step 2: wait is “screen ~ Denoise”; expected comparisons"))
    #expect(problem { $0.replacing("minutes = 1", with: "minutes = 0") }.contains("expected 1 to"))
    #expect(problem { _ in "title = \"a\"\nsummary = \"b\"\nminutes = 1" }.contains("no steps"))
    #expect(
      problem {
        $0.replacing("minutes = 1", with: "minutes = 1\nrecipe = \"sine\"\nset = \"a.b=1\"")
      }
      .contains("set is not a list of texts"))
    #expect(problem { _ in "title = " }.hasPrefix("test.toml:1: "))
    #expect(
      problem { $0.replacing("minutes = 1", with: "minutes = 1\nrecipe = \"nonsense\"") }
        .contains("there is no such recipe"))
  }

  @Test(
    "a condition compares numbers as numbers, words as words, and facts that are not there with nothing"
  )
  func conditions() throws {
    func holds(_ text: String, _ facts: [String: String], before: [String: String] = [:]) throws
      -> Bool
    {
      try #require(LessonCondition(text)).holds(before: { before[$0] }, now: { facts[$0] })
    }
    #expect(try holds("step >= 100", ["step": "1,000"]))
    #expect(try !holds("step < 100", ["step": "1,000"]))
    #expect(try holds("a = two words and b != c", ["a": "two words", "b": "d"]))
    #expect(try !holds("a = b", [:]) && !holds("a != b", [:]))
    #expect(try !holds("a < 3", ["a": "few"]))
    #expect(try holds("changed a", ["a": "2"], before: ["a": "1"]))
    #expect(try !holds("changed a", ["a": "1"], before: ["a": "1"]))
    for text in ["", "a", "a =", "and", "changed", "changed a b", "a ~ b"] {
      #expect(LessonCondition(text) == nil, "\(text)")
    }
  }

  @Test("the lessons that come with the program ask only about what there is")
  func shipped() throws {
    let entries = LessonLibrary.entries()
    #expect(entries.map(\.name) == ["tour", "a", "b", "c", "d"])
    for entry in entries {
      let lesson = try LessonLibrary.load(entry.name)
      let play: Stage.Play = ["a": .sine, "b": .swissroll, "c": .swissroll][entry.name] ?? .digits
      var stage = try Stage.scheduling(play)
      stage.send([.of(.floor(.staged))])
      let denoise = try Stage.denoising(play).application
      let compared = try Stage.comparing(play).application
      for (index, step) in lesson.steps.enumerated() {
        #expect(step.wait == nil || step.task != nil, "\(entry.name), step \(index + 1)")
        for fact in (step.wait?.facts ?? []) + (step.claim?.facts ?? []) {
          let application =
            switch fact.prefix(while: { $0 != "." }) {
            case "Denoise": denoise
            case "A/B": compared
            case "Schedule": lesson.recipe.map(WorkbenchApplication.init) ?? stage.application
            default: stage.application
            }
          #expect(application.fact(fact) != nil, "\(entry.name), step \(index + 1): \(fact)")
        }
      }
    }
  }

  @Test("what the lessons say of their schedules is so", arguments: ["a", "b", "d"])
  func claims(_ name: String) throws {
    let lesson = try LessonLibrary.load(name)
    let application = WorkbenchApplication(try #require(lesson.recipe))
    let claims = lesson.steps.compactMap(\.claim).filter { claim in
      claim.facts.allSatisfy { $0.hasPrefix("Schedule.") }
    }
    #expect(!claims.isEmpty)
    for claim in claims {
      #expect(
        claim.holds(before: { _ in nil }, now: application.fact),
        "\(claim.facts.map { "\($0) is \(application.fact($0) ?? "unknown")" })")
    }
  }

  // MARK: On the screens

  private func started(_ text: String = short) throws -> Stage {
    var stage = try Stage.denoising(.digits)
    let lesson = try Self.lesson(text)
    stage.application.world.lessons = {
      [.init(name: "test", title: lesson.title, summary: lesson.summary, minutes: 1)]
    }
    stage.application.world.lesson = { _ in lesson }
    stage.press("T", .enter)
    return stage
  }

  @Test("each step waits for what it asks for, enter goes on where it asks for nothing")
  func steps() throws {
    var stage = try started()
    #expect(stage.application.screen.title == "Train", "the first step is about it")
    stage.press("2", "1")
    #expect(stage.application.progress?.index == 0)
    stage.press(.enter)
    #expect(stage.application.progress?.index == 1)
    stage.press("3")
    #expect(stage.application.progress?.index == 1)
    stage.press("2")
    #expect(stage.application.progress?.index == 1, "the reader may look as long as it takes")
    #expect(stage.drawn(120, 40).lines.contains { $0.contains("✓ enter go on") })
    stage.press("1", .enter)
    #expect(stage.application.progress?.index == 2)
    #expect(stage.drawn(120, 40).lines.contains { $0.contains("set steps") })
    stage.press("(")
    #expect(stage.application.progress?.index == 1, "it has been done and is only read")
    stage.press(.enter)
    #expect(stage.application.progress?.index == 2)
    stage.press("2", .tab, .down, .right, .enter)
    #expect(stage.application.progress?.index == 3)
    stage.press(.enter)
    #expect(stage.application.progress == nil)
  }

  @Test("a claim that does not hold in the reader's run is said with what there is instead")
  func unseen() throws {
    let text = """
      title = "Test"
      summary = "a test"
      minutes = 1
      [[step]]
      text = "Go to frame 7."
      task = "look at the training first"
      wait = "screen = Train"
      claim = "Denoise.frame = 7 and Denoise.frames > 0"
      [[step]]
      text = "The end."
      """
    var stage = try started(text)
    func isUnseen() -> Bool {
      stage.drawn(120, 40).lines.contains { $0.contains("≠ not so here: Denoise.frame ") }
    }
    #expect(!isUnseen(), "nothing is done yet")
    stage.press("1")
    #expect(isUnseen())
    #expect(!stage.drawn(120, 40).lines.contains { $0.contains("Denoise.frames") }, "that holds")
    stage.press("2", .home)
    #expect(isUnseen())
    for _ in 0..<7 { stage.press(.right) }
    #expect(!isUnseen())
    stage.press(.right)
    #expect(!isUnseen(), "it has been seen")
    stage.press(")", "(")
    #expect(!isUnseen(), "it was seen before the reader went back")
  }

  @Test("escape leaves at any time, ) skips, and dialogs keep their keys")
  func leaving() throws {
    var stage = try started()
    stage.press("?", .escape)
    #expect(stage.application.progress?.index == 0)
    stage.press("z", .escape)
    #expect(stage.application.progress?.index == 0, "the panel was enlarged")
    stage.press(")", ")")
    #expect(stage.application.progress?.index == 2)
    stage.press(.escape)
    #expect(stage.application.progress == nil)
    #expect(stage.application.layout.lesson == nil)
    stage.press("T", .enter)
    #expect(stage.application.progress?.index == 2, "the first of the list goes on with it")
  }

  @Test("a lesson with a recipe opens its run before its first step begins")
  func opening() throws {
    var stage = try started(
      Self.short.replacing("minutes = 1", with: "minutes = 1\nrecipe = \"sine\""))
    guard case .open(let request) = stage.effects.all.last else {
      Issue.record("expected a run to be opened")
      return
    }
    stage.press(.enter)
    #expect(stage.application.progress?.hasBegun == false)
    stage.application.world.start = { _, _ in }
    let (subject, recipe) = try Workload.opening(request)
    stage.send([.opened(subject, recipe, request)])
    #expect(stage.application.progress?.hasBegun == true)
    #expect(stage.application.session.recipe.name == "sine")
  }

  @Test("a lesson whose run cannot be opened ends, and none moves on under a dialog")
  func interrupted() throws {
    var stage = try started(
      Self.short.replacing("minutes = 1", with: "minutes = 1\nrecipe = \"sine\""))
    stage.send([.problem("the disk is full")])
    #expect(stage.application.progress == nil)

    stage = try started()
    stage.press(.enter, "3", ":")
    stage.application.current = 1
    stage.send([])
    #expect(stage.application.progress?.isDone == false, "the palette is open")
    stage.press(.escape)
    #expect(stage.application.progress?.isDone == true)
  }

  @Test(
    "the text is beside the screen, or below it",
    arguments: [Size(40, 12), Size(80, 24), Size(120, 40)])
  func golden(_ size: Size) throws {
    var stage = try started()
    try expectGolden(stage.drawn(size.width, size.height), "lesson-reading")
    stage.press(.enter)
    try expectGolden(stage.drawn(size.width, size.height), "lesson-task")
  }
}
