import Dispatch
import Testing

@testable import TUI

/// Counts what it is told and shows the numbers.
private struct Counter: Application {
  var tickInterval: Double?
  var keys = 0
  var messages = 0
  var ticks = 0
  var size = Size.zero

  mutating func update(_ event: Event<Int>) -> Command {
    switch event {
    case .key(.character("q")): return .quit
    case .key(.character("z")): return .suspend
    case .key: keys += 1
    case .messages(let new): messages += new.count
    case .tick: ticks += 1
    case .end: return .quit
    case .start(let size), .resize(let size): self.size = size
    case .mouse, .background: break
    }
    return .none
  }

  func view(_ surface: inout Surface) {
    surface.put("\(keys) \(messages) \(ticks)", x: 0, y: 0)
  }
}

@Suite("Program")
struct ProgramTests {
  private func run(
    _ counter: Counter, _ script: [(Double, Input)], mailbox: Mailbox<Int> = Mailbox()
  ) throws -> Program<Counter, TestBackend> {
    let backend = TestBackend(Size(20, 2), script: script.map { (time: $0.0, input: $0.1) })
    var program = Program(counter, on: backend, mailbox: mailbox)
    try program.run()
    return program
  }

  @Test("nothing is drawn while nothing happens")
  func idle() throws {
    let program = try run(Counter(), [(100, .key(.character("q")))])
    #expect(program.backend.frames.count == 1)
  }

  @Test("a burst of keys is drawn at most 120 times a second, its end included")
  func burst() throws {
    let keys = (0..<100).map { (1 + Double($0) * 0.001, Input.key(.up)) }
    let program = try run(Counter(), keys + [(5, .key(.character("q")))])
    #expect(program.application.keys == 100)
    #expect((10...16).contains(program.backend.frames.count))
    #expect(program.backend.frames.last?.lines.first?.hasPrefix("100 ") == true)
  }

  @Test("a key is answered at once, whatever was drawn just before it")
  func answerAfterMessage() throws {
    let program = try run(
      Counter(), [(1, .wake), (1.002, .key(.up)), (1.004, .key(.character("q")))])
    #expect(program.backend.frames.last?.lines.first?.hasPrefix("1 ") == true)
  }

  @Test("messages that wait are taken together")
  func messages() throws {
    let mailbox = Mailbox<Int>()
    for number in 0..<50 { mailbox.post(number) }
    let program = try run(
      Counter(), [(1, .wake), (2, .key(.character("q")))], mailbox: mailbox)
    #expect(program.application.messages == 50)
    #expect(program.backend.frames.count <= 3)
  }

  @Test("messages alone are drawn eight times a second, what follows a key as soon as it comes")
  func calm() throws {
    let steps = (0..<100).map { (10 + Double($0) * 0.01, Input.wake) }
    let calm = try run(Counter(), steps + [(20, .key(.character("q")))])
    #expect((7...10).contains(calm.backend.frames.count))
    let watched = try run(
      Counter(), [(9.9, .key(.up))] + steps + [(20, .key(.character("q")))])
    #expect(watched.backend.frames.count > 24)
  }

  @Test("ticks come at the interval that is asked for")
  func ticks() throws {
    let program = try run(Counter(tickInterval: 0.5), [(5.2, .key(.character("q")))])
    #expect((9...11).contains(program.application.ticks))
  }

  @Test("a resize reaches the application and the next image has that size")
  func resize() throws {
    let program = try run(
      Counter(), [(1, .resize(Size(7, 1))), (2, .key(.character("z"))), (3, .end(.terminate))])
    #expect(program.application.size == Size(7, 1))
    #expect(program.backend.frames.last?.size == Size(7, 1))
    #expect(program.backend.suspensions == 1)
  }

  @Test("messages posted from many threads all arrive")
  func concurrentMailbox() {
    let mailbox = Mailbox<Int>()
    DispatchQueue.concurrentPerform(iterations: 8) { thread in
      for number in 0..<500 { mailbox.post(thread * 500 + number) }
    }
    #expect(Set(mailbox.take()).count == 4000)
    #expect(mailbox.take().isEmpty)
  }
}

@Suite("Key map")
struct KeyMapTests {
  private enum Place { case list, chart }

  private let map = KeyMap<String, Place>([
    .init([.left, .character("h")], "back", "back", help: "Goes back.", group: "a", prominence: 2),
    .init([.left], "pan", in: [.chart], "pan", help: "Pans.", group: "a", prominence: 1),
    .init([.character("q")], "quit", "quit", help: "Leaves.", group: "b", prominence: 9),
  ])

  @Test("a binding for the present context goes before one for everywhere")
  func contexts() {
    #expect(map.action(for: .left, in: [.list]) == "back")
    #expect(map.action(for: .left, in: [.chart]) == "pan")
    #expect(map.action(for: .right, in: [.chart]) == nil)
  }

  @Test("the bottom line shows the most prominent first")
  func hints() {
    #expect(map.hints(in: [.chart]).map(\.title) == ["quit", "back", "pan"])
    #expect(map.hints(in: [.list]).map(\.keys) == ["q", "←"])
  }
}
