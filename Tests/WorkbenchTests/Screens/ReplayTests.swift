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
}
