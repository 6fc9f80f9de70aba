import Foundation
import Testing

@testable import Diffusion

@Suite("Predictions, weightings and averages as in their sources")
struct ObjectiveFixtureTests {
  let fixture: Fixture

  init() throws { fixture = try Fixture("objectives") }

  private func tensor(_ name: String) throws -> Tensor {
    let shape = try fixture.shape(name)
    return Tensor(
      channelsFirst: try fixture.floats(name), Shape(shape[0], shape[2], shape[3], shape[1]))
  }

  // MARK: What networks predict

  @Test("v is diffusers': the target, and x̂_0 of an answer")
  func velocities() throws {
    let levels = [3, 400, 990].map { Schedule.linear()[$0] }
    let (x0, noise) = (try tensor("x0"), try tensor("noise"))
    let target = Tensor(x0.shape)
    Parameterization.v.target(x0: x0, epsilon: noise, levels: levels, into: target)
    #expect(isNear(target.channelsFirst, try fixture.floats("v.target")))
    let prediction = Parameterization.v.prediction(
      try tensor("answer"), x: try tensor("v.x"), levels: levels)
    #expect(isNear(prediction.x0.channelsFirst, try fixture.floats("v.x0")))
  }

  static let small: [(String, Parameterization)] = [
    ("v", .v), ("flow", .velocity), ("x0", .x0), ("scaled", .epsilon),
  ]

  @Test("targets, inputs and ε̂ are smalldiffusion's", arguments: small)
  func smalldiffusion(_ name: String, _ parameterization: Parameterization) throws {
    let (x0, noise) = (try tensor("x0"), try tensor("noise"))
    let isFlow = name == "flow"
    let levels = [0.05, 0.7, 0.95].map { sigma in
      NoiseLevel(alpha: isFlow ? 1 - sigma : 1, sigma: sigma)
    }
    let (x, target) = (Tensor(x0.shape), Tensor(x0.shape))
    x.assignNoisy(x0: x0, epsilon: noise, levels: levels)
    parameterization.target(x0: x0, epsilon: noise, levels: levels, into: target)
    #expect(isNear(target.channelsFirst, try fixture.floats("sd.\(name).target")))

    var told = parameterization
    told.scalesInput = name == "scaled"
    let network = Network.dense(Shape(1, 1, 4, 1))
    let scales = levels.map { Preconditioning(network, predicting: told).inputScale($0) }
    let given = Tensor(x.shape)
    given.assign(x, x, samples: scales.map { ($0, 0) })
    #expect(isNear(given.channelsFirst, try fixture.floats("sd.\(name).given")))

    // Its flow takes the velocity for ε̂ all along, which is another thing.
    guard !isFlow else { return }
    let prediction = parameterization.prediction(try tensor("answer"), x: x, levels: levels)
    #expect(isNear(prediction.epsilon.channelsFirst, try fixture.floats("sd.\(name).epsilon")))
  }

  @Test("EDM's preconditioning is diffusers': what is given, what is told, and x̂_0")
  func edm() throws {
    let levels = try fixture.doubles("edm.sigmas").map { NoiseLevel(sigma: $0) }
    let network = Network.unet(
      Shape(1, 2, 2, 1), UNetConfiguration(channels: 4, multipliers: [1], blocks: 1, groups: 2))
    let preconditioning = Preconditioning(network, predicting: .edm)
    let x = try tensor("edm.x")
    let given = Tensor(x.shape)
    given.assign(x, x, samples: levels.map { (preconditioning.inputScale($0), 0) })
    #expect(isNear(given.channelsFirst, try fixture.floats("edm.given"), tolerance: 1e-6))
    let told = levels.map {
      preconditioning.noise(NoiseStep(index: nil, timestep: 0, level: $0))
    }
    #expect(isClose(told, try fixture.doubles("edm.noise"), relative: 1e-6, absolute: 1e-6))
    let prediction = Parameterization.edm.prediction(
      try tensor("edm.answer"), x: x, levels: levels)
    #expect(isNear(prediction.x0.channelsFirst, try fixture.floats("edm.x0")))
  }

