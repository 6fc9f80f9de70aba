import Testing

@testable import Diffusion
@testable import Workbench

@Suite("Run history")
struct RunHistoryTests {
  @Test("a long run stays within bounds and keeps its extremes")
  func staysWithinBounds() {
    var history = RunHistory()
    for step in 1...40_000 {
      history.add(.invented(step: step, loss: step == 31_234 ? 9 : 1))
    }
    #expect(history.points.count <= 8192)
    #expect(history.points.map(\.highestLoss).max() == 9)
    #expect(history.points.map(\.lowestLoss).min() == 1)
    #expect(history.points[0].step == history.stepsPerPoint)
    #expect(history.last?.step == 40_000)
  }

  @Test("validation losses stay within bounds, the newest among them")
  func validation() {
    var history = RunHistory()
    for step in 1...20_000 {
      history.add(StepRecord(step: step, loss: 1, validation: step % 2 == 0 ? Double(step) : nil))
    }
    #expect(history.validation.count <= 8192)
    #expect(history.validation.last?.step == 20_000)
    #expect(history.validation.allSatisfy { $0.loss == Double($0.step) })
  }

  @Test("smoothing a constant gives the constant, from the first step on")
  func smoothingAConstant() {
    var history = RunHistory()
    for step in 1...50 { history.add(.invented(step: step, loss: 0.25)) }
    #expect(history.smoothedLosses(weight: 0.9).allSatisfy { abs($0 - 0.25) < 1e-12 })
  }

  @Test("a loss that is not finite leaves a gap and does not spoil the average")
  func gap() {
    var history = RunHistory()
    for loss in [1, .nan, 1] as [Double] { history.add(.invented(step: 1, loss: loss)) }
    let smoothed = history.smoothedLosses(weight: 0.5)
    #expect(smoothed[1].isNaN)
    #expect(smoothed[2] == 1)
  }

  @Test("no estimate of the time left before ten steps and ten seconds")
  func timeLeft() throws {
    var history = RunHistory()
    for step in 1...9 { history.add(.invented(step: step, duration: 2)) }
    #expect(history.secondsLeft(lastStep: 100) == nil)
    history.add(.invented(step: 10, duration: 2))
    #expect(abs(try #require(history.secondsLeft(lastStep: 100)) - 180) < 1e-9)
  }
}

@Suite("Loss by noise level")
struct NoiseLevelWindowTests {
  @Test("only the last steps count")
  func window() {
    var window = NoiseLevelWindow(length: 2)
    for loss in [8, 1, 3] as [Double] {
      window.add(.invented(step: 1, loss: loss), timesteps: 200)
    }
    let bin = 150 * NoiseLevelWindow.bins / 200
    #expect(window.losses[bin] == 2)
    #expect(window.losses[0].isNaN)
    #expect(window.sigmaCounts.reduce(0, +) == 4)
    #expect(window.hardest == 10 * NoiseLevelWindow.bins / 200 || window.hardest == bin)
  }

  @Test("levels without any signal left have a place among the bars")
  func noSignal() {
    var window = NoiseLevelWindow()
    let metrics = StepMetrics(
      step: 1, loss: 1, gradientNorm: 1, learningRate: 1, averageDecay: 1, timesteps: [199, 0],
      sigmas: [.infinity, 0], sampleLosses: [1, 1])
    window.add(metrics, timesteps: 200)
    #expect(window.sigmaCounts.first == 1 && window.sigmaCounts.last == 1)
  }
}
