import TUI
import Testing

@testable import Diffusion
@testable import Workbench

@Suite("Replayed sessions")
struct ReplayTests {
  /// Answers as the runs do, so that a whole session needs no threads.
  private func answer(_ effect: Effect, _ stage: Stage, _ mailbox: Mailbox<Message>) {
    switch effect {
    case .training(.pause): mailbox.post(.of(.phase(.paused)))
    case .training(.resume): mailbox.post(.of(.phase(.training)))
    case .training(.snapshot): mailbox.post(.of(.model(stage.session.model())))
    case .training(.change(let recipe)):
      let lines = recipe.differences(from: stage.recipe).filter { !$0.hasPrefix("preview.") }
      mailbox.post(.of(.changed(step: 3, recipe, lines: lines)))
    case .sample(let request, let slot):
      do {
        for frame in try request.path() {
          mailbox.post(.sampling(.frame(number: request.number, frame), slot))
        }
        mailbox.post(.sampling(.finished(number: request.number), slot))
      } catch {
        Issue.record(error)
      }
    case .stopAndQuit: mailbox.post(.of(.phase(.stopped)))
    default: break
    }
  }

  @Test("a list of keys with times ends where it should, by way of every screen")
  func session() throws {
    let mailbox = Mailbox<Message>()
    let stage = try Stage(.swissroll)
    let log = EffectLog()
    let world = WorkbenchApplication.World(
      carryOut: {
        log.add($0)
        answer($0, stage, mailbox)
      }, timeOfDay: { 0 }, theme: { _ in .dark })
    for message in stage.beginning { mailbox.post(message) }
    let keys: [Key] =
      [.tab, .tab, .right, .enter]  // the learning rate, a step up, then typed
      + [.control("u")] + "2e-4".map { .character($0) } + [.enter]
      + [.character("2"), .right, .shiftRight, .left, .home, .end]
      + [.character("3"), .down, .right, .right, .character("A"), .character("a")]
      + [.character("?"), .escape, .control("z"), .character("q"), .enter]
    let script = keys.enumerated().map { (Double($0) * 0.1, Input.key($1)) }
    let backend = TestBackend(Size(120, 40), script: script.map { (time: $0, input: $1) })
    var program = TUI.Program(
      WorkbenchApplication(Session(stage.recipe), world: world), on: backend,
      mailbox: mailbox)
    try program.run()

    let changes = log.commands.compactMap {
      if case .change(let recipe) = $0 { recipe } else { nil }
    }
    let rates = changes.map(\.training.optimizer.learningRate.base)
    #expect(rates == [1.12e-3, 2e-4, 2e-4])
    #expect(changes.map(\.schedule.timesteps) == [200, 200, 220])
    #expect(log.requests(DenoiseScreen.slot).map(\.schedule.timesteps) == [200, 220])
    guard case .stopAndQuit = log.all.last else {
      Issue.record("expected the session to end by saving, it ended by \(log.all.suffix(1))")
      return
    }
    #expect(program.application.endSignal == nil)
    #expect(program.backend.suspensions == 1)
    let application = program.application
    #expect(application.session.phase == .stopped && application.isLeaving)
    let denoise = application.denoise
    #expect(denoise.isComplete && denoise.recording.count == denoise.frameCount)
    // Every screen, the keys and the question were shown on the way.
    for text in ["loss by noise level", "predicted x_0", "terminal SNR", "quit?"] {
      #expect(
        program.backend.frames.contains { $0.lines.contains { $0.contains(text) } }, "\(text)")
    }
  }

  @Test("the same keys at the same times show the same frames")
  func reproducible() throws {
    func frames() throws -> [Surface] {
      let mailbox = Mailbox<Message>()
      let stage = try Stage(.sine)
      let world = WorkbenchApplication.World(
        carryOut: { answer($0, stage, mailbox) }, timeOfDay: { 0 }, theme: { _ in .dark })
      for message in stage.beginning { mailbox.post(message) }
      let keys: [Key] = [.character("2"), .left, .character("3"), .right, .character("1")]
      let script = keys.enumerated().map { (time: Double($0), input: Input.key($1)) }
      var program = TUI.Program(
        WorkbenchApplication(Session(stage.recipe), world: world),
        on: TestBackend(Size(80, 24), script: script), mailbox: mailbox)
      try program.run()
      return program.backend.frames
    }
    let first = try frames()
    #expect(first.count > 5)
    #expect(try frames() == first)
  }

  @Test("no storm of keys, clicks, messages and sizes crashes", arguments: Stage.Play.allCases)
  func storm(_ play: Stage.Play) throws {
    let mailbox = Mailbox<Message>()
    var stage = try Stage(play) { effect in
      if case .sample(let request, let slot) = effect {
        // A glimpse of the answer, as if a newer request had ended it.
        let frames = try? request.path().prefix(3).map { $0 }
        for frame in frames ?? [] {
          mailbox.post(.sampling(.frame(number: request.number, frame), slot))
        }
      }
    }
    let schedule = try stage.recipe.schedule.make()
    var random = Random(seed: 20_261_121)
    func number(below limit: Int) -> Int { Int(random.next32()) % limit }
    var keys = stage.application.keys.bindings.flatMap(\.keys)
    keys += "0123456789.-eq ".map { .character($0) }
    keys += [.up, .down, .left, .right, .enter, .escape, .tab, .backspace, .delete, .function(5)]
    let actions: [MouseEvent.Action] = [.press, .drag, .release, .wheelUp, .wheelDown]
    var size = Size(80, 24)
    stage.send(stage.beginning)
    for event in 1...1200 {
      switch number(below: 16) {
      case 0:
        size =
          number(below: 2) == 0
          ? Size(1 + number(below: 140), 1 + number(below: 45))
          : Size(40 + number(below: 81), 12 + number(below: 29))
        _ = stage.application.update(.resize(size))
      case 1...2:
        let place = (number(below: size.width + 2), number(below: size.height + 2))
        let action = actions[number(below: actions.count)]
        _ = stage.application.update(.mouse(MouseEvent(action, x: place.0, y: place.1)))
      case 3: stage.send([.of(.step(.staged(step: event, schedule: schedule)))])
      case 4: stage.send([.of(.model(stage.session.model()))])
      case 5: _ = stage.application.update(.tick(Double(event)))
      case 6: stage.send(mailbox.take())
      case 7:
        let phases: [RunPhase] = [.training, .paused, .finished, .diverged(step: event), .stopped]
        stage.send([.of(.phase(phases[number(below: 4 * phases.count) % phases.count]))])
      default: stage.press(keys[number(below: keys.count)])
      }
      var surface = Surface(size)
      stage.application.view(&surface)
      #expect(surface.size == size)
    }
    // Down to a single cell, whatever was open.
    for side in (1...12).reversed() {
      for size in [Size(side, side), Size(120, side), Size(side, 40)] {
        let surface = stage.drawn(size.width, size.height)
        #expect(surface.lines.count == size.height)
      }
    }
    for screen in Screens.all.indices {
      stage.application.overlay = nil
      stage.application.current = screen
      #expect(stage.drawn(1, 1).cells.count == 1)
    }
  }
}
