import Foundation
import Testing

@testable import Diffusion

@Suite("Memorisation floor")
struct MemorizationFloorTests {
  /// Points of the line.
  private static func line(_ values: [Float], labels: [Int]? = nil) -> Dataset {
    Dataset(
      name: "line", kind: .signal, shape: Shape(1, 1, 1, 1), range: -1...1, values: values,
      labels: labels, classNames: labels == nil ? [] : ["a", "b"])
  }

  private static func estimate(_ floor: MemorizationFloor?, rounds: Int) throws
    -> MemorizationFloor.Estimate
  {
    var floor = try #require(floor)
    for _ in 0..<rounds { floor.refine() }
    return try #require(floor.estimate)
  }

  private static func isNear(
    _ values: [Double], _ errors: [Double], _ expected: [Double]
  ) -> Bool {
    values.count == expected.count
      && zip(zip(values, errors), expected).allSatisfy { found, expected in
        abs(found.0 - expected) <= 5 * found.1 && found.1 < 0.12 * expected
      }
  }

  // MARK: Against integrals

  @Test(
    "by noise level it is the integral, whatever is predicted and however it counts",
    arguments: [
      "vp.plain.epsilon", "vp.plain.x0", "vp.plain.v", "vp.plain.velocity", "vp.snr.v",
      "vp.min-snr.epsilon", "vp.p2.x0", "ve.plain.epsilon", "ve.plain.x0", "ve.plain.score",
      "ve.plain.edm", "ve.edm.x0", "ve.soft-min-snr.epsilon", "ve.power.score",
    ])
  func integrals(_ name: String) throws {
    let fixture = try Fixture("floors")
    let parts = name.split(separator: ".").map(String.init)
    let kind = try #require(Parameterization.Kind(rawValue: parts[2]))
    var objective = DenoisingObjective(predicting: Parameterization(kind))
    objective.weighting = Weighting(try #require(Weighting.Kind(rawValue: parts[1])))
    if objective.weighting.kind == .p2 { objective.weighting.gamma = 1 }
    let schedule =
      parts[0] == "vp"
      ? Schedule(.alphaBars(try fixture.doubles("alpha_bars")))
      : Schedule(.sigmas(try fixture.doubles("sigmas")))
    let expected = try fixture.doubles(name)
    let found = try Self.estimate(
      MemorizationFloor(
        of: objective, on: Self.line(try fixture.floats("data")), along: schedule,
        groups: schedule.count), rounds: 8000)
    #expect(Self.isNear(found.lossesByLevel, found.standardErrorsByLevel, expected))
    let mean = expected.reduce(0, +) / Double(expected.count)
    #expect(Self.isNear([found.loss], [found.standardError], [mean]))
  }

  @Test("levels count as often as training draws them")
  func logNormal() throws {
    let fixture = try Fixture("floors")
    var objective = DenoisingObjective(predicting: .edm)
    objective.noise.kind = .logNormal
    let schedule = Schedule.logLinear(timesteps: 100, sigmaMin: 1e-4, sigmaMax: 1e3)
    let found = try Self.estimate(
      MemorizationFloor(
        of: objective, on: Self.line(try fixture.floats("data")), along: schedule, groups: 32),
      rounds: 3000)
    let expected = try fixture.doubles("log-normal.edm")
    #expect(Self.isNear([found.loss], [found.standardError], expected))
    #expect(found.standardError < 0.02 * found.loss)
    // As training measures it with levels drawn one by one, not only in its mean.
    #expect(found.lossesByLevel[0].isNaN && !found.lossesByLevel[15].isNaN)
  }

  @Test("a network that is told classes has the floor of each class, but where training drops them")
  func classes() throws {
    let fixture = try Fixture("floors")
    let labels = try fixture.doubles("labels").map { Int($0) }
    let data = Self.line(try fixture.floats("data"), labels: labels)
    let schedule = Schedule(.alphaBars(try fixture.doubles("alpha_bars")))
    func floor(told: Bool, dropout: Double) throws -> MemorizationFloor.Estimate {
      try Self.estimate(
        MemorizationFloor(
          of: DenoisingObjective(predicting: .x0), on: data, along: schedule,
          groups: schedule.count,
          conditioned: told, labelDropout: dropout), rounds: 8000)
    }
    let found = try floor(told: true, dropout: 0.25)
    #expect(
      Self.isNear(
        found.lossesByLevel, found.standardErrorsByLevel, try fixture.doubles("classes.x0")))
    let (always, never) = (try floor(told: true, dropout: 0), try floor(told: false, dropout: 0))
    for ((low, middle), high) in zip(
      zip(always.lossesByLevel, found.lossesByLevel), never.lossesByLevel)
    {
      #expect(low < middle && middle < high)
    }
  }

