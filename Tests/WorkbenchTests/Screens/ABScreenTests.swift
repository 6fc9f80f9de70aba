import TUI
import Testing

@testable import Diffusion
@testable import Workbench

@Suite("Two paths in lockstep")
struct LockstepTests {
  @Test("every level of either path is a place once, from x_T to x_0")
  func places() {
    let lockstep = Lockstep([[8, 4, 2, 0], [8, 3, 0.5, 0]])
    #expect(lockstep.ratios == [8, 4, 3, 2, 0.5, 0])
    #expect(lockstep.frames == [[0, 1, 1, 2, 2, 3], [0, 1, 1, 1, 2, 3]])
    #expect(lockstep.place(nearestTo: 3.5) == 1)
    #expect(lockstep.place(nearestTo: 0) == 5)
  }

  @Test("both sides show the frame nearest in noise, never further off than another of theirs")
  func nearest() {
    let cosine: [Double] = Array(Schedule.cosine().sigmas.reversed())
    let linear = Schedule.linear().sigmas
    let coarse: [Double] = stride(from: 999, through: 0, by: -111).map { linear[$0] }
    let paths: [[Double]] = [cosine + [0], coarse + [0]]
    let lockstep = Lockstep(paths)
    for (path, frames) in zip(paths, lockstep.frames) {
      for (ratio, frame) in zip(lockstep.ratios, frames) where ratio > 0 {
        let best = path.map { abs(($0 / ratio).logarithm) }.min() ?? 0
        #expect(abs((path[frame] / ratio).logarithm) <= best + 1e-12)
      }
    }
  }

  @Test("a path that begins without any signal stays beside one that begins with some")
  func oneInfinite() {
    let lockstep = Lockstep([[.infinity, 10, 1, 0], [8, 1, 0]])
    #expect(lockstep.ratios == [.infinity, 10, 8, 1, 0])
    #expect(lockstep.frames == [[0, 1, 1, 2, 3], [0, 0, 0, 1, 2]])
  }

  @Test("an end without signal, one without noise, and a path of nothing have their places")
  func ends() {
    let lockstep = Lockstep([[.infinity, 10, 0.1, 0], []])
    #expect(lockstep.ratios == [.infinity, 10, 0.1, 0])
    #expect(lockstep.frames == [[0, 1, 2, 3], []])
    #expect(lockstep.position(of: .infinity) == 0 && lockstep.position(of: 0) == 1)
    let positions = lockstep.ratios.map { lockstep.position(of: $0) }
    #expect(positions == positions.sorted())
    for ratio in [9.0, 1, 0.2] {
      #expect(abs(lockstep.ratio(at: lockstep.position(of: ratio)) / ratio - 1) < 1e-9)
    }
    #expect(lockstep.place(at: 0.99) == 3)
    #expect(Lockstep([[], []]).count == 0)
  }
}

extension [RunCommand] {
  /// Whether raw weights were to be handed out, each time that was asked for.
  fileprivate var isHandingOutRaw: [Bool] {
    compactMap { if case .handOutRawWeights(let isWanted) = $0 { isWanted } else { nil } }
  }
}

extension Double {
  fileprivate var logarithm: Double { NoiseLevel(sigma: self).logSNR }
}

@Suite("The A/B screen")
struct ABScreenTests {
  private static let slots = ABScreen.slots

