import Testing

@testable import Diffusion

@Suite("Classifier-free guidance")
struct GuidanceTests {
  /// Answers recorded numbers: those with the condition where the label is 3, else those without.
  private final class Recorded: Denoiser {
    let conditional: Tensor
    let free: Tensor
    var batches: [Int] = []

    init(_ conditional: Tensor, _ free: Tensor) {
      (self.conditional, self.free) = (conditional, free)
    }

    func predict(_ query: Query) -> Prediction {
      batches.append(query.x.shape.batch)
      let size = query.x.shape.sampleCount
      let count = conditional.shape.batch
      let epsilon = Tensor(query.x.shape)
      var values: [Float] = []
      for (sample, label) in query.condition.labels.enumerated() {
        let source = label == 3 ? conditional : free
        let place = sample % count
        values += source.values[place * size..<(place + 1) * size]
      }
      epsilon.assign(values)
      return Parameterization.epsilon.prediction(epsilon, x: query.x, levels: query.levels)
    }
  }

  @Test("is diffusers' and smalldiffusion's, in one batch of twice the size")
  func references() throws {
    let fixture = try Fixture("solvers")
    let (alphas, sigmas) = (
      try fixture.doubles("guidance.alpha"), try fixture.doubles("guidance.sigma")
    )
    let shape = Shape(2, 2, 2, 3)
    for (index, (alpha, sigma)) in zip(alphas, sigmas).enumerated() {
      func tensor(_ name: String) throws -> Tensor {
        let all = try fixture.floats("guidance.\(name)")
        return Tensor(
          channelsFirst: Array(all[index * shape.count..<(index + 1) * shape.count]), shape)
      }
      let step = NoiseStep(
        index: nil, timestep: 0, level: NoiseLevel(alpha: alpha, sigma: sigma))
      let query = Query(try tensor("x"), at: step, condition: Condition(labels: [3]))
      for (library, offset) in [("diffusers", 0.0), ("smalldiffusion", 1.0)] {
        for scale in [0.0, 1.0, 2.0, 7.5] {
          let recorded = Recorded(try tensor("conditional"), try tensor("unconditional"))
          // smalldiffusion's scale is what is added to the condition alone.
          let guided = GuidedDenoiser(recorded, scale: scale + offset, nullLabel: 9).predict(query)
          let name = "\(library).\(scale)"
          #expect(
            isNear(
              guided.epsilon.channelsFirst, try tensor("\(name).epsilon").channelsFirst,
              tolerance: 1e-5), "\(name)")
          #expect(
            isNear(
              guided.x0.channelsFirst, try tensor("\(name).x0").channelsFirst, tolerance: 1e-5),
            "\(name)")
          #expect(recorded.batches == [4])
        }
      }
    }
  }

  @Test("without a condition the denoiser is asked as it is")
  func withoutCondition() {
    let recorded = Recorded(Tensor(Shape(1, 1, 1, 1)), Tensor(Shape(1, 1, 1, 1)))
    let query = Query(
      Tensor(Shape(1, 1, 1, 1), [1]), at: Schedule.linear().step(at: 500),
      condition: Condition(labels: []))
    _ = GuidedDenoiser(GaussianDenoiser(), scale: 3, nullLabel: 9).predict(query)
    #expect(recorded.batches.isEmpty)
  }
}
