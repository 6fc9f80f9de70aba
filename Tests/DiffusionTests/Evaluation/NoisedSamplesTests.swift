import Testing

@testable import Diffusion

@Suite("Noised samples")
struct NoisedSamplesTests {
  private let data = Dataset(
    name: "pair", kind: .image, shape: Shape(1, 2, 2, 1), range: -1...1,
    values: [1, -1, 1, -1, -1, 1, -1, 1])

  @Test("their noise has the deviation that is asked for, and is the same whatever the count")
  func noise() {
    let indices = (0..<200).map { $0 % 2 }
    let samples = NoisedSamples(data, at: indices, seed: 3)
    let differences = zip(samples.noisy(0.5), samples.clean).map { Double($0 - $1) }
    let variance = differences.reduce(0) { $0 + $1 * $1 } / Double(differences.count)
    #expect(isClose(variance.squareRoot(), 0.5, relative: 0.08))
    let few = NoisedSamples(data, at: Array(indices.prefix(3)), seed: 3)
    #expect(few.noisy(0.5) == Array(samples.noisy(0.5).prefix(12)))
  }

  @Test(
    "the ideal denoiser gives data back where there is little noise, their mean where there is much"
  )
  func exact() {
    let denoiser = IdealDenoiser(data)
    let samples = NoisedSamples(data, at: (0..<130).map { $0 % 2 }, seed: 0)
    func error(_ sigma: Double) -> Double {
      samples.error(
        of: denoiser,
        at: NoiseStep(index: nil, timestep: 0, level: NoiseLevel(sigma: sigma)))
    }
    #expect(error(0.1) < 1e-6)
    #expect(isClose(error(1000), 1, relative: 1e-2))
  }

  @Test("a reverse path of one step is the estimate; one of many ends at data")
  func path() {
    let denoiser = IdealDenoiser(data)
    let schedule = LogLinearSchedule().make()
    let samples = NoisedSamples(data, at: [0, 1, 0], seed: 1)
    let step = schedule.step(sigmaOverAlpha: 2)
    let one = samples.endOfTrajectory(by: denoiser, along: schedule, from: step, steps: 1)
    #expect(isClose(one, samples.estimates(by: denoiser, at: step), absolute: 1e-6))
    let many = samples.endOfTrajectory(by: denoiser, along: schedule, from: step, steps: 30)
    #expect(many.allSatisfy { abs(abs($0) - 1) < 1e-3 })
  }
}