  @Test("both sides begin with the same noise and weights, and differ in the sampler alone")
  func beginning() throws {
    var stage = try Stage.training(.digits)
    stage.press("5")
    #expect(Self.slots.allSatisfy { stage.effects.requests($0).isEmpty })
    stage.send([.of(.model(stage.session.model(atStep: 130)))])
    let requests = try Self.slots.map { try #require(stage.effects.requests($0).last) }
    #expect(requests.map(\.model.step) == [130, 130])
    #expect(requests.map { $0.sampling.sampler.name } == ["ddim", "ddpm"])
    #expect(requests[0].sampling.seed == requests[1].sampling.seed)
    let frames = try requests.map { try #require(try $0.path().next()) }
    #expect(frames[0].x == frames[1].x)
    // Weights that come later are not taken unasked.
    stage.send([.of(.model(stage.session.model(atStep: 140)))])
    #expect(Self.slots.allSatisfy { stage.effects.requests($0).count == 1 })
    stage.press("s")
    stage.send([.of(.model(stage.session.model(atStep: 150)))])
    #expect(Self.slots.allSatisfy { stage.effects.requests($0).last?.model.step == 150 })
  }

  @Test("a field draws its own side again, from the same noise and weights, at the same place")
  func fields() throws {
    var stage = try Stage.comparing(.digits)
    let (place, level) = (stage.application.compared.place, ratio(stage))
    let before = Self.slots.map { stage.effects.requests($0) }
    #expect(before.map(\.count) == [2, 1])
    #expect(stage.application.compared.sides.map(\.sampling.steps) == [10, 20])
    try stage.application.set(\.compared, "B.steps", to: "40")
    #expect(stage.application.compared.sides.map(\.sampling.steps) == [10, 40])
    #expect(abs(ratio(stage) / level - 1) < 0.1, "about the same noise")
    #expect(stage.application.compared.place > place, "with more places before it")
    #expect(throws: FieldInputError.self) {
      try stage.application.set(\.compared, "A.schedule", to: "nonsense")
    }
  }

  private func ratio(_ stage: Stage) -> Double {
    stage.application.compared.lockstep.ratios[stage.application.compared.place]
  }

  @Test("both sides have as many samples, and each family as many levels as the run's own")
  func both() throws {
    var stage = try Stage.comparing(.digits)
    try stage.application.set(\.compared, "A.count", to: "5")
    #expect(stage.application.compared.sides.map(\.sampling.count) == [5, 5])
    try stage.application.set(\.compared, "B.schedule", to: "linear")
    let screen = stage.application.compared
    let schedule = screen.schedule(of: screen.sides[1], stage.application.session)
    #expect(schedule.name == "linear" && schedule.timesteps == stage.recipe.schedule.timesteps)
    #expect(screen.sides[0].schedule == nil)
  }

  @Test("the frames in view are at the same noise all along, and x swaps the sides")
  func lockstep() throws {
    var stage = try Stage.comparing(.swissroll)
    stage.press(.home)
    for _ in 0..<stage.application.compared.lockstep.count {
      let ratios = stage.application.compared.sides.map { $0.frame?.level.sigmaOverAlpha ?? -1 }
      // Ten steps and twenty: never further apart than half a step of ten.
      if ratios.allSatisfy({ $0 > 0 }) {
        #expect(
          abs(NoiseLevel(sigma: ratios[0]).logSNR - NoiseLevel(sigma: ratios[1]).logSNR) < 1.5)
      }
      stage.press(.right)
    }
    #expect(stage.application.compared.sides.allSatisfy { $0.frame?.isLast == true })
    let names = stage.application.compared.sides.map(\.sampling.sampler.name)
    let place = stage.application.compared.place
    stage.press("x")
    #expect(stage.application.compared.sides.map(\.sampling.sampler.name) == names.reversed())
    #expect(stage.application.compared.place == place)
  }

  @Test("the difference is measured at every place, and known as far as both paths are")
  func difference() throws {
    var stage = try Stage.comparing(.digits)
    let screen = stage.application.compared
    #expect(screen.difference.points.map(\.place) == Array(0..<screen.lockstep.count))
    #expect(screen.difference.points.first?.x == 0, "the same noise")
    // The sides were made to believe the same less a quarter.
    let pair = try #require(screen.shownPair)
    let own = try #require(screen.sides[0].frame)
    if screen.sides[1].frame?.index == 2 * own.index {
      #expect(abs(pair.difference.distance.x0 / (rootMeanSquare(own.x0) / 4) - 1) < 1e-4)
    }
    let text = stage.drawn(120, 40).lines.joined(separator: "\n")
    #expect(text.contains("|A − B|") && text.contains("RMS"))
    stage.press("d")
    #expect(!stage.drawn(120, 40).lines.joined(separator: "\n").contains("|A − B|"))
    try stage.application.set(\.compared, "A.seed", to: "99")
    #expect(stage.application.compared.difference.points.isEmpty, "side A is drawn again")
  }