  @Test("where the variance is learned, it is that of the squared error, below the hybrid loss")
  func learnedVariance() throws {
    let data = BuiltInData.digits14.make().select(Array(0..<40))
    func floor(learning: Bool) throws -> (Network, MemorizationFloor.Estimate) {
      var configuration = UNetConfiguration(channels: 4, multipliers: [1, 2], blocks: 1, groups: 2)
      configuration.learnsVariance = learning
      let network = Network.unet(data.shape, configuration)
      return (
        network,
        try Self.estimate(
          MemorizationFloor(
            of: DenoisingObjective(), on: data, along: .linear(timesteps: 50), groups: 8,
            for: network, labelDropout: 0), rounds: 40)
      )
    }
    let (network, found) = try floor(learning: true)
    #expect(network.learnsVariance)
    #expect(found == (try floor(learning: false)).1)
    let trainer = Trainer(
      network, on: data, schedule: .linear(timesteps: 50),
      TrainingConfiguration(batchSize: 32, steps: 20))
    #expect(trainer.allSatisfy { $0.loss > found.loss - 5 * found.standardError })
  }

  // MARK: Its ends

  @Test("one sample alone is known without doubt")
  func onePoint() throws {
    for prediction in Parameterization.allCases {
      let found = try Self.estimate(
        MemorizationFloor(
          of: DenoisingObjective(predicting: prediction), on: Self.line([0.3]),
          along: .logLinear(timesteps: 20), groups: 4), rounds: 20)
      #expect(found.loss < 1e-9 && found.standardError < 1e-9)
    }
  }

  @Test("without signal the noise is known, and of the data its mean; without noise neither counts")
  func ends() throws {
    let schedule = Schedule(.alphaBars([1, 0.5, 0]))
    let data = Self.line([-1, 1])
    func levels(_ prediction: Parameterization) throws -> [Double] {
      try Self.estimate(
        MemorizationFloor(
          of: DenoisingObjective(predicting: prediction), on: data, along: schedule, groups: 3),
        rounds: 200
      ).lossesByLevel
    }
    let (noise, clean, v) = (try levels(.epsilon), try levels(.x0), try levels(.v))
    // Where x is x_0, nothing is known of the noise; v is the noise there, and −x_0 where x is noise.
    #expect([noise[0], noise[2]] == [1, 0])
    #expect([clean[0], clean[2]] == [0, 1])
    #expect([v[0], v[2]] == [1, 1])
  }

  @Test("a seed gives the same estimate, and more rounds a better one")
  func rounds() throws {
    let data = Points.swissroll()
    func floor(_ rounds: Int) throws -> MemorizationFloor.Estimate {
      try Self.estimate(
        MemorizationFloor(
          of: DenoisingObjective(), on: data, along: .logLinear(timesteps: 100), groups: 8),
        rounds: rounds)
    }
    let (few, same, many) = (try floor(50), try floor(50), try floor(800))
    #expect(few == same && few.rounds == 50)
    #expect(many.standardError < few.standardError / 2.5)
    #expect(abs(many.loss - few.loss) < 4 * few.standardError)
  }

  @Test("a network that has learned a few points by heart comes near it, and not below")
  func overfitting() throws {
    let points = Points.swissroll()
    let data = points.select([3, 31, 62, 90])
    let schedule = Schedule.logLinear(timesteps: 100, sigmaMin: 0.1, sigmaMax: 2)
    let network = Network.mlp(data.shape, hidden: [64, 64, 64])
    let objective = DenoisingObjective()
    let trainer = Trainer(
      network, on: data, schedule: schedule, objective: objective,
      TrainingConfiguration(
        batchSize: 128, steps: 3000, learningRate: LearningRateSchedule(3e-3, decay: .cosine)))
    let losses = trainer.map(\.loss)
    let last = losses.suffix(300)
    let floor = try Self.estimate(
      MemorizationFloor(
        of: objective, on: data, along: schedule, groups: 10, for: network, labelDropout: 0),
      rounds: 3000)
    let mean = last.reduce(0, +) / Double(last.count)
    #expect(mean > floor.loss * 0.97 && mean < floor.loss * 1.15, "\(mean) \(floor.loss)")
    // Single batches may be lower.
    #expect(last.contains { $0 < floor.loss })
    #expect(losses[0] > 2 * floor.loss)
  }
}
