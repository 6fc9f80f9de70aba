import Diffusion
import Foundation
import Testing

@Suite("Noise levels")
struct NoiseLevelTests {
  @Test("the views of a variance-preserving level agree with each other")
  func viewsOfVariancePreservingLevels() {
    let level = NoiseLevel(alphaBar: 0.2)
    #expect(isClose(level.alpha * level.alpha, 0.2))
    #expect(isClose(level.sigma * level.sigma, 0.8))
    #expect(isClose(level.sigmaOverAlpha, 2))
    #expect(isClose(level.snr, 0.25))
    #expect(isClose(level.logSNR, log(0.25)))
    #expect(isClose(level.snrDecibels, 10 * log10(0.25)))
    #expect(isClose(level.alphaBar, 0.2))
  }

  @Test("an exploding level has the power share of the preserving level of the same ratio")
  func viewsOfExplodingLevels() {
    let level = NoiseLevel(sigma: 2)
    #expect(level.alpha == 1)
    #expect(level.sigmaOverAlpha == 2)
    #expect(isClose(level.alphaBar, 0.2))
  }

  @Test("a clean level has infinite signal-to-noise ratio, one without signal infinite ratio")
  func ends() {
    #expect(NoiseLevel.clean.snr == .infinity)
    #expect(NoiseLevel.clean.sigmaOverAlpha == 0)
    #expect(NoiseLevel(alphaBar: 0).sigmaOverAlpha == .infinity)
    #expect(NoiseLevel(alphaBar: 0).logSNR == -.infinity)
  }

  @Test("sampling starts from σ where variance explodes and from 1 where it is preserved")
  func startingDeviation() {
    #expect(NoiseLevel(sigma: 10).startingDeviation == 10)
    #expect(isClose(NoiseLevel(alphaBar: 4e-5).startingDeviation, 1))
  }
}