  @Test("space plays both from noise to data; the keys of frames work wherever the focus is")
  func playing() throws {
    var stage = try Stage.comparing(.sine)
    stage.press(.home, " ")
    #expect(stage.application.compared.isPlaying)
    for _ in 0..<100 { _ = stage.application.update(.tick(0)) }
    #expect(!stage.application.compared.isPlaying)
    let last = stage.application.compared.lockstep.count - 1
    #expect(stage.application.compared.place == last)
    for _ in stage.application.compared.panels {
      stage.press("<", "<", ">", .tab)
    }
    #expect(stage.application.compared.place == last - stage.application.compared.panels.count)
  }

  @Test("another run's weights are read when they are chosen, and refused where samples differ")
  func weights() throws {
    var stage = try Stage.comparing(.digits)
    stage.send([.computed(RunListing.staged.runs, screen: ABScreen.title)])
    let field = stage.application.compared.fields(of: .secondSettings, stage.application.session)
      .first { $0.key == "B.weights" }
    #expect(field?.choices == ["this run", "raw weights", "digits-1203"])
    try stage.application.set(\.compared, "B.weights", to: "digits-1203")
    let folder = RunFolder(path: "runs/digits-1203")
    var other = OtherWeights(reading: folder)
    #expect(other.problem != nil, "there is no such folder here")
    (other.model, other.problem) = (stage.session.model(atStep: 7), nil)
    stage.send([.computed(other, screen: ABScreen.title)])
    #expect(stage.effects.requests(Self.slots[1]).last?.model.step == 7)
    other.model = try Stage(.sine).session.model(atStep: 8)
    stage.send([.computed(other, screen: ABScreen.title)])
    #expect(stage.application.compared.sides[1].problem?.contains("not of 14×14×1") == true)
    #expect(stage.drawn(120, 40).lines.contains { $0.contains("makes") })
    // Chosen again, it is read again: it may have been trained on.
    try stage.application.set(\.compared, "B.weights", to: "this run")
    let effects = try stage.application.setting(\.compared, "B.weights", to: "digits-1203")
    #expect(effects.contains { if case .compute = $0 { true } else { false } })
    // A run that is no longer listed keeps its name.
    stage.send([.computed([RunSummary](), screen: ABScreen.title)])
    let fields = stage.application.compared.fields(of: .secondSettings, stage.application.session)
    #expect(fields.first { $0.key == "B.weights" }?.text == "digits-1203")
  }

  @Test("averaged weights stand beside the raw ones of the same step, as long as these are wanted")
  func rawWeights() throws {
    var stage = try Stage.comparing(.digits)
    let effects = try stage.application.setting(\.compared, "B.weights", to: "raw weights")
    #expect(effects.commands.isHandingOutRaw == [true])
    stage.send([
      .of(.model(stage.session.model(atStep: 130))),
      .of(.rawModel(stage.session.model(atStep: 130))),
    ])
    #expect(Self.slots.map { stage.effects.requests($0).last?.model.step } == [130, 130])
    #expect(stage.drawn(120, 40).lines.contains { $0.contains("raw weights") })
    // Denoise takes them as well; only the last to give them up ends it.
    stage.press("2", "m")
    stage.press("5")
    let released = try stage.application.setting(\.compared, "B.weights", to: "this run")
    #expect(released.commands.isHandingOutRaw == [])
    stage.press("2", "m")
    #expect(stage.effects.commands.isHandingOutRaw.last == false)
  }

  @Test("a click on the timelines goes there, one on a sample selects it", arguments: [0, 1])
  func mouse(_ side: Int) throws {
    var stage = try Stage.comparing(.digits)
    _ = stage.drawn(120, 40)
    let path = try #require(stage.area(\.compared, .trajectory))
    _ = stage.application.update(.mouse(MouseEvent(.press, x: path.maxX - 6, y: path.maxY - 2)))
    #expect(stage.application.compared.place == stage.application.compared.lockstep.count - 1)
    let panel = try #require(stage.area(\.compared, side == 0 ? .first : .second))
    _ = stage.application.update(
      .mouse(MouseEvent(.press, x: panel.maxX - 7, y: panel.y + 4)))
    #expect(stage.application.compared.selected > 0)
  }
}