  @Test("c_skip, c_out and the weights are those of Karras et al. at five levels")
  func edmTable() {
    let rows = [
      (0.002, 250_004.0, 0.999984, 0.001999984), (0.1, 104, 0.9615385, 0.09805807),
      (0.5, 8, 0.5, 0.3535534), (1, 5, 0.2, 0.4472136), (80, 4.000156, 3.906097e-5, 0.4999902),
    ]
    for (sigma, weight, skip, output) in rows {
      let step = NoiseStep(index: nil, timestep: 0, level: NoiseLevel(sigma: sigma))
      let factors = Parameterization.edm.conversion(at: step.level).x0
      #expect(isClose([factors.x, factors.output], [skip, output], relative: 1e-6))
      let found = Weighting(.edm).weights(at: [step], along: .linear(), predicting: .x0)
      #expect(isClose(found, [weight], relative: 1e-6))
    }
  }

  // MARK: How errors count

  @Test(
    "weights are the papers', whatever is predicted",
    arguments: [
      "min-snr.epsilon", "min-snr.x0", "min-snr.v", "snr.x0", "snr.v", "p2.epsilon", "edm.x0",
      "edm.edm", "soft-min-snr.edm", "power.score",
    ])
  func weights(_ name: String) throws {
    let parts = name.split(separator: ".").map(String.init)
    var weighting = Weighting(try #require(Weighting.Kind(rawValue: parts[0])))
    if weighting.kind == .p2 { weighting.gamma = 0.5 }
    let kind = try #require(Parameterization.Kind(rawValue: parts[1]))
    let linear = Schedule.linear()
    let isUnscaled = ["edm", "soft-min-snr", "power"].contains(parts[0])
    let steps =
      isUnscaled
      ? try fixture.doubles("edm.sigmas").map {
        NoiseStep(index: nil, timestep: 0, level: NoiseLevel(sigma: $0))
      } : try fixture.doubles("timesteps").map { linear.step(at: Int($0)) }
    let found = weighting.weights(at: steps, along: linear, predicting: Parameterization(kind))
    // σ are float32 where the data is not scaled.
    let relative = isUnscaled ? 1e-6 : 1e-9
    #expect(isClose(found, try fixture.doubles("weights.\(name)"), relative: relative))
  }

  @Test("the variational bound's are improved-diffusion's at every level")
  func bound() throws {
    let schedule = Schedule.linear()
    let steps = (0..<1000).map { schedule.step(at: $0) }
    let found = Weighting(.vlb).weights(at: steps, along: schedule, predicting: .epsilon)
    #expect(isClose(found, try fixture.doubles("weights.vlb.epsilon"), relative: 1e-8))
    let golden = [1: 0.59967152, 10: 0.07897654, 100: 0.01017838, 500: 0.00551446, 999: 0.0102045]
    for (t, weight) in golden { #expect(isClose(found[t], weight, relative: 1e-6)) }
    #expect(isClose(found.dropFirst().reduce(0, +), 10.170493, relative: 1e-7))
  }

  @Test("levels of great loss are drawn as in improved-diffusion, once each was seen ten times")
  func importance() throws {
    let losses = try fixture.doubles("importance.losses")
    let schedule = Schedule.linear(timesteps: 5)
    var history = TrainingNoise.History()
    for round in 0..<10 {
      #expect(history.probabilities(5) == nil)
      history.add(
        (0..<5).map { losses[10 * $0 + round] }, at: (0..<5).map { schedule.step(at: $0) }, count: 5
      )
    }
    let expected = try fixture.doubles("importance.probabilities")
    #expect(isClose(history.probabilities(5) ?? [], expected, relative: 1e-12))

    var random = Random(seed: 3)
    let (steps, shares) = TrainingNoise(.importance).draw(
      20_000, along: schedule, history, using: &random)
    for level in 0..<5 {
      let places = steps.indices.filter { steps[$0].index == level }
      #expect(abs(Double(places.count) / 20_000 - expected[level]) < 0.01)
      #expect(places.allSatisfy { isClose(shares[$0], 1 / (5 * expected[level]), relative: 1e-9) })
    }
    // A schedule with another number of levels begins anew.
    history.add([1], at: [Schedule.linear(timesteps: 7).step(at: 0)], count: 7)
    #expect(history.probabilities(7) == nil)
  }

  // MARK: Averages

  @Test("decays are those of diffusers, torch_ema and EDM")
  func averages() throws {
    let updates = try fixture.ints("ema.updates")
    var average = EMA(decay: 0.9999)
    average.rule = .power
    #expect(
      isClose(
        updates.map { average.decay(atUpdate: $0) }, try fixture.doubles("ema.power"),
        relative: 1e-9))
    average.rule = .halfLife
    #expect(
      isClose(
        updates.map { average.decay(atUpdate: $0, batch: 64) },
        try fixture.doubles("ema.half-life"),
        relative: 1e-9))
    average.rule = .warmUp
    #expect(
      isClose(
        [1, 10, 100, 1000].map { average.decay(atUpdate: $0) },
        [0.181818, 0.55, 0.918182, 0.991089], relative: 1e-5))
    average.rule = .constant
    #expect(average.decay(atUpdate: 1) == 0.9999)
  }
}

