import Testing

@testable import Diffusion

@Suite("Classifier-free guidance")
struct GuidanceTests {
  /// Answers recorded numbers: those with the condition where the label is 3, else those without.
  private final class Recorded: Denoiser {
    let conditional: Tensor
    let free: Tensor
    let parameterization: Parameterization
    var batches: [Int] = []

    init(
      _ conditional: Tensor, _ free: Tensor,
      predicting parameterization: Parameterization = .epsilon
    ) {
      (self.conditional, self.free) = (conditional, free)
      self.parameterization = parameterization
    }

    func predict(_ query: Query) -> Prediction {
      batches.append(query.x.shape.batch)
      let size = query.x.shape.sampleCount
      let count = conditional.shape.batch
      let output = Tensor(query.x.shape)
      var values: [Float] = []
      let labels = query.condition.labels
      for sample in 0..<query.x.shape.batch {
        let label = labels[sample % labels.count]
        let source = label == 3 ? conditional : free
        let place = sample % count
        values += source.values[place * size..<(place + 1) * size]
      }
      output.assign(values)
      return parameterization.prediction(output, x: query.x, levels: query.levels)
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
          // A scale of 1 is no guidance.
          #expect(recorded.batches == [scale + offset == 1 ? 2 : 4])
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

  @Test(
    "rescaled, it is diffusers', whatever the network predicts",
    arguments: [Parameterization.epsilon, .x0, .v])
  func rescaled(_ parameterization: Parameterization) throws {
    let fixture = try Fixture("guidance")
    let (alphas, sigmas) = (try fixture.doubles("alpha"), try fixture.doubles("sigma"))
    let shape = Shape(2, 4, 2, 3)
    for (index, (alpha, sigma)) in zip(alphas, sigmas).enumerated() {
      func tensor(_ name: String) throws -> Tensor {
        let all = try fixture.floats(name)
        return Tensor(
          channelsFirst: Array(all[index * shape.count..<(index + 1) * shape.count]), shape)
      }
      let step = NoiseStep(
        index: nil, timestep: 0, level: NoiseLevel(alpha: alpha, sigma: sigma))
      let query = Query(try tensor("x"), at: step, condition: Condition(labels: [3]))
      for scale in [2.0, 7.5] {
        for phi in [0.0, 0.3, 0.7, 1.0] {
          let recorded = Recorded(
            try tensor("conditional"), try tensor("unconditional"), predicting: parameterization)
          let guided = GuidedDenoiser(
            recorded, Guidance(scale: scale, rescale: phi), nullLabel: 9,
            predicting: parameterization
          ).predict(query)
          for (found, what) in [(guided.x0, "x0"), (guided.epsilon, "epsilon")] {
            let name = "\(parameterization.rawValue).\(scale).\(phi).\(what)"
            #expect(
              isNear(found.channelsFirst, try tensor(name).channelsFirst, tolerance: 1e-5),
              "\(name) at α = \(alpha)")
          }
          #expect(recorded.batches == [4])
        }
      }
    }
  }

  @Test("in an interval of σ/α, other levels get the conditional prediction in one single batch")
  func interval() throws {
    let shape = Shape(2, 1, 1, 3)
    var random = Random(seed: 3)
    let (conditional, free, x) = (Tensor(shape), Tensor(shape), Tensor(shape))
    for tensor in [conditional, free, x] { random.fillNormal(tensor) }
    func answer(_ ratio: Double, _ guidance: Guidance) -> (epsilon: [Float], batches: [Int]) {
      let recorded = Recorded(conditional, free)
      let step = NoiseStep(index: nil, timestep: 0, level: NoiseLevel(sigma: ratio))
      let query = Query(x, at: step, condition: Condition(labels: [3]))
      let guided = GuidedDenoiser(recorded, guidance, nullLabel: 9).predict(query)
      return (guided.epsilon.values, recorded.batches)
    }
    let everywhere = Guidance(scale: 3)
    let inside = Guidance(scale: 3, rescale: 0.5, above: 0.3, upTo: 2)
    // The lower end is not part of it, the upper is.
    for ratio in [0.1, 0.3, 2.1] {
      #expect(answer(ratio, inside) == (conditional.values, [2]))
    }
    for ratio in [0.31, 1.0, 2.0] {
      let full = answer(ratio, Guidance(scale: 3, rescale: 0.5))
      #expect(answer(ratio, inside) == full)
      #expect(full.batches == [4])
      #expect(full.epsilon != answer(ratio, everywhere).epsilon)
    }
  }

  @Test("samples at different levels are guided each by its own")
  func mixedLevels() {
    let shape = Shape(2, 1, 1, 3)
    var random = Random(seed: 4)
    let (conditional, free, x) = (Tensor(shape), Tensor(shape), Tensor(shape))
    for tensor in [conditional, free, x] { random.fillNormal(tensor) }
    let steps = [0.1, 1.0].map {
      NoiseStep(index: nil, timestep: 0, level: NoiseLevel(sigma: $0))
    }
    let recorded = Recorded(conditional, free)
    let query = Query(x, steps: steps, condition: Condition(labels: [3]))
    let guided = GuidedDenoiser(
      recorded, Guidance(scale: 3, above: 0.5, upTo: 2), nullLabel: 9
    ).predict(query).epsilon.values
    #expect(Array(guided.prefix(3)) == Array(conditional.values.prefix(3)))
    let expected = zip(conditional.values, free.values).map { 3 * $0 - 2 * $1 }
    #expect(isClose(Array(guided.suffix(3)), Array(expected.suffix(3))))
    #expect(recorded.batches == [4])
  }
}
