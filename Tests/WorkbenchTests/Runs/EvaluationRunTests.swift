import Foundation
import Testing

@testable import Diffusion
@testable import Workbench

@Suite("Samples judged while a run trains")
struct EvaluationRunTests {
  private func withRun<Result>(_ body: (RunFolder) throws -> Result) throws -> Result {
    let path = FileManager.default.temporaryDirectory.path + "/workbench-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(RunFolder(path: path))
  }

  private func recipe(steps: Int = 1_000_000, metric: EvaluationConfiguration.Metric) -> Recipe {
    var recipe = Recipe.tiny(steps: steps)
    recipe.evaluation.interval = 10
    recipe.evaluation.count = 30
    recipe.evaluation.share = 1
    recipe.evaluation.metric = metric
    return recipe
  }

  @Test("figures are told, kept with the metrics and shown again; the best checkpoint stays")
  func whole() throws {
    try withRun { folder in
      let log = EventLog()
      let run = TrainingRun { log.add($0) }
      let recipe = recipe(metric: .slicedWasserstein)
      run.start(.training(TrainingJob(recipe: recipe, place: .folder(folder))))
      #expect(log.wait { $0.judged.count >= 3 })
      run.send(.stop)
      #expect(log.wait { $0.phases.last == .stopped })
      let told = log.judged
      #expect(told.first?.record.isBest == true)
      #expect(told.allSatisfy { $0.step % 1 == 0 && $0.record.metric == .slicedWasserstein })
      #expect(zip(told, told.dropFirst()).allSatisfy { $1.step >= $0.step + 10 })
      let cost = try #require(told.last?.record.costShare)
      #expect(cost > 0 && cost <= 1)
      for (_, record) in told {
        let (low, high) = (record.averaged.low ?? .nan, record.averaged.high ?? .nan)
        #expect(low <= record.averaged.value && record.averaged.value <= high)
        #expect(record.averaged != record.raw && record.heldOut > 0)
      }

      let records = try JSONLines.read(folder.metricsPath, as: StepRecord.self)
      #expect(records.compactMap(\.quality) == told.map(\.record))
      let best = try Checkpoint(contentsOf: folder.bestPath)
      #expect(best.state.step == told.last { $0.record.isBest == true }?.step)
      #expect(try Model(contentsOf: folder.bestPath).step == best.state.step)
      #expect(!FileManager.default.fileExists(atPath: folder.candidatePath))

      // A run that goes on knows what was best, and shows the curve.
      let again = EventLog()
      let resumed = TrainingRun { again.add($0) }
      let loaded = try folder.checkpoint().currentRecipe(path: folder.path)
      resumed.start(.training(TrainingJob(recipe: loaded, place: .resume(folder))))
      #expect(again.wait { !$0.judged.isEmpty })
      resumed.send(.stop)
      #expect(again.wait { $0.phases.last == .stopped })
      var history = RunHistory()
      for case .started(let facts) in again.all {
        for record in facts.history { history.add(record) }
      }
      #expect(history.quality.map(\.record) == told.map(\.record))
      let lowest = told.map(\.record.averaged.value).min() ?? 0
      for (_, record) in again.judged.prefix(1) {
        #expect((record.isBest == true) == (record.averaged.value < lowest))
      }
    }
  }

  @Test("training takes the same steps whether or not samples are judged")
  func training() throws {
    func losses(_ recipe: Recipe) throws -> [Double] {
      try withRun { folder in
        let log = EventLog()
        let run = TrainingRun { log.add($0) }
        run.start(.training(TrainingJob(recipe: recipe, place: .folder(folder))))
        #expect(log.wait { $0.phases.last == .finished })
        run.send(.stop)
        #expect(log.wait { $0.phases.last == .stopped })
        return log.losses
      }
    }
    #expect(try losses(recipe(steps: 60, metric: .kid)) == losses(.tiny(steps: 60)))
  }

  @Test("the last weights are judged where the program stays")
  func last() throws {
    try withRun { folder in
      let log = EventLog()
      let run = TrainingRun { log.add($0) }
      run.start(
        .training(TrainingJob(recipe: recipe(steps: 35, metric: .frechet), place: .folder(folder))))
      #expect(log.wait { $0.judged.last?.step == 35 })
      run.send(.stop)
      #expect(log.wait { $0.phases.last == .stopped })
    }
  }

  @Test("data that cannot be judged is told in a sentence, and training goes on")
  func problem() throws {
    try withRun { folder in
      let log = EventLog()
      let run = TrainingRun { log.add($0) }
      var wrong = recipe(metric: .slicedWasserstein)
      wrong.data.source = "sine"
      wrong.network = NetworkConfiguration(DenseConfiguration())
      run.start(.training(TrainingJob(recipe: wrong, place: .folder(folder))))
      #expect(
        log.wait {
          $0.all.contains {
            if case .evaluation(.problem(let sentence)) = $0 {
              sentence.contains("for points; expected kid or frechet")
            } else {
              false
            }
          }
        })
      let steps = log.losses.count
      #expect(log.wait { $0.losses.count > steps })
      run.send(.stop)
      #expect(log.wait { $0.phases.last == .stopped })
      #expect(log.judged.isEmpty)
    }
  }

  @Test("a twentieth of two processors is a tenth of one: nine times as much rest as work")
  func pace() {
    #expect(abs(Pace.rest(forShare: 0.05, of: 2) - 9) < 1e-9)
    #expect(Pace.rest(forShare: 1, of: 4) == 0)
    let pace = Pace(rest: 1000)
    let start = ContinuousClock.now
    // It rests only while something else wants the processors, and a rest can be ended.
    pace.rest(after: 10)
    pace.yields(true)
    pace.rest(after: 10)
    #expect(ContinuousClock.now - start < .seconds(5))
  }
}

extension EventLog {
  var judged: [(step: Int, record: QualityRecord)] {
    all.compactMap {
      if case .judged(let step, let record) = $0 { (step, record) } else { nil }
    }
  }
}