@Suite("Noise in training")
struct TrainingNoiseTests {
  private func draw(
    _ noise: TrainingNoise, _ count: Int, along schedule: Schedule
  ) -> [NoiseStep] {
    var random = Random(seed: 2)
    return noise.draw(count, along: schedule, TrainingNoise.History(), using: &random).steps
  }

  @Test("log-normal noise has EDM's mean and deviation, and its place in the schedule")
  func logNormal() {
    let schedule = KarrasSchedule().make()
    for stratified in [false, true] {
      var noise = TrainingNoise(.logNormal)
      noise.stratified = stratified
      let steps = draw(noise, 20_000, along: schedule)
      let values = steps.map { log($0.level.sigmaOverAlpha) }
      let mean = values.reduce(0, +) / 20_000
      let deviation = (values.reduce(0) { $0 + pow($1 - mean, 2) } / 20_000).squareRoot()
      #expect(abs(mean + 1.2) < (stratified ? 1e-3 : 0.03))
      #expect(abs(deviation - 1.2) < (stratified ? 2e-3 : 0.03))
      #expect(steps.allSatisfy { (0...999).contains($0.timestep) && $0.level.alpha == 1 })
    }
  }

  @Test("a flow's logit-normal times stay in the schedule")
  func logitNormal() {
    var noise = TrainingNoise(.logitNormal)
    (noise.mean, noise.standardDeviation) = (0, 4)
    let steps = draw(noise, 5000, along: FlowSchedule().make())
    let times = steps.map(\.level.sigma)
    #expect(times.allSatisfy { (0.001...1).contains($0) })
    #expect(steps.allSatisfy { isClose($0.level.alpha + $0.level.sigma, 1, relative: 1e-9) })
    #expect(abs(times.reduce(0, +) / 5000 - 0.5) < 0.02)
  }

  @Test("stratified levels cover the schedule evenly")
  func stratified() {
    var noise = TrainingNoise()
    noise.stratified = true
    let schedule = Schedule.linear(timesteps: 100)
    #expect(draw(noise, 100, along: schedule).compactMap(\.index) == Array(0..<100))
    #expect(
      draw(noise, 10, along: schedule).compactMap(\.index).enumerated().allSatisfy {
        $1 / 10 == $0
      })
    noise.kind = .logSNR
    let values = draw(noise, 64, along: schedule).map(\.level.logSNR)
    #expect(zip(values, values.dropFirst()).allSatisfy { $0 > $1 })
  }

  @Test("the quantile of the normal distribution")
  func quantile() {
    for (p, z) in [(0.5, 0.0), (0.975, 1.959963984540054), (0.001, -3.090232306167813)] {
      #expect(isClose(normalQuantile(p), z, relative: 1e-9, absolute: 1e-9))
    }
  }
}

