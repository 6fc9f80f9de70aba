import Foundation
import TUI
import Testing

@testable import Diffusion
@testable import Workbench

@Suite("Random input")
struct RandomInputTests {
  /// A storm for each kind of data and seed; `scripts/verify keys` takes 100,000 events in all.
  private static let seeds: Range<UInt64> =
    ProcessInfo.processInfo.environment["WORKBENCH_VERIFY"] == "1" ? 1..<35 : 1..<2
  private static let events = 1000

  @Test(
    "no keys, clicks, sizes and messages, whatever their order, stop the program or block the way out",
    arguments: Stage.Play.allCases, seeds)
  func storm(_ play: Stage.Play, _ seed: UInt64) throws {
    var storm = try InputStorm(play, seed: seed)
    for _ in 0..<Self.events {
      try storm.step()
      try #require(storm.problem == nil, "seed \(seed): \(storm.problem ?? "")\n\(storm.last)")
    }
    if Self.seeds.count > 1, seed == Self.seeds.upperBound - 1 {
      print("| \(play.rawValue) | \(Self.seeds.count * Self.events) events | left at every 20th |")
    }
  }

  @Test("every screen is drawn at every size down to a single cell", arguments: Stage.Play.allCases)
  func sizes(_ play: Stage.Play) throws {
    var stage = try Stage.training(play)
    for screen in Screens.all.indices {
      stage.application.current = screen
      for side in 1...12 {
        for size in [Size(side, side), Size(120, side), Size(side, 40)] {
          #expect(stage.drawn(size.width, size.height).lines.count == size.height)
        }
      }
    }
  }
}

/// Random input to an application whose runs answer at random times.
private struct InputStorm {
  private var stage: Stage
  private var random: Random
  private var size = Size(80, 24)
  private var count = 0
  private var keys: [Key]
  private let schedule: Schedule
  private let world: StormWorld
  private let computed: [any Sendable]
  /// The last events, for a report.
  private(set) var last: [String] = []
  /// What went wrong.
  private(set) var problem: String?

  init(_ play: Stage.Play, seed: UInt64) throws {
    let world = StormWorld()
    self.world = world
    stage = try Stage(play) { world.answer($0) }
    stage.application.world.start = { _, _ in }
    random = Random(seed: seed)
    schedule = try stage.recipe.schedule.make()
    keys = stage.application.keys.bindings.flatMap(\.keys)
    keys += "0123456789.-eq ".map { .character($0) }
    keys += [.up, .down, .left, .right, .enter, .escape, .tab, .backspace, .delete, .function(5)]
    var detail = RunDetail(folder: RunListing.staged.runs[1].folder)
    for step in 1...20 { detail.history.add(StepRecord(step: step, loss: 1 / Double(step))) }
    detail.smoothedLosses = detail.history.smoothedLosses(weight: 0.9)
    (detail.recipe, detail.model) = (stage.recipe, stage.session.model(atStep: 20))
    computed = [
      RunListing.staged, detail, RecipeLesson(reading: play.rawValue),
      RunDraft(stage.recipe, parent: detail.folder, step: 20),
    ]
    stage.send(stage.beginning)
  }

  private mutating func number(below limit: Int) -> Int { Int(random.next32()) % limit }

  mutating func step() throws {
    count += 1
    let event = event()
    if let event { update(event) }
    var surface = Surface(size)
    stage.application.view(&surface)
    if surface.size != size { problem = "drawn at \(surface.size), not \(size)" }
    if count % 20 == 0 { checkWayOut() }
  }

  private mutating func update(_ event: TUI.Event<Message>) {
    last = last.suffix(30) + ["\(event)".prefix(120).description]
    // A program that has left begins anew.
    guard stage.application.update(event) == .quit else { return }
    stage.application = WorkbenchApplication(
      Session(stage.recipe), world: stage.application.world)
    _ = stage.application.update(.resize(size))
    stage.send(stage.beginning)
  }

  private func of(_ event: RunEvent) -> Message {
    .run(event, session: stage.application.session.number)
  }

  private mutating func event() -> TUI.Event<Message>? {
    switch number(below: 18) {
    case 0:
      size =
        number(below: 2) == 0
        ? Size(1 + number(below: 140), 1 + number(below: 45))
        : Size(40 + number(below: 81), 12 + number(below: 29))
      return .resize(size)
    case 1...3:
      let actions: [MouseEvent.Action] = [.press, .drag, .release, .wheelUp, .wheelDown]
      return .mouse(
        MouseEvent(
          actions[number(below: actions.count)], x: number(below: size.width + 2),
          y: number(below: size.height + 2)))
    case 4: return .messages([of(.step(.staged(step: count, schedule: schedule)))])
    case 5:
      let model = stage.session.model(atStep: count)
      return .messages([of(number(below: 3) > 0 ? .model(model) : .rawModel(model))])
    case 6: return .tick(Double(count))
    case 7...8:
      return world.messages.isEmpty ? nil : .messages(world.take())
    case 9:
      let phases: [RunPhase] = [.training, .paused, .finished, .diverged(step: count), .stopped]
      return .messages([of(.phase(phases[number(below: 4 * phases.count) % phases.count]))])
    case 10:
      return .messages([
        .computed(computed[number(below: computed.count)], screen: RunsScreen.title)
      ])
    default: return .key(keys[number(below: keys.count)])
    }
  }

  /// From wherever it is, escape and q leave, and every screen can be reached.
  private mutating func checkWayOut() {
    var application = stage.application
    world.isDeaf = true
    defer { world.isDeaf = false }
    _ = application.update(.resize(Size(80, 24)))
    for _ in 0..<3 { _ = application.update(.key(.escape)) }
    guard application.overlay == nil else {
      problem = "escape does not close \(String(describing: application.overlay))"
      return
    }
    for (index, screen) in Screens.all.enumerated() {
      _ = application.update(.key(.character(Character("\(index + 1)"))))
      if application.screen.title != screen.title { problem = "\(screen.title) is not reached" }
    }
    var command = application.update(.key("q"))
    if command != .quit, application.overlay == .quitting {
      command = application.update(.key(.enter))
    }
    // Earlier runs end, then the present one.
    for number in (0...application.session.number) where command != .quit {
      command = application.update(.messages([.run(.phase(.stopped), session: number)]))
    }
    if command != .quit { problem = "q does not leave; \(String(describing: application.overlay))" }
  }
}

/// What an application in a storm asks for, answered with glimpses.
private final class StormWorld {
  private(set) var messages: [Message] = []
  /// Whether nothing is answered, as somebody only tries something.
  var isDeaf = false

  func take() -> [Message] {
    defer { messages = [] }
    return messages
  }

  func answer(_ effect: Effect) {
    guard !isDeaf, case .sample(let request, let slot) = effect else { return }
    // As if a newer request had ended it.
    let frames = try? request.path().prefix(3).map { $0 }
    messages += (frames ?? []).map { .sampling(.frame(number: request.number, $0), slot) }
  }
}
