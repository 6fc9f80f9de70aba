import Testing

@testable import Diffusion

@Suite("Learning rate and average")
struct LearningRateTests {
  @Test("warm-up grows linearly and the cosine ends at zero")
  func warmupAndCosine() {
    let rate = LearningRateSchedule(2, warmup: 4, decay: .cosine)
    #expect((0..<4).map { rate.rate(at: $0, of: 104) } == [0.5, 1, 1.5, 2])
    #expect(rate.rate(at: 4, of: 104) == 2)
    #expect(abs(rate.rate(at: 54, of: 104) - 1) < 1e-12)
    #expect(rate.rate(at: 104, of: 104) < 1e-12)
  }

  @Test("the average's decay warms up as published")
  func averageWarmUp() {
    let average = EMA(decay: 0.99)
    let expected = [1: 0.181818, 10: 0.55, 100: 0.918182, 1000: 0.99]
    for (update, decay) in expected {
      #expect(abs(average.decay(atUpdate: update) - decay) < 1e-6)
    }
  }
}