@Suite("All objectives")
struct ObjectiveCombinationTests {
  static let families: [(String, any ScheduleFamily)] = [
    ("linear", LinearSchedule()), ("log-linear", LogLinearSchedule()), ("flow", shortFlow),
    ("sub-vp", ContinuousSchedule()),
  ]

  private static var shortFlow: FlowSchedule {
    var flow = FlowSchedule()
    flow.tMax = 0.999
    return flow
  }

  /// Every prediction with every weighting and every noise.
  static let objectives: [DenoisingObjective] = Parameterization.allCases.flatMap { prediction in
    Weighting.Kind.allCases.flatMap { weighting in
      TrainingNoise.Kind.allCases.map { noise in
        var objective = DenoisingObjective(predicting: prediction)
        (objective.weighting.kind, objective.noise.kind) = (weighting, noise)
        return objective
      }
    }
  }

  @Test("each takes a finite step along each kind of process, or says why not", arguments: families)
  func steps(_ name: String, _ family: any ScheduleFamily) throws {
    let data = Points.swissroll()
    let schedule = try ScheduleConfiguration(family).make()
    for objective in Self.objectives {
      if let conflict = objective.conflict {
        #expect(objective.weighting.kind == .vlb && conflict.keys == ["weighting", "noise"])
        continue
      }
      let network = Network.mlp(data.shape, hidden: [4])
      #expect(
        Preconditioning(network, predicting: objective.parameterization).problem(with: schedule)
          == nil)
      let trainer = Trainer(
        network, on: data, schedule: schedule, objective: objective,
        TrainingConfiguration(batchSize: 8, steps: 2))
      let metrics = trainer.map { $0 }
      #expect(
        metrics.count == 2 && metrics.allSatisfy(\.isFinite),
        "\(name) \(objective.parameterization.rawValue) \(objective.weighting) \(objective.noise)")
    }
  }

  @Test("what training taught about levels is kept, and goes on")
  func resumes() throws {
    var objective = DenoisingObjective()
    objective.noise.kind = .importance
    let data = Points.swissroll()
    func trainer() -> Trainer {
      Trainer(
        Network.mlp(data.shape, hidden: [4]), on: data, schedule: .linear(timesteps: 4),
        objective: objective, TrainingConfiguration(batchSize: 16, steps: 40))
    }
    let whole = trainer()
    let losses = whole.map(\.loss)
    let (first, second) = (trainer(), trainer())
    for _ in 0..<15 { _ = first.next() }
    #expect(!first.state.objective.isEmpty)
    try second.restore(first.state)
    #expect(second.map(\.loss) == Array(losses.dropFirst(15)))
  }

  @Test("the best possible loss weighs and draws as training does")
  func floor() {
    let ideal = IdealDenoiser([-1, 1], Shape(2, 1, 1, 1))
    let schedule = Schedule.logLinear(timesteps: 20, sigmaMin: 0.1, sigmaMax: 5)
    func floor(_ prediction: Parameterization, _ weighting: Weighting.Kind) -> Double {
      var objective = DenoisingObjective(predicting: prediction)
      objective.weighting.kind = weighting
      var random = Random(seed: 1)
      return objective.expectedLoss(of: ideal, along: schedule, draws: 2000, using: &random)
    }
    // The same errors under other names.
    #expect(isClose(floor(.x0, .snr), floor(.epsilon, .plain), relative: 1e-9))
    #expect(isClose(floor(.x0, .edm), floor(.edm, .plain), relative: 1e-9))
    #expect(isClose(floor(.v, .minSNR), floor(.x0, .minSNR), relative: 1e-9))
    #expect(floor(.epsilon, .plain) > 0)
  }
}
