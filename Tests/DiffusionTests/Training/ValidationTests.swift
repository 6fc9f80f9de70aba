import Testing

@testable import Diffusion

@Suite("Validation")
struct ValidationTests {
  private static func configuration(_ validation: Double, seed: UInt64 = 0) -> DataConfiguration {
    var data = DataConfiguration(source: "moons")
    (data.validation, data.validationSeed) = (validation, seed)
    return data
  }

  private static func samples(_ dataset: Dataset) -> [[Float]] {
    (0..<dataset.count).map { dataset[$0] }
  }

  @Test("nothing is kept unless asked for, and all samples are in their order")
  func none() throws {
    let (training, validation) = try Self.configuration(0).split()
    #expect(validation == nil)
    #expect(Self.samples(training) == Self.samples(try Self.configuration(0).load()))
  }

  @Test("each sample with its label is in one of the two, the same ones each time")
  func parts() throws {
    let all = try Self.configuration(0).load()
    let (training, kept) = try Self.configuration(0.2).split()
    let validation = try #require(kept)
    #expect(validation.count == all.count / 5)
    #expect(training.count + validation.count == all.count)
    func labelled(_ dataset: Dataset) -> [[Float]] {
      (0..<dataset.count).map { dataset[$0] + [Float(dataset.labels?[$0] ?? -1)] }
    }
    #expect(Set(labelled(training) + labelled(validation)) == Set(labelled(all)))
    let again = try #require(try Self.configuration(0.2).split().validation)
    #expect(Self.samples(again) == Self.samples(validation))
    let other = try #require(try Self.configuration(0.2, seed: 1).split().validation)
    #expect(Self.samples(other) != Self.samples(validation))
    // In the order of the file.
    let order = Self.samples(all)
    let places = Self.samples(training).map { order.firstIndex(of: $0) ?? -1 }
    #expect(places == places.sorted())
  }

  @Test("at least one sample is trained on, and a part of less than half a sample is none")
  func small() throws {
    var data = DataConfiguration(source: "moons", classes: ["lower"])
    data.validation = 0.5
    #expect(try data.split().training.count == 50)
    data.validation = 0.001
    #expect(try data.split().validation == nil)
  }

  private static func trainer(_ data: Dataset) -> Trainer {
    Trainer(
      .mlp(data.shape, hidden: [16, 32, 16], classes: 2), on: data,
      schedule: .logLinear(timesteps: 100, sigmaMin: 0.05, sigmaMax: 2),
      TrainingConfiguration(
        batchSize: 32, steps: 400, learningRate: LearningRateSchedule(3e-3), seed: 3))
  }

  @Test("training goes on as if nothing had been asked, and the answer is the same twice")
  func leavesTrainingAlone() throws {
    let (data, kept) = try Self.configuration(0.2).split()
    let validation = try #require(kept)
    let (alone, watched) = (Self.trainer(data), Self.trainer(data))
    let expected = alone.prefix(20).map { $0 }
    var found: [StepMetrics] = []
    var losses: [Double] = []
    for metrics in watched.prefix(20) {
      found.append(metrics)
      losses.append(watched.validationLoss(on: validation))
      #expect(watched.validationLoss(on: validation) == losses.last)
    }
    #expect(found == expected)
    #expect(watched.rawWeights.values == alone.rawWeights.values)
    #expect(Set(losses).count == 20)
  }

  @Test("of the training data it is the training loss, and it falls much more smoothly")
  func agreesWithTraining() throws {
    let data = try Self.configuration(0).load()
    let trainer = Self.trainer(data)
    var (training, validation): ([Double], [Double]) = ([], [])
    for metrics in trainer {
      training.append(metrics.loss)
      validation.append(trainer.validationLoss(on: data))
    }
    let means = [training, validation].map { $0.suffix(200).reduce(0, +) / 200 }
    #expect(isClose(means[0], means[1], relative: 0.1), "\(means)")
    func unrest(_ losses: [Double]) -> Double {
      zip(losses.suffix(200), losses.suffix(199)).reduce(0) { $0 + abs($1.0 - $1.1) }
    }
    #expect(unrest(validation) < unrest(training) / 3)
  }
}
